// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include <functional>
namespace cring::charm {
class MultipartScanner {
public:
    static Result<MultipartScanner> forContentType(QByteArrayView contentType);
    Result<qint64> feed(QByteArrayView chunk, const std::function<void(QByteArrayView)> &payload);
    Status finish() const;
    bool closed() const { return m_closed; }
private:
    QByteArray m_delim; // "--boundary"
    QByteArray m_buf; qint64 m_base = 0; qint64 m_tail = -1; bool m_closed = false; bool m_inData = false; bool m_head = false; bool m_seen=false;
};
struct Envelope { QByteArray contentType, head, tail; };
Envelope makeEnvelope(const QByteArray &boundary);
} // namespace cring::charm
