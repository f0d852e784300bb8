// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/partlook.h"

#include "core/backup/bodydigest.h"
#include "core/backup/s3document.h"

namespace cring::backup {

namespace {

/// MD5 in hexadecimal, as an ETag in quotes is with most servers; empty: it is something else.
QByteArray md5Of(const QByteArray &etag)
{
    constexpr qsizetype kMd5 = 16;
    QByteArray text = etag;
    text.replace('"', QByteArray());
    const QByteArray md5 = QByteArray::fromHex(text);
    return md5.size() == kMd5 && md5.toHex() == text ? md5 : QByteArray();
}

} // namespace

PartLook::PartLook(S3Client &client, PartTarget target, PartSet &parts, Done<Nothing> done, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_target(std::move(target))
    , m_parts(parts)
    , m_done(std::move(done))
{
    ask(0);
}

void PartLook::ask(int marker)
{
    m_client.listParts(m_target.key, m_target.uploadId, marker, this,
                       [this, marker](const S3Result<PartPage> &page) { handlePage(marker, page); });
}

void PartLook::handlePage(int marker, const S3Result<PartPage> &page)
{
    if (!page) {
        end(page.error());
        return;
    }
    for (const Part &part : page->parts)
        judge(part);
    if (page->next == 0) {
        compareNext();
    } else if (page->next <= marker) {
        end(m_client.session().named(senseless(QStringLiteral("the list of parts does not advance")),
                                     QStringLiteral("ListParts")));
    } else {
        ask(page->next);
    }
}

void PartLook::judge(const Part &part)
{
    if (!m_parts.has(part.number) || part.size != m_parts.sizeOf(part.number) || part.etag.isEmpty())
        return;
    if (part.sha256 == m_parts.sha256Of(part.number))
        m_parts.setStored(part.number, part.etag);
    else if (part.sha256.isEmpty() && !md5Of(part.etag).isEmpty())
        m_unproven.append(part);
}

void PartLook::compareNext()
{
    if (m_unproven.isEmpty()) {
        end(Nothing{});
        return;
    }
    const Part part = m_unproven.takeFirst();
    const auto bytes = std::make_shared<PartSource>(m_target.body, m_parts.offsetOf(part.number), part.size);
    new BodyDigest(
        Hash::Md5, bytes, 0, m_client.session().workers(),
        [this, part](const Result<BodyDigest::Digests> &digests) {
            // What cannot be read any more, the sending will say.
            if (digests && digests->whole == md5Of(part.etag))
                m_parts.setStored(part.number, part.etag);
            compareNext();
        },
        this);
}

void PartLook::end(S3Result<Nothing> result)
{
    deleteLater();
    if (const auto done = std::exchange(m_done, nullptr))
        done(std::move(result));
}

} // namespace cring::backup
