// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"
#include "core/backup/snapshotsearch.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/workers.h"
#include "core/config/config.h"

namespace cring::app {

/// `cring backup recover --kit FILE|- --url U --bucket B …`: makes a state directory and a configuration, or
/// servers' data directories, from the newest snapshot of the accounts that the kit opens. Needs no service.
/// run() is the program's main loop.
class RecoverCommand final : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QString kit;           ///< A file, or "-".
        config::Backup backup; ///< Where it is; keys come from elsewhere.
        bool secretStdin = false;
        QString out;            ///< The state directory; "": the one that `cring serve` uses.
        QStringList serverData; ///< Data directories to be made, and no state.
        QString configFile;     ///< To be written with writeConfig.
        bool writeConfig = false;
    };

    RecoverCommand(ServiceCommandContext context, Options options);
    ~RecoverCommand() override;

    int run();

private:
    Status prepare();
    Result<backup::Credentials> credentials() const;
    void handlePassedOver(const QByteArray &key, const QString &why);
    int finish();
    int makeServers(const backup::AccountSnapshot &snapshot);
    int makeState(const backup::AccountSnapshot &snapshot);
    int fail(const Error &error);
    void advise(const QString &text);

    ServiceCommandContext m_context;
    const Options m_options;
    QString m_directory;
    const SystemClock m_clock;
    SystemRandom m_random;
    Workers m_workers;
    std::optional<backup::RecoveryKit> m_kit;
    std::unique_ptr<backup::S3Client> m_client;
    std::unique_ptr<backup::SnapshotSearch> m_search; ///< Goes first.
};

} // namespace cring::app
