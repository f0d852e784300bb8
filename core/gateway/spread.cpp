// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/spread.h"

#include "core/http/exchange.h"
#include "core/replica/answers.h"

#include <QCryptographicHash>

namespace cring::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 2s;
constexpr int kMaxDoublings = 7; // up to about four minutes

} // namespace

Spread::Spread(QObject *parent)
    : QObject(parent)
{
}

void Spread::add(const http::Request &request, const QString &acceptedBy,
                 const replica::Credentials &credentials)
{
    const QList<health::Backend *> all = m_environment->backends.all();
    for (health::Backend *backend : all) {
        if (backend->id() == acceptedBy)
            continue;
        const QByteArray what = credentials.account + ' ' + request.target + ' ' + backend->id().toUtf8() +
                                ' ' +
                                // A name takes the place of the name before it; keys are many.
                                (request.target.startsWith("/v1/encrypt-key")
                                     ? QCryptographicHash::hash(request.body, QCryptographicHash::Sha256)
                                     : QByteArray());
        if (m_newest.size() >= kMaxPending && !m_newest.contains(what)) {
            m_environment->activity.record(
                telemetry::Level::Warning, telemetry::Category::Backend,
                QStringLiteral("too much account data waits for servers; some was not passed on"),
                backend->name());
            return;
        }
        const auto item = std::make_shared<Item>(Item{request, backend->id(), credentials.expires, 0, what});
        m_newest.insert(what, item);
        attempt(item);
    }
}

void Spread::end(const std::shared_ptr<Item> &item)
{
    if (m_newest.value(item->what) == item)
        m_newest.remove(item->what);
}

void Spread::attempt(const std::shared_ptr<Item> &item)
{
    if (m_newest.value(item->what) != item)
        return; // a newer one has taken its place
    health::Backend *backend = m_environment->backends.find(item->backend);
    if (!backend) {
        end(item); // it was taken out of the ring meanwhile
        return;
    }
    if (!backend->usable()) {
        later(item, backend->unusableReason());
        return;
    }
    backend->pool().exchange(
        item->request, m_environment->config.timing.answerTimeout, 64 * 1024, this,
        [this, item, use = m_environment->use](const Result<http::Response> &result) {
            if (!result)
                later(item, result.error().detail);
            else if (result->status / 100 == 2)
                end(item);
            else
                later(item, replica::describeAnswer(result->status, result->headers.value("Content-Type"),
                                                    result->body));
        });
}

void Spread::later(const std::shared_ptr<Item> &item, const QString &reason)
{
    const auto pause =
        std::chrono::milliseconds(kFirstRetry) * (1LL << std::min(item->attempts, kMaxDoublings));
    ++item->attempts;
    const bool expired = (m_environment->clock.wall() + pause).count() / 1000 >= item->expires;
    if (expired || item->attempts == 1) {
        const QString words =
            expired ? QStringLiteral(
                          "has not got an account's new name or key, and the client's token is over: %1")
                    : QStringLiteral("has not got an account's new name or key yet: %1");
        const health::Backend *backend = m_environment->backends.find(item->backend);
        m_environment->activity.record(telemetry::Level::Warning, telemetry::Category::Backend,
                                       words.arg(reason), backend ? backend->name() : item->backend);
    }
    if (expired)
        end(item);
    else
        QTimer::singleShot(pause, this, [this, item] { attempt(item); });
}

} // namespace cring::gateway
