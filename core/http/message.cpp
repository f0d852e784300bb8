// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/message.h"

#include <boost/beast/http/status.hpp>

namespace cring::http {

namespace {

void appendFields(QByteArray &out, const Headers &headers)
{
    for (const Headers::Field &field : headers.fields())
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    out.append("\r\n");
}

} // namespace

QByteArray serialise(const RequestHead &head)
{
    QByteArray out;
    out.reserve(512);
    out.append(head.method).append(' ').append(head.target).append(" HTTP/1.1\r\n");
    appendFields(out, head.headers);
    return out;
}

QByteArray serialise(int status, const Headers &headers)
{
    QByteArray out;
    out.reserve(256);
    out.append("HTTP/1.1 ")
        .append(QByteArray::number(status))
        .append(' ')
        .append(reasonPhrase(status))
        .append("\r\n");
    appendFields(out, headers);
    return out;
}

QByteArray reasonPhrase(int status)
{
    const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
    if (known == boost::beast::http::status::unknown)
        return {};
    const auto text = boost::beast::http::obsolete_reason(known);
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

QByteArray chunkPrefix(qsizetype size)
{
    return QByteArray::number(static_cast<qulonglong>(size), 16).append("\r\n");
}

QByteArray chunk(const QByteArray &data)
{
    return chunkPrefix(data.size()) + data + "\r\n";
}

} // namespace cring::http
