// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bodystore.h"

namespace cring::state {

/// One body on its way into a store, piece by piece. Memory is bounded when whoever adds stops while it is
/// behind(). Destroyed before it was finished, it leaves nothing. The store outlives it.
class BodyDraft : public QObject
{
    Q_OBJECT

public:
    explicit BodyDraft(BodyStore &store);
    ~BodyDraft() override;

    void add(const QByteArray &piece);
    /// More has been added than is on its way to the disk.
    bool behind() const { return m_unwritten > kWindow; }
    /// The first thing that went wrong: no room in the budget, StateFile. Nothing more is written then.
    const std::optional<Error> &problem() const { return m_problem; }

Q_SIGNALS:
    void behindChanged(bool behind);
    void failed(const cring::Error &error);

protected:
    BodyStore &store() { return m_store; }
    quint64 id() const { return m_id; }
    qint64 size() const { return m_size; }
    /// The bytes and what they are, with the size filled in, are on the disk when `done` is called; the draft
    /// may have died by then. Once.
    void finish(BodyFiles::Note note, QObject *context, std::function<void(const Status &)> done);

private:
    static constexpr qint64 kWindow = 1024 * 1024;

    void handleWritten(qint64 bytes, const std::optional<Error> &problem);
    void fail(const Error &error);
    void giveBack();

    BodyStore &m_store;
    const quint64 m_id;
    std::shared_ptr<BodyFiles::Writing> m_writing; ///< The body's thread alone looks into it.
    qint64 m_size = 0;
    qint64 m_reserved = 0;
    qint64 m_unwritten = 0;
    bool m_finishing = false;
    std::optional<Error> m_problem;
};

} // namespace cring::state
