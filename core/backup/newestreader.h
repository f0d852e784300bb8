// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bucketreader.h"

#include <QPointer>

#include <vector>

namespace cring::backup {

/// A file of which nobody has a record, from the one of several buckets that has the newest version of it.
/// All are asked first: when one cannot be, no file is better than an old one.
class NewestReader final : public replica::IArchiveReader
{
    Q_OBJECT

public:
    /// They may go before this.
    NewestReader(const std::vector<Target *> &targets, const replica::ObjectKey &key);
    ~NewestReader() override;

    void start() override;
    void setPaused(bool paused) override;
    QString name() const override { return m_name; }

private:
    void ask(Target &target, const QByteArray &object);
    void take(Target &target, const S3Result<ObjectHead> &head);
    void read();
    void fail(const Error &error);

    QList<QPointer<Target>> m_targets;
    const replica::ObjectKey m_key;
    QString m_name;
    int m_open = 0; ///< Questions.
    QPointer<Target> m_newest;
    qint64 m_changed = -1; ///< When that was acknowledged; ms since 1970, UTC.
    QTimer m_silence;      ///< While they are asked.
    std::unique_ptr<BucketReader> m_reader;
    bool m_paused = false;
    bool m_ended = false;
};

} // namespace cring::backup
