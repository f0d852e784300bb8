// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/snapshotsearch.h"

#include <algorithm>

namespace cring::backup {

namespace {

const QString kTooLong = QStringLiteral("it is longer than any that is made");

/// Of the object's damage or absence: an older one may be good.
bool isOfTheObject(S3Error::Kind kind)
{
    return kind == S3Error::Kind::Digest || kind == S3Error::Kind::ObjectMissing ||
           kind == S3Error::Kind::Protocol;
}

} // namespace

SnapshotSearch::SnapshotSearch(S3Client &client, const RecoveryKit &kit, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_judge([this, &kit](const QByteArray &sealed) -> Status {
        auto opened = AccountSnapshot::open(kit, sealed);
        if (!opened)
            return opened.error();
        m_snapshot = std::move(*opened);
        return {};
    })
    , m_tag(AccountSnapshot::kitTag(kit.publicHalf()))
    , m_tellsOthers(true)
    , m_walk(client, AccountSnapshot::kPrefix)
{
}

SnapshotSearch::SnapshotSearch(S3Client &client, const QByteArray &publicHalf, Judge judge, qint64 longest,
                               QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_judge(std::move(judge))
    , m_kept(AccountSnapshot::kHeader)
    , m_longest(longest)
    , m_tag(AccountSnapshot::kitTag(publicHalf))
    , m_tellsOthers(false)
    , m_walk(client, AccountSnapshot::kPrefix)
{
}

void SnapshotSearch::start()
{
    list();
}

void SnapshotSearch::list()
{
    m_walk.next([this](const S3Result<QList<ListedObject>> &page) {
        if (!page) {
            Q_EMIT failed(page.error().toError());
            return;
        }
        for (const ListedObject &object : *page) {
            if (AccountSnapshot::timeOf(object.key) >= 0 && (m_tellsOthers || !isOthers(object.key)))
                m_objects.append(object);
        }
        if (!m_walk.atEnd()) {
            list();
            return;
        }
        std::ranges::sort(m_objects, {}, &ListedObject::key);
        m_all = m_objects.size();
        tryNext();
    });
}

bool SnapshotSearch::isOthers(const QByteArray &key) const
{
    const QByteArray tag = AccountSnapshot::kitTagOf(key);
    return !tag.isEmpty() && tag != m_tag;
}

void SnapshotSearch::tryNext()
{
    if (m_objects.isEmpty()) {
        Q_EMIT failed({Code::SnapshotInvalid,
                       m_all == 0
                           ? QStringLiteral("the bucket has no snapshot of accounts: none was ever saved "
                                            "there, or it is another bucket")
                           : QStringLiteral("this kit opens none of the bucket's snapshots of accounts")});
        return;
    }
    const ListedObject object = m_objects.takeLast();
    m_key = object.key;
    if (isOthers(m_key)) {
        passOver(QStringLiteral("it was made for another recovery kit"));
        return;
    }
    if (object.size > m_longest) {
        passOver(kTooLong);
        return;
    }
    m_sealed.clear();
    m_received = 0;
    GetRequest request;
    request.key = m_key;
    m_download = std::make_unique<ObjectDownload>(m_client, request);
    connect(m_download.get(), &ObjectDownload::bodyReceived, this, &SnapshotSearch::take);
    connect(m_download.get(), &ObjectDownload::finished, this, &SnapshotSearch::judge);
    connect(m_download.get(), &ObjectDownload::failed, this, [this](const S3Error &error) {
        if (isOfTheObject(error.kind))
            passOver(error.toError().detail);
        else
            Q_EMIT failed(error.toError());
    });
}

void SnapshotSearch::take(const QByteArray &data)
{
    m_received += data.size();
    m_sealed += data.left(m_kept - m_sealed.size());
    if (m_received <= m_longest)
        return;
    // Whatever the listing said.
    m_download->disconnect(this);
    m_download.release()->deleteLater();
    passOver(kTooLong);
}

void SnapshotSearch::judge()
{
    const Status good = m_judge(m_sealed);
    m_sealed.clear();
    if (good)
        Q_EMIT found();
    else
        passOver(good.error().detail);
}

void SnapshotSearch::passOver(const QString &why)
{
    Q_EMIT passedOver(m_key, why);
    // The download is telling us: it goes in a later turn.
    QMetaObject::invokeMethod(this, &SnapshotSearch::tryNext, Qt::QueuedConnection);
}

} // namespace cring::backup
