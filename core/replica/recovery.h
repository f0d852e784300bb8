// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/copylook.h"

#include <QPointer>
#include <QTimer>

#include <list>

namespace cring::replica {

/// Finds out what became of the uploads that a killed service left between their tails and their records, and
/// of the folders that it was making (state::Intents), by asking their servers. Until that is known their
/// paths are not served: nobody reads what may be taken back, and nothing is lost that somebody was told was
/// stored.
///
/// The new bytes in the spool decide, for those of a refused upload are taken out of it before that is told.
/// So does a server that has them: an upload that nobody acknowledged may become what holds. That so many
/// have something else that no quorum can have stored it decides, too: the old version holds. In both cases
/// every copy that is not right is in doubt already, and is delivered.
///
/// A folder holds where any server has it: nobody was told that it does not.
class Recovery final : public QObject
{
    Q_OBJECT

public:
    Recovery(state::Catalogue &catalogue, state::Intents &intents, ITokenSource &tokens,
             QObject *parent = nullptr);
    ~Recovery() override;

    /// With every new configuration; from the first one on it tries by itself.
    void setEnvironment(Environment &environment);
    /// `done` comes at once when the path and what is below it can be served, else as soon as they can, or
    /// with words when that is not known in time. Never when `context` dies first.
    void settle(const ObjectKey &key, QObject *context, std::function<void(const Status &)> done);

private:
    struct Attempt
    {
        state::Intent intent;
        PathLocks::Lease lease;
        std::vector<std::unique_ptr<CopyLook>> looks;
        int waiting = 0;
        QStringList unknown; ///< Who could not say, and why.
        qsizetype unknowns = 0;
    };
    struct Waiting
    {
        ObjectKey key;
        QPointer<QObject> context;
        std::function<void(const Status &)> done;
        std::chrono::milliseconds due{0};
    };

    void tryAll();
    void tryAgain();
    void begin(quint64 id);
    bool isInSpool(const state::Intent &intent) const;
    void takeFromSpool(quint64 id);
    void ask(quint64 id, const Credentials &credentials);
    void handleLooked(quint64 id);
    QList<QString> holdersOf(Attempt &attempt) const;
    bool isUndecided(const Attempt &attempt, QList<QString> &holders) const;
    static qsizetype mostAlike(const Attempt &attempt);
    void decide(quint64 id, const Attempt &attempt, const QList<QString> &holders);
    void decideFolder(const state::Intent &intent, const QList<QString> &holders);
    void holdFolder(const state::Intent &intent, const QList<QString> &holders, bool isRecorded);
    void tell(const state::Intent &intent, bool stored);
    void keepOld(const Attempt &attempt);
    void adoptOld(const Attempt &attempt);
    void hold(const state::Intent &intent, const Record &record, const QList<QString> &holders);
    void handleTick();
    void answer();
    QString reason(const ObjectKey &key) const;

    state::Catalogue &m_catalogue;
    state::Intents &m_intents;
    ITokenSource &m_tokens;
    Environment *m_environment = nullptr;
    std::unique_ptr<QObject> m_watch; ///< Of the environment's servers.
    QHash<quint64, std::shared_ptr<Attempt>> m_attempts;
    QHash<quint64, QString> m_reasons;               ///< Why it is not known yet.
    QHash<quint64, std::chrono::milliseconds> m_due; ///< When it is worth another attempt.
    std::list<Waiting> m_waiting;
    QTimer m_tick;
};

} // namespace cring::replica
