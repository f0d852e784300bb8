// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/multipart.h"
namespace cring::charm {
Result<MultipartScanner> MultipartScanner::forContentType(QByteArrayView ct)
{
    const QByteArray t = ct.toByteArray();
    const qsizetype at = t.indexOf("boundary=");
    if (!t.startsWith("multipart/form-data") || at < 0)
        return Error{Code::RequestMalformed, QStringLiteral("an upload must be multipart/form-data")};
    QByteArray b = t.mid(at + 9);
    if (b.startsWith('"')) b = b.mid(1, b.indexOf('"', 1) - 1);
    else if (b.contains(';')) b = b.left(b.indexOf(';'));
    MultipartScanner s; s.m_delim = "--" + b; return s;
}
Result<qint64> MultipartScanner::feed(QByteArrayView chunk, const std::function<void(QByteArrayView)> &payload)
{
    if (m_closed) return m_tail;
    m_buf += chunk.toByteArray();
    if (!m_inData) {
        const qsizetype e = m_buf.indexOf("\r\n\r\n");
        if (e < 0) return m_base;
        m_base += e + 4; m_buf.remove(0, e + 4); m_inData = true;
    }
    const QByteArray end = "\r\n" + m_delim + "--";
    const qsizetype at = m_buf.indexOf(end);
    if (at >= 0) { payload(QByteArrayView(m_buf).first(at)); m_closed = true; m_tail = m_base + at; m_buf.clear(); return m_tail; }
    qsizetype keep = 0;
    for (qsizetype k = qMin(end.size() - 1, m_buf.size()); k > 0; --k) if (end.startsWith(m_buf.last(k))) { keep = k; break; }
    const qsizetype go = m_buf.size() - keep;
    payload(QByteArrayView(m_buf).first(go));
    m_base += go; m_buf.remove(0, go);
    return m_base;
}
Status MultipartScanner::finish() const { if (m_closed) return {}; return Error{Code::RequestMalformed, QStringLiteral("the multipart body has no closing delimiter")}; }
Envelope makeEnvelope(const QByteArray &b)
{
    return {"multipart/form-data; boundary=" + b, "--" + b + "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"data\"\r\nContent-Type: application/octet-stream\r\n\r\n", "\r\n--" + b + "--\r\n"};
}
} // namespace cring::charm
