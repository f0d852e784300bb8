// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/listing.h"
#include "core/replica/answers.h"
#include "core/replica/environment.h"

#include <QSet>

namespace cring::gateway {

/// One folder as the whole ring has it, or an error (P5). charm's key-value sync would lose a commit for ever
/// that one listing leaves out (kv/kv.go: it takes only numbers above its local maximum).
///
/// Where the catalogue knows all of the account's files: its records, and what a quorum of owners has without
/// one; any one server's answer will do, and what it leaves out is filled in from the records. Otherwise the
/// union of so many servers' listings that no acknowledged name can be missing, without what was deleted.
///
/// When too few servers answer for that, the archive stands in for them: with the catalogue, the records
/// alone when no server can be used; without one, what lies in the archive, together with what servers have
/// said.
class ListingMerge final : public QObject
{
    Q_OBJECT

public:
    ListingMerge(replica::Environment &environment, const replica::Credentials &credentials,
                 const QByteArray &path, QObject *parent);

    void start();

Q_SIGNALS:
    /// Once. `mode` is the X-File-Mode field's value.
    void finished(const cring::replica::Outcome &outcome, const QByteArray &mode);

private:
    struct Answer
    {
        health::Backend *backend;
        charm::Listing listing;
        QByteArray mode;
    };

    void handleAnswer(health::Backend *backend, const Result<http::Response> &result);
    void evaluate();
    void conclude();
    void concludeWithout();
    void handleArchived(const Result<std::optional<charm::Listing>> &listing);
    void hideWhatIsGone(Answer &answer) const;
    bool isHidden(const replica::ObjectKey &key, const QString &backend) const;
    bool isAnsweredFor(const replica::ObjectKey &key) const;
    bool isEnough() const;
    bool speaksForAll(const Answer &answer) const;
    QSet<QByteArray> atAQuorum() const;
    charm::Listing mergedAnswers();
    charm::Listing fromCatalogue(charm::Listing merged) const;
    void fillIn(charm::Listing &merged) const;
    charm::Entry recorded(const QByteArray &name) const;
    QByteArray missingName(const charm::Listing &listing) const;
    int heard() const;
    void refuse();

    replica::Environment &m_environment;
    replica::Credentials m_credentials;
    QByteArray m_path;
    replica::ObjectKey m_key;
    std::vector<Answer> m_answers;
    QStringList m_reasons;
    std::optional<replica::Outcome> m_notFound;
    std::optional<replica::Outcome> m_missingUser;
    std::optional<replica::Outcome> m_refused;
    QList<QString> m_absent; ///< Servers that have not got the folder.
    int m_absences = 0;
    int m_missingUsers = 0;
    int m_refusals = 0;
    int m_waiting = 0;
    QTimer m_rest;           ///< The others' time, once enough have answered.
    bool m_imported = false; ///< The catalogue knows all of the account's files.
    bool m_done = false;
};

} // namespace cring::gateway
