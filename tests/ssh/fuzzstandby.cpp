// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbyserver.h"
#include "tests/ssh/baressh.h"
#include "tests/ssh/memorydirectory.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QDir>
#include <QElapsedTimer>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

using namespace cring;
using namespace cring::test;
using ssh::StandbyServer;

namespace {

constexpr quint8 kAuthSuccess = 52;
constexpr quint8 kChannelData = 94;
/// How often somebody honest comes by, in conversations.
constexpr quint64 kHonestEvery = 50;
constexpr int kHonestLimit = 20'000;
constexpr const char *kId = "7f4d1c5e-0000-4000-8000-000000000001";

using Random = std::mt19937_64;

quint64 below(Random &random, quint64 limit)
{
    return random() % limit;
}

bool oneIn(Random &random, quint64 times)
{
    return below(random, times) == 0;
}

QByteArray randomBytes(Random &random, quint64 most)
{
    QByteArray bytes(static_cast<qsizetype>(below(random, most + 1)), '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

/// What length fields and the like are set to.
QByteArray oddNumber(Random &random)
{
    static const QList<QByteArray> numbers{
        QByteArray("\0\0\0\0", 4),   QByteArray("\xFF\xFF\xFF\xFF", 4), QByteArray("\x7F\xFF\xFF\xFF", 4),
        QByteArray("\x80\0\0\0", 4), QByteArray("\0\0\0\1", 4),         QByteArray("\0\0\xFF\xFF", 4),
        QByteArray("\0\4\0\0", 4),   QByteArray("\0\0\0\4", 4)};
    return numbers.at(static_cast<qsizetype>(below(random, static_cast<quint64>(numbers.size()))));
}

/// One small damage.
void damage(Random &random, QByteArray &bytes)
{
    const auto place = [&] {
        return static_cast<qsizetype>(below(random, static_cast<quint64>(bytes.size()) + 1));
    };
    const qsizetype at = place();
    switch (below(random, 7)) {
    case 0:
        if (at < bytes.size())
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(random, 8)));
        break;
    case 1:
        if (at < bytes.size())
            bytes[at] = static_cast<char>(random());
        break;
    case 2:
        bytes.replace(at, 4, oddNumber(random));
        break;
    case 3:
        bytes.truncate(at);
        break;
    case 4:
        bytes.insert(at, randomBytes(random, 64));
        break;
    case 5:
        bytes.remove(at, static_cast<qsizetype>(below(random, 32)));
        break;
    default:
        bytes.insert(at, bytes.mid(place(), 64));
        break;
    }
}

QByteArray damaged(Random &random, QByteArray bytes)
{
    for (quint64 times = below(random, 4); times > 0; --times)
        damage(random, bytes);
    return bytes;
}

/// The standby server, and those who may and may not log in.
class Site
{
public:
    Site()
    {
        m_directory.add({kId, "ann", {{m_victim.text(), "2026-11-29 20:00:00", {}}}});
        m_directory.add({kId, "bob", {{m_insider.text(), "2026-11-29 20:00:00", {}}}});
        const Result<charm::ServerKey> key = charm::ServerKey::fromSeed(QByteArray(32, 'k'));
        StandbyServer::Options options;
        options.sessions = 1'000;
        options.sessionsPerAddress = 1'000;
        m_standby = std::make_unique<StandbyServer>(
            m_directory,
            [key]() -> Result<ssh::Signer> {
                return ssh::Signer{*key, "http://charm.example:35354"};
            },
            m_clock, options);
    }

    /// A conversation, from any thread. It has to end before its ticket is given back.
    struct Visit
    {
        std::unique_ptr<BareSsh> client;
        std::optional<http::ConnectionQuota::Ticket> ticket;
    };

    Visit visit()
    {
        const std::scoped_lock lock(m_mutex);
        Result<StandbyServer::Place> place = m_standby->admit(QHostAddress(QStringLiteral("192.0.2.1")));
        Visit visit;
        if (place) {
            visit.client = std::make_unique<BareSsh>(std::move(place->socket));
            visit.ticket.emplace(std::move(place->ticket));
        }
        return visit;
    }

    void leave(Visit &visit)
    {
        visit.client.reset();
        const std::scoped_lock lock(m_mutex);
        visit.ticket.reset();
    }

    StandbyServer::Stats stats()
    {
        const std::scoped_lock lock(m_mutex);
        return m_standby->stats();
    }

    const SshKey &victim() const { return m_victim; }
    const SshKey &insider() const { return m_insider; }
    const SshKey &outsider() const { return m_outsider; }

private:
    SystemClock m_clock;
    std::mutex m_mutex;
    SshKey m_victim;   ///< Has an account; nobody here proves to have the key.
    SshKey m_insider;  ///< Has one, and logs in.
    SshKey m_outsider; ///< Has none.
    MemoryDirectory m_directory;
    std::unique_ptr<StandbyServer> m_standby;
};

/// What the clients of one thread do, by the seed and their number alone.
class Fuzzer
{
public:
    Fuzzer(Site &site, quint64 seed, std::atomic<quint64> &insiders)
        : m_site(site)
        , m_seed(seed)
        , m_insiders(insiders)
    {
    }

