// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/answers.h"
#include "core/replica/environment.h"

namespace cring::replica {

/// One replicated delete of a file or a folder with all that is in it. It goes to every server; acknowledged
/// when so many have answered that no file below has kept a quorum of its copies.
///
/// Refused before anything is sent, or carried through: once a server has it the tombstone stands, servers
/// that missed it owe it, and a client that is told 503 is told so. Lives until every server has answered,
/// then deletes itself.
class Removal final : public QObject
{
    Q_OBJECT

public:
    Removal(Environment &environment, const Credentials &credentials, const QByteArray &path,
            const QByteArray &target, QObject *parent);
    ~Removal() override;

    /// Before start(): refused with 409 when the path's record has another version by then (0: no record).
    void setOnlyOver(quint64 version) { m_onlyOver = version; }
    void start();

Q_SIGNALS:
    /// Once.
    void finished(const cring::replica::Outcome &outcome);

private:
    enum class Share { Waiting, Sent, Done, Refused, Lost };

    struct Target
    {
        health::Backend *backend;
        Share share = Share::Waiting;
        int status = 0;
        QByteArray contentType;
        QByteArray body;
        QString reason;
        Lanes::Hold lane;
    };

    void handleLocked(PathLocks::Lease lease);
    void letGo();
    void sendAll();
    void send(size_t index, Lanes::Hold lane);
    void handleAnswer(size_t index, const Result<http::Response> &result);
    void handleDeadline();
    void evaluate();
    void markTombstone();
    void lookBack();
    void withdraw();
    void conclude(const Outcome &outcome);
    void finishIfSettled();
    int count(Share share) const;
    QStringList reasons() const;
    Outcome unconfirmed() const;

    Environment &m_environment;
    Credentials m_credentials;
    ObjectKey m_key;
    QByteArray m_path;
    QByteArray m_target;
    std::vector<Target> m_targets;
    QTimer m_deadline;
    PathLocks::Lease m_lease;
    QList<QString> m_absentIds;
    QStringList m_absent;
    std::optional<quint64> m_onlyOver;
    quint64 m_intent = 0;
    quint64 m_version = 0;                ///< Of the tombstone.
    state::Catalogue::Knowledge m_before; ///< Of the path.
    bool m_sent = false;                  ///< To the first server.
    bool m_durable = false;               ///< The tombstone survives a power cut.
    QString m_problem;                    ///< Why it does not.
    bool m_looking = false;               ///< At what a refused delete has left.
    bool m_lookedBack = false;            ///< Once is enough.
    bool m_withdrawn = false;
    bool m_answered = false;
};

} // namespace cring::replica
