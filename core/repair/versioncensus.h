// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/foldertimes.h"
#include "core/replica/copylook.h"

namespace cring::repair {

/// Finds out who else has a version of a file that is not the record's, before it is written over: what a
/// quorum of the owners has is not damage. Reads one owner after another. One run; then finished().
class VersionCensus final : public QObject
{
    Q_OBJECT

public:
    enum class Result {
        Quorum,   ///< So many owners have it that it holds.
        Few,      ///< They do not.
        Recorded, ///< An owner has what was recorded: the census has ended there.
        Unknown,  ///< Not everybody who has a voice could be heard.
    };

    struct Rules
    {
        /// Those owners have a voice of whose copies the catalogue says this; all without. Where all are in
        /// doubt, or all are asked, one with the record's version is enough to end it.
        std::optional<replica::CopyState> voters;
        /// Only copies that are no older: what a server that was away has kept is no newer version. Since
        /// 1970, UTC, by the ring's clock.
        std::optional<std::chrono::milliseconds> newerThan;
    };

    /// `digest`: of the copy of `first`. `times` outlives this.
    VersionCensus(replica::Environment &environment, FolderTimes &times, health::Backend &first,
                  const replica::ObjectKey &key, const replica::Credentials &credentials,
                  const QByteArray &digest, const Rules &rules, QObject *parent);
    ~VersionCensus() override;

    void start();
    /// Servers that have the version, by id, owners or not.
    const QList<QString> &alike() const { return m_alike; }

Q_SIGNALS:
    /// Once, from the event loop.
    void finished(cring::repair::VersionCensus::Result result);

private:
    void askNext();
    void whenNewer(health::Backend &owner, std::function<void()> then);
    void look(health::Backend &owner);
    void handleLooked();
    void end(Result result);

    replica::Environment &m_environment;
    FolderTimes &m_times;
    health::Backend &m_first;
    const replica::ObjectKey m_key;
    const replica::Credentials m_credentials;
    const QByteArray m_digest;
    const Rules m_rules;
    const QList<health::Backend *> m_owners;
    QList<health::Backend *> m_waiting; ///< Still to be asked.
    std::unique_ptr<replica::CopyLook> m_look;
    QList<QString> m_alike;
};

} // namespace cring::repair
