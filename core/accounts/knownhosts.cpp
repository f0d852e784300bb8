// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/knownhosts.h"

#include "core/ssh/libsshhandles.h"

#include <QFile>

namespace cring::accounts {

namespace {

enum ssh_known_hosts_e lookIn(ssh_session session, const QString &file)
{
    if (!QFile::exists(file))
        return SSH_KNOWN_HOSTS_UNKNOWN;
    const QByteArray name = QFile::encodeName(file);
    if (ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, name.constData()) != SSH_OK ||
        ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") != SSH_OK)
        return SSH_KNOWN_HOSTS_ERROR;
    return ssh_session_is_known_server(session);
}

/// "SHA256:…", as ssh-keygen -l shows it.
QString fingerprint(ssh_session session)
{
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(session, &raw) != SSH_OK)
        return QStringLiteral("unreadable");
    const ssh::libssh::KeyPtr key(raw);
    unsigned char *hash = nullptr;
    size_t size = 0;
    if (ssh_get_publickey_hash(key.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK)
        return QStringLiteral("unreadable");
    const ssh::libssh::TextPtr text(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
    ssh_clean_pubkey_hash(&hash);
    return QString::fromLatin1(text.get());
}

QString loginCommand(const config::NodePlace &place)
{
    const QString port =
        place.port == config::NodePlace::kSshPort ? QString() : QStringLiteral("-p %1 ").arg(place.port);
    return QStringLiteral("ssh %1%2@%3").arg(port, place.user, place.host);
}

/// As known_hosts(5) has it.
QString nameInFile(const config::NodePlace &place)
{
    return place.port == config::NodePlace::kSshPort
               ? place.host
               : QStringLiteral("[%1]:%2").arg(place.host).arg(place.port);
}

Error changed(ssh_session session, const config::NodePlace &place, const QString &file)
{
    return Error{
        Code::HostKeyUnknown,
        QStringLiteral(
            "%1 has another host key (%2) than the one in %3: nothing was sent there. If that "
            "machine was set up anew, compare the fingerprint on its own screen, take the old key "
            "out with `ssh-keygen -R '%5'` and log in once with `%4`; else somebody may be between")
            .arg(place.machine(), fingerprint(session), file, loginCommand(place), nameInFile(place))};
}

Error unknown(ssh_session session, const config::NodePlace &place, const QStringList &files)
{
    return Error{
        Code::HostKeyUnknown,
        QStringLiteral("the host key of %1 (%2) is not known: nothing was sent there. Compare it on that "
                       "machine (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`), then log in once with "
                       "`%3`, or add it to one of: %4")
            .arg(place.machine(), fingerprint(session), loginCommand(place),
                 files.join(QStringLiteral(", ")))};
}

} // namespace

Status checkHostKey(ssh_session session, const config::NodePlace &place, const QStringList &knownHosts)
{
    bool isKnown = false;
    for (const QString &file : knownHosts) {
        switch (lookIn(session, file)) {
        case SSH_KNOWN_HOSTS_OK:
            isKnown = true;
            break;
        // A key of another kind than the known one is how an attacker would get past a comparison.
        case SSH_KNOWN_HOSTS_CHANGED:
        case SSH_KNOWN_HOSTS_OTHER:
            return changed(session, place, file);
        case SSH_KNOWN_HOSTS_ERROR:
            return Error{Code::HostKeyUnknown,
                         QStringLiteral("%1 cannot be read, so nobody knows the host key of %2")
                             .arg(file, place.machine())};
        default:
            break;
        }
    }
    return isKnown ? Status() : Status(unknown(session, place, knownHosts));
}

} // namespace cring::accounts
