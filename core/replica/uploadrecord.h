// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/ownerset.h"

namespace cring::replica {

/// What one upload writes down: the intent before its tails, the record at the quorum, and what became of the
/// servers that were slower. One thread.
class UploadRecord final
{
public:
    UploadRecord(Environment &environment, const Credentials &credentials, const QByteArray &path,
                 const OwnerSet &owners);

    /// From the first tail on, a death of the service leaves behind what it was about to do. `written` when
    /// it would; never when the intent was closed or the context has died.
    void openIntent(const Record &record, std::optional<bool> existed, state::Durability durability,
                    QObject *context, std::function<void()> written);
    bool intentWritten() const { return m_written; }
    /// The end of the machine would leave it behind as well.
    bool intentSynced() const { return m_written && m_durability == state::Durability::Power; }
    /// So that it does. `done` with what the matter is when it cannot.
    void syncIntent(QObject *context, std::function<void(const QString &problem)> done);
    void closeIntent();

    /// It holds from now on. Servers that have not stored it owe it until they say otherwise.
    void acknowledge(const Record &record);
    /// Of servers whose answers came after that.
    void recordSettled();

private:
    Environment &m_environment;
    Credentials m_credentials;
    QByteArray m_path;
    ObjectKey m_key;
    const OwnerSet &m_owners;
    QList<QString> m_recorded; ///< Servers whose outcome is in the catalogue.
    quint64 m_version = 0;     ///< Given by the catalogue when it was acknowledged.
    quint64 m_intent = 0;
    state::Durability m_durability = state::Durability::Process;
    bool m_written = false;
};

} // namespace cring::replica
