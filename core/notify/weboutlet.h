// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/secretstore.h"
#include "core/notify/outlet.h"
#include "core/notify/webcall.h"

namespace cring::notify {

/// A webhook, which gets each message as JSON; or a dead-man's address, which is called and gets nothing.
class WebOutlet final : public QObject, public IOutlet
{
    Q_OBJECT

public:
    enum class Kind { Webhook, Deadman };

    /// The references outlive it.
    WebOutlet(Kind kind, const config::Notify &settings, config::ISecretStore &secrets,
              QNetworkAccessManager &network);

    QString name() const override;
    QString target() const override;
    void send(const Message &message, QObject *context, Done done) override;

private:
    struct Sending;

    void readAddress(const std::shared_ptr<Sending> &sending);
    void readToken(const std::shared_ptr<Sending> &sending);
    void call(const std::shared_ptr<Sending> &sending);

    const Kind m_kind;
    const QString m_address; ///< Itself, or where it is kept.
    const QString m_token;   ///< Where it is kept.
    const QString m_caFile;
    config::ISecretStore &m_secrets;
    QNetworkAccessManager &m_network;
};

} // namespace cring::notify
