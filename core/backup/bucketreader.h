// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/objectdownload.h"
#include "core/backup/target.h"
#include "core/replica/archive.h"

namespace cring::backup {

/// One file on its way from one bucket: its current object, with its own SHA-256 compared. What begins and is
/// not what was looked for, by what the object says of itself, fails before a byte is told of.
class BucketReader final : public replica::IArchiveReader
{
    Q_OBJECT

public:
    /// No client waits longer: for the answer, and for the next piece of it.
    static constexpr std::chrono::milliseconds kAnswerTime{10'000};
    static constexpr std::chrono::milliseconds kPieceTime{30'000};

    /// `known`: what the ledger says of the object, where it is the version that is wanted. When the target
    /// goes, this fails.
    BucketReader(Target &target, const replica::ObjectKey &key,
                 const std::optional<state::BucketLedger::Object> &known);
    ~BucketReader() override;

    void start() override;
    void setPaused(bool paused) override;
    QString name() const override { return m_name; }

private:
    void handleStarted(const ObjectHead &head);
    void handleFinished();
    void handleFailed(const S3Error &error);
    void touch(std::chrono::milliseconds limit);
    void drop();
    void fail(const Error &error);

    QPointer<Target> m_target;
    const QString m_name;
    const replica::ObjectKey m_key;
    const std::optional<state::BucketLedger::Object> m_known;
    std::unique_ptr<ObjectDownload> m_download;
    QTimer m_silence;
    std::chrono::milliseconds m_limit = kAnswerTime;
    bool m_paused = false;
    bool m_ended = false;
};

} // namespace cring::backup
