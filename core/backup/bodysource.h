// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/workers.h"
#include "core/base/result.h"

namespace cring::backup {

/// Where an upload's bytes come from: read in pieces, from any place, so that an attempt can be repeated.
/// Belongs to the event loop's thread; calls come back there, never out of the call itself, and not at all
/// once `context` has died. Errors have the code BackupSource.
class IBodySource
{
public:
    using Piece = std::function<void(Result<QByteArray>)>;

    virtual ~IBodySource() = default;
    virtual qint64 size() const = 0;
    /// Exactly `size` bytes from there; fewer are there: an error.
    virtual void read(qint64 offset, qint64 size, QObject *context, Piece done) = 0;
    /// SHA-256 of all of it, 32 bytes.
    virtual void digest(QObject *context, Piece done) = 0;
};

/// What is in memory anyway.
class BytesSource final : public IBodySource
{
public:
    explicit BytesSource(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
    }

    qint64 size() const override { return m_bytes.size(); }

    void read(qint64 offset, qint64 size, QObject *context, Piece done) override;
    void digest(QObject *context, Piece done) override;

private:
    QByteArray m_bytes;
};

/// A file, or a part of one. A small one is kept from its digest to its end, so that it is read once.
class FileSource final : public IBodySource
{
public:
    /// The size is what the caller knows: a file that has another one by then is an error. The workers
    /// outlive it.
    FileSource(Workers &workers, const QString &path, qint64 offset, qint64 size);
    ~FileSource() override;

    qint64 size() const override { return m_size; }

    void read(qint64 offset, qint64 size, QObject *context, Piece done) override;
    void digest(QObject *context, Piece done) override;

private:
    struct Shared;

    Workers &m_workers;
    std::shared_ptr<Shared> m_shared; ///< Also what a worker holds.
    qint64 m_size;
};

} // namespace cring::backup
