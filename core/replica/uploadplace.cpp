// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/uploadplace.h"

namespace cring::replica {

UploadPlace::UploadPlace(Environment &environment, const Credentials &credentials, const QByteArray &path)
    : m_environment(environment)
    , m_key(objectKey(credentials.account, path))
    , m_probe(environment, credentials, path)
{
    connect(&m_probe, &ExistenceProbe::finished, this, &UploadPlace::handleProbed);
}

void UploadPlace::find(const OwnerSet &owners)
{
    if (m_environment.catalogue.isBelowFile(m_key)) {
        refuseBelowFile();
        Q_EMIT found();
        return;
    }
    if (const auto record = m_environment.catalogue.find(m_key)) {
        m_existed = !record->deleted;
        m_known = true;
        if (!record->deleted && record->folder)
            refuseForFolder();
        Q_EMIT found();
        return;
    }
    QList<health::Backend *> servers;
    for (const auto &stream : owners.streams())
        servers << &stream->backend();
    // A file may be on others than its owners, which stood in for them.
    const QList<health::Backend *> usable = m_environment.backends.usable();
    for (health::Backend *backend : usable) {
        if (!servers.contains(backend))
            servers << backend;
    }
    m_probe.start(servers);
}

void UploadPlace::handleProbed()
{
    m_known = true;
    switch (*m_probe.finding()) {
    case ExistenceProbe::Finding::Folder:
        refuseForFolder();
        break;
    case ExistenceProbe::Finding::Unservable:
        refuseBelowFile();
        break;
    case ExistenceProbe::Finding::File:
        m_existed = true;
        break;
    case ExistenceProbe::Finding::Nothing:
        m_existed = false;
        break;
    case ExistenceProbe::Finding::Unknown:
        break;
    }
    Q_EMIT found();
}

void UploadPlace::findAgain(const std::optional<quint64> &onlyOver)
{
    const auto record = m_environment.catalogue.find(m_key);
    const quint64 version = record ? record->version : 0;
    if (onlyOver && *onlyOver != version) {
        m_refused = refusal(409, QStringLiteral("the file was changed meanwhile"));
        return;
    }
    if (record)
        m_existed = !record->deleted;
    const bool isFile = record && !record->deleted && !record->folder;
    if (!isFile && m_environment.catalogue.livesBelow(m_key, version))
        refuseForFolder(); // something was put into it since it was deleted, or while the path was waited for
    else if (m_environment.catalogue.isBelowFile(m_key))
        refuseBelowFile();
}

void UploadPlace::refuseForFolder()
{
    m_refused = refusal(409, QStringLiteral("a folder stands where the file should go"));
}

void UploadPlace::refuseBelowFile()
{
    m_refused =
        refusal(409, QStringLiteral("the servers cannot have a file at this path: it lies below a file, "
                                    "or in a folder that cannot be entered"));
}

} // namespace cring::replica
