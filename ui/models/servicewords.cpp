// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/servicewords.h"

#include "ui/models/wording.h"

#include <QHostAddress>

namespace cring::models {

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::ServiceWords)
};

/// For tr(): its plurals are chosen by an int.
int plural(qint64 count)
{
    return static_cast<int>(std::min<qint64>(count, 1'000'000));
}

QString portOf(const QString &address)
{
    return address.mid(address.lastIndexOf(u':') + 1);
}

/// The charm client keeps a key for each name: on this machine it is always the same one.
QString hostOf(const QString &address)
{
    QString host = address.left(address.lastIndexOf(u':'));
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.mid(1, host.size() - 2);
    const QHostAddress ip(host);
    const bool isHere = host.isEmpty() || ip.isLoopback() || ip == QHostAddress(QHostAddress::AnyIPv4) ||
                        ip == QHostAddress(QHostAddress::AnyIPv6) || ip == QHostAddress(QHostAddress::Any);
    return isHere ? QStringLiteral("localhost") : host;
}

} // namespace

QString clientSettings(const control::Snapshot &snapshot)
{
    if (snapshot.httpAddress.isEmpty() || snapshot.sshAddress.isEmpty())
        return {};
    return QStringLiteral("export CHARM_HOST=%1 CHARM_SSH_PORT=%2 CHARM_HTTP_PORT=%3")
        .arg(hostOf(snapshot.httpAddress), portOf(snapshot.sshAddress), portOf(snapshot.httpAddress));
}

QString stopWords(const SnapshotPtr &snapshot)
{
    QStringList sentences{
        Words::tr("Charm clients that use the ring can then neither store nor fetch anything, "
                  "until the service is started again.")};
    if (!snapshot)
        return sentences.first();
    qint64 owed = 0;
    QStringList servers;
    for (const control::BackendStatus &backend : snapshot->backends) {
        owed += backend.owed;
        if (backend.owed > 0)
            servers.append(backend.name);
    }
    qint64 unsaved = 0;
    for (const control::BackupStatus &backup : snapshot->backups)
        unsaved += backup.owed;
    if (owed > 0)
        sentences.append(
            Words::tr("%n file(s) lack a copy on %1, and stay without it.", nullptr, plural(owed))
                .arg(Wording::enumeration(servers)));
    if (unsaved > 0)
        sentences.append(
            Words::tr("%n file(s) wait for the backup, and go on waiting.", nullptr, plural(unsaved)));
    if (!snapshot->jobs.isEmpty())
        sentences.append(Words::tr("%n job(s) under way stop, and go on after the start.", nullptr,
                                   static_cast<int>(snapshot->jobs.size())));
    if (owed == 0 && unsaved == 0)
        sentences.append(Words::tr("What is stored stays where it is."));
    return sentences.join(u' ');
}

} // namespace cring::models
