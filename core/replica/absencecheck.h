// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/exchange.h"
#include "core/replica/environment.h"

namespace cring::replica {

/// Somebody who read a file has met a server that has none. Asks all owners of it: those without owe it when
/// fewer than a quorum are so, and the record is still the one that was read. What a quorum has lost is
/// perhaps somebody's delete, and for a person to decide.
///
/// Owns itself.
class AbsenceCheck final : public QObject
{
    Q_OBJECT

public:
    /// `version`: of the record that was read.
    static void start(Environment &environment, const Credentials &credentials, const ObjectKey &key,
                      quint64 version);

private:
    AbsenceCheck(Environment &environment, const ObjectKey &key, quint64 version);

    void ask(const Credentials &credentials);
    void handleAnswer(const QString &server, const Result<http::Response> &result);
    void decide();

    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    const ObjectKey m_key;
    const quint64 m_version;
    QList<QString> m_without;
    int m_silent = 0;
    int m_waiting = 0;
};

} // namespace cring::replica
