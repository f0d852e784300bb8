// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/datalook.h"

#include "core/accounts/loneworker.h"
#include "core/accounts/nodefactory.h"
#include "core/accounts/replicacheck.h"
#include "core/base/words.h"
#include "core/base/workers.h"

#include <QDir>

#include <stop_token>

namespace cring::service {

namespace {

using Done = std::function<void(const Result<QString> &)>;

/// Owns all that it touches.
accounts::FolderCheck lookAt(const config::NodePlace &place, const accounts::SshAccess &access,
                             const IClock &clock, const std::stop_token &stop)
{
    const auto node = accounts::makeNode(place, access, clock, stop);
    return accounts::checkFolder(*node, QDir::tempPath(), stop);
}

/// One look, which ends with its context.
class Look final : public QObject
{
public:
    Look(QString data, QByteArray kid, Done done, std::chrono::milliseconds time, QObject *context)
        : QObject(context)
        , m_data(std::move(data))
        , m_kid(std::move(kid))
        , m_done(std::move(done))
        , m_time(time)
    {
        QTimer::singleShot(m_time, this, [this] {
            end(problem(
                QStringLiteral("it could not be gone through within %1").arg(words::duration(m_time))));
        });
    }

    ~Look() override { m_stop.request_stop(); }

    /// The thread may outlive all but what it has of its own.
    void startHere(const config::NodePlace &place)
    {
        m_lone = std::make_unique<accounts::LoneWorker>(kGrace);
        m_lone->run([this, place, stop = m_stop.get_token()]() -> accounts::LoneWorker::Message {
            const SystemClock clock;
            const accounts::FolderCheck check = lookAt(place, {}, clock, stop);
            return [this, check] {
                judge(check);
            };
        });
    }

    void startOver(Workers &workers, const config::NodePlace &place, const accounts::SshAccess &access,
                   const IClock &clock)
    {
        const auto check = std::make_shared<accounts::FolderCheck>();
        workers.run([check, place, access, &clock,
                     stop = m_stop.get_token()] { *check = lookAt(place, access, clock, stop); },
                    this, [this, check] { judge(*check); });
    }

private:
    /// Once: what comes later finds nobody.
    void end(const Result<QString> &result)
    {
        m_stop.request_stop();
        deleteLater();
        if (const Done done = std::exchange(m_done, nullptr))
            done(result); // which may delete us
    }

    void judge(const accounts::FolderCheck &check)
    {
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
            end(QStringLiteral("%1 can be worked with: %2")
                    .arg(m_data, words::counted(check.accounts, "account")));
        else
            end(problem(wrong.join(QStringLiteral("; "))));
    }

    Error problem(const QString &what) const
    {
        return {Code::NodeFile,
                QStringLiteral("the data directory %1 (server.NAME.data): %2").arg(m_data, what)};
    }

    static constexpr std::chrono::milliseconds kGrace{100};

    const QString m_data;
    const QByteArray m_kid;
    Done m_done;
    const std::chrono::milliseconds m_time;
    std::stop_source m_stop;
    std::unique_ptr<accounts::LoneWorker> m_lone; ///< Goes first.
};

} // namespace

BackendTest::DataLook dataLook(Workers &workers, const config::Server &server, accounts::SshAccess access,
                               const IClock &clock, std::chrono::milliseconds time)
{
    const Result<config::NodePlace> place = config::parseNodePlace(server.data); // "" is none
    if (!place)
        return {};
    return [&workers, &clock, access = std::move(access), place = *place, data = server.data,
            time](QObject *context, const QByteArray &kid, const Done &done) {
        auto *look = new Look(data, kid, done, time, context);
        if (place.isLocal())
            look->startHere(place);
        else
            look->startOver(workers, place, access, clock);
    };
}

} // namespace cring::service
