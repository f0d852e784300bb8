// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/versioncount.h"

#include "core/backup/objectname.h"

namespace cring::backup {

VersionCount::VersionCount(S3Client &client)
    : m_walk(client, {})
{
}

void VersionCount::start()
{
    m_walk.next([this](const S3Result<QList<ListedVersion>> &page) {
        if (!page) {
            Q_EMIT failed(page.error());
            return;
        }
        for (const ListedVersion &version : *page) {
            if (version.latest || version.deleteMarker)
                continue;
            const ParsedKey key = parseKey(version.key);
            if (key.charmId.isEmpty())
                continue;
            OldVersions::Count &count = m_found.accounts[key.charmId];
            ++count.versions;
            count.bytes += version.size;
        }
        if (m_walk.atEnd())
            Q_EMIT finished();
        else
            start();
    });
}

} // namespace cring::backup
