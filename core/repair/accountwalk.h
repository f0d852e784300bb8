// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/sight.h"
#include "core/repair/treewalk.h"

namespace cring::repair {

/// Goes through one account on all servers at once and through the catalogue beside them: ordered streams
/// that are merged key by key, so that of every path it is known who has it, who has not, and who could not
/// say.
class AccountWalk final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Waiting, ///< For servers; moved() follows.
        Ready,   ///< take() gives the next path.
        Ended,
    };

    AccountWalk(Environment &environment, const Credentials &credentials, QObject *parent);
    ~AccountWalk() override;

    /// Once. Begins with the first path after a key.
    void start(const ObjectKey &after);
    State state() const;
    /// While Ready.
    Sight take();
    void setCredentials(const Credentials &credentials);
    /// The servers that could be heard about all of it, by id; for certain when Ended.
    QStringList complete() const;
    /// Why not the others, by id; to follow their names.
    QMap<QString, QString> problems() const;

Q_SIGNALS:
    /// It is not Waiting any more; from the event loop.
    void moved();

private:
    std::optional<ObjectKey> next() const;
    std::optional<ObjectKey> nextRecord() const;

    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    const ObjectKey m_account;
    std::vector<std::unique_ptr<TreeWalk>> m_walks;
    QList<health::Backend *> m_unheard; ///< Servers that are not asked at all.
    QMap<QString, QString> m_problems;  ///< Why.
    ObjectKey m_last;
};

} // namespace cring::repair
