// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/ringcommand.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/config/secretstore.h"
#include "core/service/identitysurvey.h"

#include <QSet>

namespace cring::app {

/// `cring identity list [--offline]`: the person's Charm keys on this machine, the account of each, and which
/// servers know it; as the service knows it, where no server can say. PartlyDone when nobody can.
class IdentityListCommand final : public RingCommand
{
    Q_OBJECT

public:
    IdentityListCommand(ServiceCommandContext context, config::Config configured, bool offline);

protected:
    void handleRing(const Ring &ring) override;

    void handleServiceGone() override;

private:
    void askService(qsizetype from);
    void takeAccount(qsizetype at, const QJsonObject &shown);
    QString knownWords(qsizetype at) const;
    void report();
    void advise();

    const bool m_offline;
    bool m_asked = false; ///< The service, and it has not answered yet.
    QList<service::IdentitySurvey::Row> m_rows;
    QSet<qsizetype> m_byService; ///< Rows whose account no server could say.
    const SystemClock m_clock;
    SystemRandom m_random;
    config::SecretPlaces m_secrets;
    std::unique_ptr<service::IdentitySurvey> m_survey;
};

/// `cring identity adopt [--from HOST] [--to HOST] [--replace] [--yes] [--dry-run]`: gives the ring's host
/// name the key that the charm client has for a server, so that the person is the same account there. Copies,
/// never moves.
class IdentityAdoptCommand final : public RingCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString from; ///< Hosts; "" = found out.
        QString to;
        bool replace = false; ///< Another key that is there gives way, and is kept.
        bool yes = false;
        bool dryRun = false;
    };

    IdentityAdoptCommand(ServiceCommandContext context, config::Config configured, Options options);

protected:
    void handleRing(const Ring &ring) override;

private:
    Result<QString> chooseSource(const Ring &ring, const QString &to) const;
    void carryOut(const Ring &ring, const ssh::Adoption &plan);
    void report(const Ring &ring, const ssh::Adoption &adoption, const char *outcome);

    const Options m_options;
    const ssh::KeyPlaces m_places;
};

} // namespace cring::app
