// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settingstable.h"

#include <QCoreApplication>

namespace cring::ui {

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::SettingsDialog)
};

} // namespace

QList<SettingRow> generalSettings()
{
    return {
        {QStringLiteral("service.replicas"), Words::tr("&Copies of each file:"),
         Words::tr("On as many servers. With three, one server may be lost and uploads go on.")},
        {QStringLiteral("service.local_copy"), Words::tr("Count a copy on this &machine:"),
         Words::tr(
             "While too few servers can be reached, a copy on this machine’s disk counts as one, and the "
             "servers get the file when they are back. A disk that is lost before that takes such files "
             "with it.")},
        {QStringLiteral("service.log_level"), Words::tr("L&og:"), Words::tr("The least that is written.")},
    };
}

QList<SettingRow> serverSettings()
{
    return {
        {QStringLiteral("service.accounts"), Words::tr("&Accounts are answered by:"),
         Words::tr(
             "forward: a Charm server. standby: this service while no server answers. closed: always this "
             "service, and nobody makes an account. The latter two need the servers’ key.")},
        {QStringLiteral("identity.key"), Words::tr("Your own &key:"),
         Words::tr("auto finds it as the charm client does. Otherwise keychain or file:/path.")},
        {QStringLiteral("identity.server_key"), Words::tr("The servers’ si&gning key:"),
         Words::tr("file:/path of charm_server_ed25519 from a server’s data directory, or keychain. With it "
                   "files of "
                   "every account can be mended at any time. Whoever can read it can sign for anybody.")},
    };
}

QList<SettingRow> networkSettings()
{
    return {
        {QStringLiteral("service.address"), Words::tr("Clients connect by &HTTP at:"),
         Words::tr("localhost:35354 is for this machine alone; :35354 opens it to the network.")},
        {QStringLiteral("service.ssh_address"), Words::tr("Clients connect by &SSH at:"),
         Words::tr("Where the charm client logs in.")},
        {QStringLiteral("service.metrics_address"), Words::tr("&Metrics at:"),
         Words::tr("For Prometheus and health checks, without a password. Empty: none.")},
        {QStringLiteral("service.tls_cert"), Words::tr("&Certificate:"),
         Words::tr("A PEM file. With it and its key, clients connect by HTTPS; needed when the servers’ "
                   "public URL is "
                   "https.")},
        {QStringLiteral("service.tls_key"), Words::tr("Certificate’s &key:"),
         Words::tr("Its private key, a PEM file.")},
        {QStringLiteral("service.ca_file"), Words::tr("Trusted &authorities:"),
         Words::tr(
             "A PEM file with those that may sign the servers’ certificates, instead of the system’s.")},
    };
}

QList<SettingRow> advancedSettings()
{
    QList<SettingRow> rows;
    for (const char *key : {"repair.files_per_second",
                            "repair.bytes_per_second",
                            "repair.scrub_interval",
                            "repair.deep_verify_interval",
                            "repair.tombstone_time",
                            "repair.conflict_bytes",
                            "spool.disk_budget",
                            "limits.body_bytes",
                            "limits.header_bytes",
                            "limits.header_time",
                            "limits.idle_time",
                            "limits.connections",
                            "limits.connections_per_address",
                            "timing.connect_timeout",
                            "timing.continue_timeout",
                            "timing.stall_budget",
                            "timing.answer_timeout",
                            "timing.read_timeout",
                            "timing.listing_timeout",
                            "timing.ssh_banner_timeout",
                            "timing.ssh_idle_time",
                            "timing.probe_interval",
                            "timing.probe_timeout",
                            "timing.second_look",
                            "timing.drain_time"})
        rows.append({QLatin1String(key), QLatin1String(key) + u':', {}});
    return rows;
}

} // namespace cring::ui
