// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/requests.h"

#include "core/charm/blobpath.h"
#include "core/charm/multipart.h"

namespace cring::replica {

http::Request fileRequest(const char *method, const Credentials &credentials, const QByteArray &path)
{
    http::Request request;
    request.method = method;
    request.target = "/v1/fs/" + path;
    request.headers.append("Authorization", credentials.authorization);
    return request;
}

http::Request folderRequest(const Credentials &credentials, const QByteArray &path, quint32 mode)
{
    const charm::Envelope envelope = charm::makeEnvelope("charmedringfolder");
    http::Request request =
        fileRequest("POST", credentials, path + "?mode=" + QByteArray::number(mode | charm::kDirBit));
    request.headers.append("Content-Type", envelope.contentType);
    request.body = envelope.head + envelope.tail;
    return request;
}

bool admits(health::Backend &backend, QStringList &reasons)
{
    if (backend.usable() && backend.breaker().allows())
        return true;
    reasons << backend.name() + u' ' + backend.unusableReason();
    return false;
}

} // namespace cring::replica
