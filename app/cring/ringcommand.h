// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "core/config/config.h"

namespace cring::app {

/// A command that works by itself and only wants to know the ring: from the running service, which knows what
/// was given to it by flags; without one, from the configuration.
class RingCommand : public ServiceCommand
{
    Q_OBJECT

public:
    struct Ring
    {
        config::Config config; ///< Addresses, servers, identity.
        QString primary;       ///< The id of the primary; "" when nobody knows.
    };

    /// `configured`: what the configuration says.
    RingCommand(ServiceCommandContext context, config::Config configured);

protected:
    virtual void handleRing(const Ring &ring) = 0;
    /// It runs, and can be asked.
    bool hasService() const { return m_served; }
    /// It has hung up after handleRing(): answers that are under way do not come.
    virtual void handleServiceGone() {}

    void handleOpened(const control::ServiceInfo &info) final;
    void handleFailed(const Error &error) final;
    void handleClosed(const Error &reason) final;

private:
    void handleStatus(const QJsonObject &status);

    Ring m_ring;
    bool m_known = false;
    bool m_served = false;
};

} // namespace cring::app
