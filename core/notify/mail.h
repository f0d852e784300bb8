// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/workers.h"
#include "core/config/endpoint.h"
#include "core/config/secretstore.h"
#include "core/notify/outlet.h"

#include <QStringList>

namespace cring::notify {

class MailCalls;

/// Gives each message to a mail server, by libcurl's SMTP on a worker thread of its own.
class Mail final : public QObject, public IOutlet
{
    Q_OBJECT

public:
    /// For everything that one mail takes.
    static constexpr std::chrono::seconds timeLimit{30};

    /// `settings` are validated; `secrets` outlives it.
    Mail(const config::Notify &settings, config::ISecretStore &secrets);
    /// Cuts what is under way, and waits for no server.
    ~Mail() override;

    QString name() const override { return QStringLiteral("mail"); }
    QString target() const override;
    void send(const Message &message, QObject *context, Done done) override;

private:
    void deliver(const QByteArray &text, Secret password, const QPointer<QObject> &context, const Done &done);

    const config::Notify m_settings;
    const QString m_from;
    const QStringList m_to;
    config::ISecretStore &m_secrets;
    const std::shared_ptr<MailCalls> m_calls;
    Workers m_workers{1};
};

} // namespace cring::notify
