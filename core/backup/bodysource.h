// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/workers.h"

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

private:
    QByteArray m_bytes;
};

/// A part of another source.
class PartSource final : public IBodySource
{
public:
    PartSource(std::shared_ptr<IBodySource> whole, qint64 offset, qint64 size)
        : m_whole(std::move(whole))
        , m_offset(offset)
        , m_size(size)
    {
    }

    qint64 size() const override { return m_size; }

    void read(qint64 offset, qint64 size, QObject *context, Piece done) override
    {
        m_whole->read(m_offset + offset, size, context, std::move(done));
    }

private:
    std::shared_ptr<IBodySource> m_whole;
    const qint64 m_offset;
    const qint64 m_size;
};

/// A file, or a part of one. A small one is kept from its first reading to its end: the digest reads it, too.
class FileSource final : public IBodySource
{
public:
    /// The size is what the caller knows: a file that has another one by then is an error. The workers
    /// outlive it.
    FileSource(Workers &workers, const QString &path, qint64 offset, qint64 size);
    ~FileSource() override;

    qint64 size() const override { return m_size; }

    void read(qint64 offset, qint64 size, QObject *context, Piece done) override;

private:
    struct Shared;

    Workers &m_workers;
    std::shared_ptr<Shared> m_shared; ///< Also what a worker holds.
    qint64 m_size;
};

} // namespace cring::backup
