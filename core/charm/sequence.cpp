// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/sequence.h"

#include "core/charm/json.h"

#include <algorithm>

namespace cring::charm {

Result<quint64> parseSequence(QByteArrayView text)
{
    constexpr qsizetype kMaxText = 1024;
    const auto document = text.size() > kMaxText ? std::nullopt : json::members(text);
    const QByteArrayView *value = document ? json::find(*document, "seq") : nullptr;
    const std::optional<quint64> number = value ? json::unsignedInteger(*value) : std::nullopt;
    if (!number)
        return Error{Code::BackendProtocol, QStringLiteral("The server's sequence number cannot be read.")};
    return *number;
}

QByteArray sequenceJson(quint64 number)
{
    return "{\"seq\":" + QByteArray::number(number) + "}\n";
}

QByteArray messageJson(const QString &message)
{
    return "{\"message\":" + json::quoted(message.toUtf8()) + "}\n";
}

SequenceRound::SequenceRound(int backends, std::optional<quint64> floor, int maxPosts)
    : m_backends(static_cast<size_t>(std::max(backends, 0)))
    , m_target(floor ? *floor + 1 : 0)
    , m_maxPosts(maxPosts)
{
}

QList<int> SequenceRound::takePosts()
{
    QList<int> out;
    if (m_answer)
        return out;
    for (size_t i = 0; i < m_backends.size(); ++i) {
        Backend &backend = m_backends[i];
        if (backend.failed || backend.pending || (backend.row && *backend.row >= m_target))
            continue;
        if (backend.posts == m_maxPosts) {
            backend.failed = true;
            continue;
        }
        ++backend.posts;
        backend.pending = true;
        out.append(static_cast<int>(i));
    }
    return out;
}

void SequenceRound::answered(int backend, quint64 row)
{
    Backend &one = m_backends[static_cast<size_t>(backend)];
    if (!one.pending)
        return;
    one.pending = false;
    // A row that does not grow is a server that was put back to an old state, or lies: it proves nothing.
    if (one.row && row <= *one.row) {
        one.failed = true;
        return;
    }
    one.row = row;
    settle();
}

void SequenceRound::failed(int backend)
{
    Backend &one = m_backends[static_cast<size_t>(backend)];
    one.pending = false;
    one.failed = true;
}

void SequenceRound::settle()
{
    if (m_answer)
        return;
    for (const Backend &backend : m_backends) {
        if (backend.row)
            m_target = std::max(m_target, *backend.row);
    }
    const auto reached = std::count_if(m_backends.begin(), m_backends.end(), [this](const Backend &backend) {
        return !backend.failed && backend.row && *backend.row >= m_target;
    });
    if (static_cast<size_t>(reached) >= majority())
        m_answer = m_target;
}

bool SequenceRound::hopeless() const
{
    const auto alive = std::count_if(m_backends.begin(), m_backends.end(),
                                     [](const Backend &backend) { return !backend.failed; });
    return !m_answer && static_cast<size_t>(alive) < majority();
}

} // namespace cring::charm
