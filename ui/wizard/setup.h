// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"
#include "ui/settings/backupform.h"
#include "ui/window/serverform.h"

#include <QTemporaryDir>

#include <optional>

namespace cring::ui {

/// What the wizard has been told so far. Until the end it is here and in a temporary file alone, for cring to
/// look at: calling the wizard off, or a crash, leaves nothing.
class Setup : public QObject
{
    Q_OBJECT

public:
    enum class Mode {
        Servers,  ///< There are several servers.
        Replicas, ///< There is one, and others are made from it.
        Bucket,   ///< There is one, and a bucket.
    };

    /// The configuration outlives this.
    explicit Setup(models::Configuration &configuration, QObject *parent = nullptr);

    Mode mode = Mode::Servers;
    QList<ServerEntry> servers;
    std::optional<BackupEntry> backup;
    QString address = QStringLiteral("localhost:35354");
    QString sshAddress = QStringLiteral("localhost:35353");
    QString metricsAddress = QStringLiteral("localhost:35355");
    bool adopts = true;                ///< The client's key of a server is used with the ring, too.
    bool isAdopted = false;            ///< Nothing is to be done for that.
    std::function<Secret()> keys = {}; ///< Of the bucket, when it is asked for at the end.

    models::Configuration &configuration() const { return m_configuration; }

    /// The configuration that would be written.
    QByteArray text() const;
    /// cring, about that configuration as it is now. NotFound, when the temporary file cannot be written.
    Result<models::Cring> draft() const;
    QString draftFile() const;

    /// "CHARM_HOST=localhost", and the ports where they are not Charm's own.
    QStringList exports() const;

Q_SIGNALS:
    /// The list of servers.
    void serversChanged();

private:
    models::Configuration &m_configuration;
    QTemporaryDir m_folder;
};

} // namespace cring::ui
