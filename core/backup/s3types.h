// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>
#include <QMap>
#include <QString>

#include <chrono>
#include <optional>

namespace cring::backup {

/// Times are since 1970, UTC; S3 tells them by the second. Sizes are bytes. ETags stand with their quotes.

/// Name and value of x-amz-meta-<name>: lower-case names, printable ASCII.
using Metadata = QMap<QByteArray, QByteArray>;

/// What an object says of itself.
struct ObjectHead
{
    qint64 size = -1; ///< Of the whole object, also where a range was asked for; -1: not told.
    QByteArray etag;
    QByteArray versionId; ///< Empty where the bucket has no versions.
    QByteArray sha256; ///< Of the whole body, 32 bytes: our metadata, else the server's checksum; or empty.
    std::chrono::milliseconds modified{0};
    Metadata metadata;
};

/// What became of an upload.
struct Stored
{
    QByteArray etag;
    QByteArray versionId;
    QByteArray sha256; ///< 32 bytes, as sent.
};

struct ListedObject
{
    QByteArray key;
    qint64 size = 0;
    QByteArray etag;
    std::chrono::milliseconds modified{0};
};

struct ObjectPage
{
    QList<ListedObject> objects; ///< In the order of their keys' bytes.
    QList<QByteArray> prefixes;  ///< With a delimiter: what is summed up.
    QByteArray next;             ///< Token of the next page; empty: this was the last one.
};

struct ListedVersion
{
    QByteArray key;
    QByteArray versionId; ///< "null" for what was stored before there were versions.
    bool latest = false;
    bool deleteMarker = false;
    qint64 size = 0;
    QByteArray etag;
    std::chrono::milliseconds modified{0};
};

struct VersionPage
{
    QList<ListedVersion> versions; ///< By key; of one key the newest first.
    QByteArray nextKey;            ///< Empty: this was the last page.
    QByteArray nextVersion;
};

struct ListedUpload
{
    QByteArray key;
    QByteArray uploadId;
    std::chrono::milliseconds begun{0};
};

struct UploadPage
{
    QList<ListedUpload> uploads;
    QByteArray nextKey; ///< Empty: this was the last page.
    QByteArray nextUpload;
};

struct Part
{
    int number = 0; ///< 1 to 10,000
    qint64 size = 0;
    QByteArray etag;
    QByteArray sha256; ///< 32 bytes; empty where the server does not say.
};

struct PartPage
{
    QList<Part> parts;
    int next = 0; ///< Marker of the next page; 0: this was the last one.
};

struct ObjectId
{
    QByteArray key;
    QByteArray versionId = {}; ///< Empty: the current one is hidden behind a delete marker, or deleted.
};

/// One of several that could not be deleted.
struct DeleteFailure
{
    QByteArray key;
    QByteArray code;
    QString message;
};

enum class Versioning { Never, Enabled, Suspended };

/// A rule of the bucket that deletes or moves by itself.
struct LifecycleRule
{
    QString id;
    bool enabled = false;
    QByteArray prefix;
    bool tagged = false; ///< Only of objects with certain tags.
    std::optional<int> expirationDays;
    QString expirationDate; ///< Instead of a number of days; as the server has it.
    /// To other storage classes: each, and after how many days (-1: at a date).
    QList<std::pair<QString, int>> moves;
    QList<std::pair<QString, int>> oldMoves; ///< The same of versions that are no longer current.
    std::optional<int> noncurrentDays;
    std::optional<int> abortUploadDays;
};

struct ObjectLock
{
    bool enabled = false;
    QByteArray mode; ///< "GOVERNANCE" or "COMPLIANCE"; empty: no default retention.
    int days = 0;
    int years = 0;
};

} // namespace cring::backup
