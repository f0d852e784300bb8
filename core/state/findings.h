// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/members.h"
#include "core/state/objectkey.h"

#include <QObject>

#include <tuple>

namespace cring::state {

/// Something that the ring has seen at servers and that it cannot, or may not, put right by itself. A person
/// decides; nothing is thrown away before that.
struct Finding
{
    /// The numbers are in the database.
    enum class Kind : quint8 {
        Unexplained = 1, ///< A file or folder without a record, at fewer servers than a quorum: perhaps
                         ///< somebody's delete that did not reach all. `cring repair --adopt` takes it over.
        Absence = 2,     ///< A quorum of owners has lost what the catalogue says lives, and this is one of
                         ///< them: perhaps somebody's delete. `cring repair PATH` brings it back, `cring
                         ///< repair --forget PATH` says that it was one.
        Damage = 3,    ///< A copy's bytes are not what was stored. It is put right by itself, and goes then.
        Conflict = 4,  ///< Several versions, none at a quorum, and no record that says which one holds.
        OtherKind = 5, ///< A folder where a file should be, or the other way round.
        Lost = 6,      ///< No server has the recorded version any more. `cring repair --forget PATH` ends it.
    };

    qint64 id = 0; ///< Given by Findings.
    Kind kind = Kind::Unexplained;
    ObjectKey key;
    QString server;    ///< Its id; empty when it is about all of them.
    qint64 size = -1;  ///< Of what is there; −1: not known, or a folder.
    QByteArray digest; ///< Of what is there; empty when nobody has read it.
    quint32 mode = 0;  ///< Go's fs.FileMode of what is there.
    qint64 since = 0;  ///< First seen: ms since 1970, UTC.
};

/// What was found and is still so, as far as is known: whoever goes through the servers' files reports, and
/// withdraws what is not so any more. Bounded; what is over the bound is only counted. One thread.
class Findings final : public QObject
{
    Q_OBJECT

public:
    /// Kept at most.
    static constexpr qsizetype kMost = 10'000;

    Findings(Database &database, Members &members, const IClock &clock)
        : m_database(database)
        , m_members(members)
        , m_clock(clock)
    {
    }

    /// Before the event loop runs, after the members.
    Status load();

    /// The same kind at the same path and server is the same finding: it keeps its id and its age.
    void report(Finding finding);
    /// Of that path and, unless it is "", that server.
    void withdraw(const ObjectKey &key, const QString &server = {});
    /// Of one kind.
    void withdraw(const ObjectKey &key, const QString &server, Finding::Kind kind);
    /// Of one kind, of whatever server.
    void withdraw(const ObjectKey &key, Finding::Kind kind);
    /// Those that have settled themselves. `isOver` changes nothing.
    void withdrawIf(const std::function<bool(const Finding &)> &isOver);
    /// Everything between two keys, without them; "" as `before`: to the end.
    void withdrawBetween(const ObjectKey &after, const ObjectKey &before);

    qsizetype count() const { return static_cast<qsizetype>(m_findings.size()); }
    qsizetype count(Finding::Kind kind) const;
    /// What could not be kept, since the start of the service.
    qint64 overflow() const { return m_overflow; }
    /// At most `limit` of those of keys after `after`, by key; all of the last key.
    QList<Finding> list(const ObjectKey &after = {}, qsizetype limit = kMost) const;
    QList<Finding> at(const ObjectKey &key) const;

Q_SIGNALS:
    /// Something was reported or withdrawn; often many times in a row.
    void changed();

private:
    using Place = std::tuple<ObjectKey, QString, Finding::Kind>;
    using Known = std::map<Place, Finding>;

    Known::iterator erase(Known::iterator finding);
    void save(const Finding &finding);

    Database &m_database;
    Members &m_members;
    const IClock &m_clock;
    Known m_findings;
    qint64 m_last = 0;
    qint64 m_overflow = 0;
};

/// "unexplained", "absence", …: as the command line and the control API write it.
QString findingKindName(Finding::Kind kind);

} // namespace cring::state
