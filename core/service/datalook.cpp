// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/datalook.h"

#include "core/accounts/nodefactory.h"
#include "core/accounts/replicacheck.h"
#include "core/base/words.h"
#include "core/base/workers.h"

#include <QDir>

#include <stop_token>

namespace cring::service {

namespace {

using Done = std::function<void(const Result<QString> &)>;

/// One look, which ends with its context.
class Look final : public QObject
{
public:
    Look(Workers &workers, QString data, QByteArray kid, Done done, QObject *context)
        : QObject(context)
        , m_workers(workers)
        , m_data(std::move(data))
        , m_kid(std::move(kid))
        , m_done(std::move(done))
    {
        QTimer::singleShot(kDataTime, this, [this] {
            m_late = true;
            m_stop.request_stop();
        });
    }

    ~Look() override { m_stop.request_stop(); }

    void start(const config::NodePlace &place, const accounts::SshAccess &access, const IClock &clock)
    {
        const QPointer<Look> self(this);
        m_workers.run([&workers = m_workers, self, place, access, &clock, stop = m_stop.get_token()] {
            const auto node = accounts::makeNode(place, access, clock, stop);
            const accounts::FolderCheck check = accounts::checkFolder(*node, QDir::tempPath(), stop);
            workers.post(QPointer<QObject>(self.data()), [self, check] {
                if (self)
                    self->judge(check);
            });
        });
    }

private:
    void judge(const accounts::FolderCheck &check)
    {
        deleteLater();
        if (m_late) {
            m_done(problem(
                QStringLiteral("it could not be gone through within %1").arg(words::duration(kDataTime))));
            return;
        }
        QStringList wrong;
        for (const accounts::CheckFinding &finding : check.findings) {
            if (!finding.ok)
                wrong << finding.text;
        }
        if (!m_kid.isEmpty() && !check.kid.isEmpty() && check.kid != m_kid)
            wrong << QStringLiteral("it holds the key %1…, and the server signs with %2…: it is another "
                                    "server's")
                         .arg(QString::fromLatin1(check.kid.left(12)), QString::fromLatin1(m_kid.left(12)));
        if (wrong.isEmpty())
            m_done(QStringLiteral("%1 can be worked with: %2")
                       .arg(m_data, words::counted(check.accounts, "account")));
        else
            m_done(problem(wrong.join(QStringLiteral("; "))));
    }

    Error problem(const QString &what) const
    {
        return {Code::NodeFile,
                QStringLiteral("the data directory %1: %2. Check server.NAME.data").arg(m_data, what)};
    }

    Workers &m_workers;
    const QString m_data;
    const QByteArray m_kid;
    const Done m_done;
    std::stop_source m_stop;
    bool m_late = false;
};

} // namespace

BackendTest::DataLook dataLook(Workers &workers, const config::Server &server, accounts::SshAccess access,
                               const IClock &clock)
{
    const Result<config::NodePlace> place = config::parseNodePlace(server.data); // "" is none
    if (!place)
        return {};
    return [&workers, &clock, access = std::move(access), place = *place,
            data = server.data](QObject *context, const QByteArray &kid, const Done &done) {
        auto *look = new Look(workers, data, kid, done, context);
        look->start(place, access, clock);
    };
}

} // namespace cring::service
