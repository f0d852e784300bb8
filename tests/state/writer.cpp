// SPDX-License-Identifier: GPL-3.0-or-later
// A service that does nothing but write: what the tests kill, cut the power of, and run beside another.
//
//   cring_state_writer try DIRECTORY          open, say how that went, close
//   cring_state_writer hold DIRECTORY         open, say so, stay
//   cring_state_writer lone DIRECTORY N p|d   N changes, each when the one before is done; then stay
//   cring_state_writer again DIRECTORY        a change, and the same once more for the disk; then stay
//   cring_state_writer stream DIRECTORY SEED  changes without an end, in bursts, now and then one for the
//   disk
//
// A line on standard output for each change whose `done` was called: "p N" on the disk, "d N" committed.
#include "core/state/database.h"

#include <QCoreApplication>

#include <unistd.h>

using namespace cring;
using namespace cring::state;

namespace {

void say(const QByteArray &line)
{
    // Unbuffered: what was said was said when the process is killed.
    const QByteArray bytes = line + '\n';
    if (::write(STDOUT_FILENO, bytes.constData(), static_cast<size_t>(bytes.size())) != bytes.size())
        ::_exit(1);
}

class Writer : public QObject
{
public:
    Writer(Database &database, quint64 seed)
        : m_database(database)
        , m_random(seed)
    {
        const Status loaded = database.session().each(QStringLiteral("SELECT max(seq) FROM events"), {},
                                                      [this](const Row &row) { m_last = row.int64(0); });
        if (!loaded.ok())
            say("error " + loaded.error().toString().toUtf8());
    }

    /// One row for the number, and in the same change the number as the highest.
    void write(Durability durability, std::function<void()> then)
    {
        const qint64 number = ++m_last;
        const QString text(static_cast<qsizetype>(m_random.below(3'000)), u'x');
        const auto change = [number, text](Session &session) {
            Status status =
                session.run(QStringLiteral("INSERT INTO events (seq, text) VALUES (?, ?)"), {number, text});
            if (status.ok())
                status =
                    session.run(QStringLiteral("INSERT OR REPLACE INTO floors (key, value) VALUES (?, ?)"),
                                {QByteArray("last"), number});
            return status;
        };
        m_database.write(change, durability, this, [number, durability, then = std::move(then)] {
            say((durability == Durability::Power ? "p " : "d ") + QByteArray::number(number));
            then();
        });
    }

    void lone(int count, Durability durability)
    {
        if (count > 0)
            write(durability, [=, this] { lone(count - 1, durability); });
        else
            say("end");
    }

    void again()
    {
        const auto change = [](Session &session) {
            return session.run(QStringLiteral("INSERT INTO floors (key, value) VALUES (?, 7)"
                                              " ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
                               {QByteArray("last")});
        };
        m_database.write(change, Durability::Process, this, [=, this] {
            m_database.write(change, Durability::Power, this, [] { say("end"); });
        });
    }

    void stream()
    {
        constexpr qsizetype Most = 400;
        constexpr quint64 Burst = 60;
        constexpr quint64 OneForTheDisk = 20;
        const quint64 count = m_random.below(Burst);
        for (quint64 i = 0; i <= count && m_database.pending() < Most; ++i) {
            const bool power = m_random.below(OneForTheDisk) == 0;
            write(power ? Durability::Power : Durability::Process, [] {});
        }
        // At least one is under way.
        m_database.flush(Durability::Process, this, [this] { stream(); });
    }

private:
    Database &m_database;
    SeededRandom m_random;
    qint64 m_last = 0;
};

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() < 3)
        return 2;
    const QString mode = arguments.at(1);
    const SystemClock clock;
    SystemRandom random;
    Database::Opened found;
    auto database = Database::open(arguments.at(2), clock, random, &found);
    if (!database.ok()) {
        say("error " + database.error().toString().toUtf8());
        return 1;
    }
    say(QByteArray("open") + (found.created ? " created" : "") +
        (found.setAside.isEmpty() ? "" : " damaged") + (found.powerCut ? " powercut" : ""));
    if (mode == u"try")
        return 0;
    Writer writer(**database, arguments.value(3).toULongLong());
    if (mode == u"lone")
        writer.lone(arguments.value(3).toInt(),
                    arguments.value(4) == u'p' ? Durability::Power : Durability::Process);
    if (mode == u"again")
        writer.again();
    if (mode == u"stream")
        writer.stream();
    return QCoreApplication::exec();
}
