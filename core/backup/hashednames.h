// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3walk.h"
#include "core/base/clock.h"

#include <QHash>

#include <deque>
#include <list>
#include <map>

namespace cring::backup {

class HashedAsk;

/// An account's folders in a bucket, and its files whose keys are hashes: their paths are in the objects, and
/// so each is asked once. What is known is looked at anew when it is older than kFresh; then only those are
/// asked that are new, or others than before.
///
/// Lives on the event loop's thread. Client and clock outlive it; destroying it calls off what is under way.
class HashedNames final : public QObject
{
    Q_OBJECT

public:
    struct Named
    {
        bool folder = false;
        qint64 size = 0;
        quint32 mode = 0;
        std::chrono::milliseconds changed{0}; ///< Since 1970, UTC.
    };
    using ByPath = std::map<QByteArray, Named>;
    using Done = std::function<void(const S3Result<const ByPath *> &)>;

    /// Clients list one folder after the other.
    static constexpr std::chrono::milliseconds kFresh{10'000};

    HashedNames(S3Client &client, const IClock &clock, const QByteArray &charmId, QObject *parent = nullptr);
    ~HashedNames() override;

    /// `done` is called once, at once or from the event loop, unless `context` dies first; what it gets holds
    /// until it returns.
    void get(QObject *context, Done done);
    bool isIdle() const { return m_waiting.empty() && !m_telling; }
    /// Monotonic.
    std::chrono::milliseconds lastUsed() const { return m_lastUsed; }

private:
    struct Known
    {
        QByteArray etag;
        std::chrono::milliseconds modified{0};
        QByteArray path;
        Named named;
    };

    void begin();
    void nextPage();
    void sort(const QList<ListedObject> &page);
    void askMore();
    void handleAnswer(HashedAsk &ask, const S3Result<QByteArray> &path);
    void end(const std::optional<S3Error> &error);

    S3Client &m_client;
    const IClock &m_clock;
    const QByteArray m_charmId;
    QHash<QByteArray, Known> m_known; ///< By key.
    QHash<QByteArray, Known> m_seen;  ///< By the look that is under way.
    ByPath m_byPath;
    QList<QByteArray> m_prefixes;
    std::unique_ptr<ObjectWalk> m_walk;
    std::deque<ListedObject> m_unasked;
    std::map<QByteArray, std::unique_ptr<HashedAsk>> m_asks;
    std::list<std::pair<QPointer<QObject>, Done>> m_waiting;
    std::optional<std::chrono::milliseconds> m_loaded; ///< Monotonic.
    std::chrono::milliseconds m_lastUsed{0};
    bool m_telling = false;
};

} // namespace cring::backup
