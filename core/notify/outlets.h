// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/secretstore.h"
#include "core/notify/courier.h"

#include <vector>

QT_BEGIN_NAMESPACE
class QNetworkAccessManager;
QT_END_NAMESPACE

namespace cring::notify {

/// All outlets that a configuration names, with their couriers. Lives on the event loop's thread.
class Outlets final : public QObject
{
    Q_OBJECT

public:
    /// What calls of the dead-man's address wait as.
    static constexpr QLatin1String alive{"alive"};

    /// The references outlive it.
    Outlets(config::ISecretStore &secrets, const IClock &clock, telemetry::ActivityLog &activity,
            QObject *parent = nullptr);
    ~Outlets() override;

    /// What waits goes on waiting for the outlet of the same name, where there still is one.
    void configure(const config::Notify &settings);

    bool isEmpty() const { return m_couriers.empty(); }
    bool hasDeadman() const { return find(QLatin1String("deadman")) != nullptr; }
    /// To the webhook and by mail.
    void tell(const Message &message);
    /// The dead-man's address is to be called now.
    void callDeadman(const Message &message);
    /// It is not to be called after all.
    void holdDeadman();

    /// In the order of their names in the configuration.
    QList<Courier *> couriers() const;
    QList<OutletStatus> status() const;

    /// All that waits, to be kept, and back.
    QJsonObject waiting() const;
    void restore(const QJsonObject &waiting);

Q_SIGNALS:
    /// What waits has changed.
    void changed();

private:
    Courier *find(QLatin1String name) const;
    void add(std::unique_ptr<IOutlet> outlet);

    config::ISecretStore &m_secrets;
    const IClock &m_clock;
    telemetry::ActivityLog &m_activity;
    std::unique_ptr<QNetworkAccessManager> m_network; ///< Made when it is first needed: it has a thread.
    std::vector<std::unique_ptr<Courier>> m_couriers;
};

} // namespace cring::notify
