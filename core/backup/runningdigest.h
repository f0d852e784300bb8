// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/workers.h"

#include <QList>

#include <memory>

namespace cring::backup {

/// What a digest is made with: MD5 is what S3 has for a part where it keeps no checksums.
enum class Hash { Sha256, Md5 };

/// The digest of what comes piece by piece, made on a worker in the order of the pieces. What is small is not
/// worth the way there. Lives on the event loop's thread; the workers outlive it.
class RunningDigest final : public QObject
{
    Q_OBJECT

public:
    RunningDigest(Hash hash, Workers &workers, QObject *parent = nullptr);
    ~RunningDigest() override;

    void add(const QByteArray &piece);

    /// Bytes that were added and not yet worked in: whoever adds stops while this is much.
    qint64 behind() const { return m_behind; }

    /// Once, after the last piece: 32 or 16 bytes.
    void finish(std::function<void(QByteArray)> done);

Q_SIGNALS:
    void advanced();

private:
    struct State;

    void work();

    Workers &m_workers;
    std::shared_ptr<State> m_state; ///< One worker at a time looks into it.
    QList<QByteArray> m_waiting;
    qint64 m_behind = 0;
    bool m_working = false;
    std::function<void(QByteArray)> m_done;
};

} // namespace cring::backup