    /// False when the standby server is not what it should be any more.
    bool converse(quint64 number)
    {
        Random random(m_seed * 1'000'003 + number);
        Site::Visit visit = m_site.visit();
        if (!visit.client)
            return false;
        bool good = true;
        if (number % kHonestEvery == 0)
            good = beHonest(*visit.client);
        else
            attack(random, *visit.client);
        m_site.leave(visit);
        return good;
    }

private:
    bool logIn(BareSsh &client)
    {
        if (!client.shakeHands() || !client.sendPacket(BareSsh::serviceRequest()))
            return false;
        // Counted before, for it may be in when the answer is not here yet.
        ++m_insiders;
        return client.sendPacket(client.proveKey(m_site.insider())) && client.readUntil(kAuthSuccess);
    }

    bool beHonest(BareSsh &client)
    {
        if (!logIn(client))
            return false;
        const auto channel = client.openChannel();
        if (!channel || !client.sendPacket(BareSsh::execute("id", *channel)))
            return false;
        const auto data = client.readUntil(kChannelData, kHonestLimit);
        return data && data->mid(9) == kId;
    }

    void attack(Random &random, BareSsh &client)
    {
        switch (below(random, 6)) {
        case 0:
            (void)client.sendRaw(randomBytes(random, 8'000));
            break;
        case 1:
            (void)client.sendRaw(damaged(random, firstFlight()));
            break;
        case 2:
            if (client.greet())
                sendSome(random, client);
            break;
        case 3:
            if (client.shakeHands())
                (void)client.sendRaw(randomBytes(random, 2'000));
            break;
        case 4:
            if (client.shakeHands() && (oneIn(random, 4) || client.sendPacket(BareSsh::serviceRequest())))
                sendSome(random, client);
            break;
        default:
            if (logIn(client)) {
                if (!oneIn(random, 4))
                    beginCommand(random, client);
                sendSome(random, client);
            }
            break;
        }
        if (oneIn(random, 2))
            (void)client.readUntil(0, static_cast<int>(below(random, 20)));
    }

    static void beginCommand(Random &random, BareSsh &client)
    {
        static const QByteArrayList commands{"api-auth",   "api-keys", "api-link A",
                                             "api-unlink", "id",       "jwt a b"};
        const auto channel = client.openChannel();
        const auto which = static_cast<qsizetype>(below(random, static_cast<quint64>(commands.size()) + 2));
        if (channel && which < commands.size())
            (void)client.sendPacket(BareSsh::execute(commands.at(which), *channel));
    }

    /// A recorded beginning, unencrypted, as it goes over the wire.
    static QByteArray firstFlight()
    {
        QByteArray bytes = BareSsh::banner();
        for (const QByteArray &payload :
             {BareSsh::keyExchangeInit(), SshPayload(30).string(QByteArray(32, '\x42')).bytes(),
              SshPayload(21).bytes(), BareSsh::serviceRequest()})
            bytes += BareSsh::plain(payload);
        return bytes;
    }

    /// Packets that a client might send, damaged and out of order.
    void sendSome(Random &random, BareSsh &client)
    {
        const QList<QByteArray> corpus = packets(client);
        for (quint64 count = below(random, 12) + 1; count > 0; --count) {
            const QByteArray &one =
                corpus.at(static_cast<qsizetype>(below(random, static_cast<quint64>(corpus.size()))));
            const QByteArray packet = oneIn(random, 20)  ? randomBytes(random, 40'000)
                                      : oneIn(random, 3) ? one
                                                         : damaged(random, one);
            if (!client.sendPacket(packet))
                return;
        }
    }

    QList<QByteArray> packets(const BareSsh &client) const
    {
        const auto request = [](const char *method) {
            return SshPayload(50).string("charm").string("ssh-connection").string(method);
        };
        const auto channel = [](quint8 type) {
            return SshPayload(type).number(43);
        };
        const auto key = [&](const SshKey &shown) {
            return request("publickey").byte(1).string("ssh-ed25519").string(shown.blob());
        };
        return {
            BareSsh::keyExchangeInit(),
            SshPayload(30).string(QByteArray(32, '\x42')),
            SshPayload(21),
            BareSsh::serviceRequest(),
            BareSsh::serviceRequest("ssh-connection"),
            SshPayload(1).number(11).string("bye").string(""),
            SshPayload(2).string("ignore"),
            SshPayload(3).number(7),
            SshPayload(4).byte(1).string("debug").string(""),
            SshPayload(7).number(1).string("server-sig-algs").string("ssh-ed25519"),
            request("none"),
            request("password").byte(0).string("secret"),
            request("keyboard-interactive").string("").string(""),
            SshPayload(61).number(1).string("answer"),
            BareSsh::askForKey(m_site.victim()),
            client.proveKey(m_site.outsider()),
            key(m_site.victim()).string(m_site.victim().sign("another conversation")),
            key(m_site.victim()).string(m_site.outsider().sign("anything")),
            SshPayload(52),
            SshPayload(60).string("ssh-ed25519").string(m_site.victim().blob()),
            BareSsh::openSession(),
            BareSsh::openSession(7),
            SshPayload(90)
                .string("direct-tcpip")
                .number(1)
                .number(65'536)
                .number(32'768)
                .string("a")
                .number(22),
            BareSsh::execute("api-auth", 43),
            BareSsh::execute("api-unlink", 43),
            BareSsh::execute("jwt 'a b' \"c", 43),
            channel(94).string(R"({"key":"ssh-ed25519 A"})"),
            channel(95).number(1).string("errors"),
            channel(93).number(1'000'000),
            channel(96),
            channel(97),
            channel(98).string("shell").byte(1),
            channel(98).string("env").byte(0).string("A").string("B"),
            channel(98)
                .string("pty-req")
                .byte(1)
                .string("xterm")
                .number(80)
                .number(24)
                .number(0)
                .number(0)
                .string(""),
            channel(98).string("subsystem").byte(1).string("sftp"),
            channel(98).string("exit-status").byte(0).number(1),
            SshPayload(80).string("keepalive@openssh.com").byte(1),
            SshPayload(80).string("tcpip-forward").byte(1).string("").number(22),
            SshPayload(192).string("of no kind"),
        };
    }

    Site &m_site;
    const quint64 m_seed;
    std::atomic<quint64> &m_insiders;
};

struct Plan
{
    quint64 seed;
    quint64 first;
    quint64 count; ///< Conversations.
    qint64 seconds;
    int threads;
};

qsizetype descriptors()
{
    return QDir(QStringLiteral("/proc/self/fd"))
        .entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System)
        .size();
}

/// 0 when the standby server has let in whom it should, and nobody else.
int run(const Plan &plan)
{
    std::printf("seed %llu\n", static_cast<unsigned long long>(plan.seed));
    std::fflush(stdout);
    Site site;
    std::atomic<quint64> insiders = 0;
    std::atomic<quint64> next = plan.first;
    std::atomic<quint64> bad = 0;
    std::atomic<quint64> failed = 0;
    const QDeadlineTimer deadline(std::chrono::seconds(plan.seconds));
    const auto work = [&] {
        Fuzzer fuzzer(site, plan.seed, insiders);
        while (!deadline.hasExpired() && bad == 0) {
            const quint64 number = next++;
            if (number >= plan.first + plan.count)
                return;
            if (!fuzzer.converse(number)) {
                ++bad;
                failed = number;
            }
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < plan.threads; ++i)
        threads.emplace_back(work);
    for (std::thread &thread : threads)
        thread.join();
    const StandbyServer::Stats stats = site.stats();
    std::printf("%llu conversations, %llu logins of the %llu allowed, %llu keys turned away, %llu commands, "
                "%lld descriptors\n",
                static_cast<unsigned long long>(std::min(next.load(), plan.first + plan.count) - plan.first),
                static_cast<unsigned long long>(stats.loggedIn), static_cast<unsigned long long>(insiders),
                static_cast<unsigned long long>(stats.turnedAway),
                static_cast<unsigned long long>(stats.commands), static_cast<long long>(descriptors()));
    if (bad != 0)
        std::printf("conversation %llu was not served (--first and --count try it again)\n",
                    static_cast<unsigned long long>(failed));
    if (stats.loggedIn > insiders)
        std::printf("somebody logged in who must not\n");
    std::fflush(stdout);
    return bad == 0 && stats.loggedIn <= insiders ? 0 : 1;
}

} // namespace

/// Talks nonsense to the standby server, of every kind from random bytes to damaged packets of a client that
/// is logged in. Passes when nothing crashes, nobody gets in who must not, and honest clients are served all
/// the while.
int main(int argc, char **argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const auto option = [&](const char *name, const char *help, const char *value) {
        parser.addOption(QCommandLineOption(QString::fromLatin1(name), QString::fromLatin1(help),
                                            QStringLiteral("n"), QString::fromLatin1(value)));
    };
    option("seed", "Everything follows from it; by default another one each time.", "");
    option("seconds", "How long.", "20");
    option("threads", "Clients at the same time.", "4");
    option("first", "Number of the first conversation.", "0");
    option("count", "Conversations at most.", "1000000000");
    parser.process(application);
    const auto number = [&](const char *name) {
        return parser.value(QString::fromLatin1(name)).toULongLong();
    };
    const QString seed = parser.value(QStringLiteral("seed"));
    return run({seed.isEmpty() ? std::random_device()() : seed.toULongLong(), number("first"),
                number("count"), parser.value(QStringLiteral("seconds")).toLongLong(),
                parser.value(QStringLiteral("threads")).toInt()});
}
