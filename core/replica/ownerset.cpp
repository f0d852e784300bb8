// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/ownerset.h"

#include <algorithm>

namespace cring::replica {

namespace {

/// As Transfer::Copy has it.
QString partName(OwnerStream::State state)
{
    switch (state) {
    case OwnerStream::State::Preparing:
    case OwnerStream::State::Open:
        return QStringLiteral("taking");
    case OwnerStream::State::TailSent:
        return QStringLiteral("storing");
    case OwnerStream::State::Late:
        return QStringLiteral("late");
    case OwnerStream::State::Stored:
        return QStringLiteral("stored");
    case OwnerStream::State::Refused:
        return QStringLiteral("refused");
    case OwnerStream::State::Failed:
        return QStringLiteral("failed");
    case OwnerStream::State::InDoubt:
        break;
    }
    return QStringLiteral("in doubt");
}

Outcome answerOf(const OwnerStream &stream)
{
    return {stream.status(), stream.answerType(), stream.answerBody(), stream.reason()};
}

/// Of one that has not stored it, also where nothing is held against it.
QString standing(const OwnerStream &stream)
{
    if (!stream.reason().isEmpty())
        return stream.reason();
    return stream.state() == OwnerStream::State::Open ? QStringLiteral("would have taken it")
                                                      : QStringLiteral("had not answered yet");
}

} // namespace

OwnerSet::OwnerSet(Environment &environment, ObjectKey key)
    : m_environment(environment)
    , m_key(std::move(key))
{
}

void OwnerSet::choose()
{
    const auto wanted = static_cast<size_t>(m_environment.config.effectiveReplicas());
    const QList<health::Backend *> order = m_environment.placement(m_key);
    for (qsizetype i = 0; i < order.size() && m_streams.size() < wanted; ++i) {
        health::Backend *backend = order[i];
        if (backend->usable() && backend->breaker().allows()) {
            m_streams.push_back(std::make_unique<OwnerStream>(m_environment, *backend, m_key, nullptr));
        } else if (i < static_cast<qsizetype>(wanted)) {
            m_absent << backend->name() + u' ' + backend->unusableReason();
            m_absentIds << backend->id();
        }
    }
}

int OwnerSet::count(bool (*is)(const OwnerStream &)) const
{
    return static_cast<int>(
        std::count_if(m_streams.begin(), m_streams.end(), [&](const auto &stream) { return is(*stream); }));
}

int OwnerSet::in(OwnerStream::State state) const
{
    return static_cast<int>(std::count_if(m_streams.begin(), m_streams.end(),
                                          [&](const auto &stream) { return stream->state() == state; }));
}

bool OwnerSet::isReached(const OwnerStream &stream)
{
    // A gateway's words about a server that it cannot reach.
    const bool gateways = stream.status() >= 502 && stream.status() <= 504;
    return stream.undecided() || stream.state() == OwnerStream::State::Stored ||
           (stream.state() == OwnerStream::State::Refused && !gateways);
}

void OwnerSet::drop()
{
    for (const auto &stream : m_streams)
        stream->drop(QStringLiteral("was let go of"), false);
}

std::optional<Outcome> OwnerSet::commonRefusal() const
{
    for (const auto &stream : m_streams) {
        if (stream->state() != OwnerStream::State::Refused)
            continue;
        const auto same = std::count_if(m_streams.begin(), m_streams.end(), [&](const auto &other) {
            return other->state() == OwnerStream::State::Refused && other->status() == stream->status();
        });
        const bool missing = isMissingUser(stream->status(), stream->answerBody());
        if (same >= m_environment.config.quorum() && (!missing || same == size()))
            return answerOf(*stream);
    }
    return std::nullopt;
}

std::optional<Outcome> OwnerSet::refusalByAll() const
{
    if (m_streams.empty() || in(OwnerStream::State::Refused) != size())
        return std::nullopt;
    return answerOf(*m_streams.back());
}

QList<Rollback::Copy> OwnerSet::copies() const
{
    QList<Rollback::Copy> copies;
    for (const auto &stream : m_streams)
        copies.append({&stream->backend(), stream->state()});
    // One that was away has what it had.
    for (const QString &id : m_absentIds) {
        if (health::Backend *backend = m_environment.backends.find(id))
            copies.append({backend, OwnerStream::State::Failed});
    }
    return copies;
}

QString OwnerSet::tally() const
{
    QStringList reasons = m_absent;
    for (const auto &stream : m_streams) {
        if (stream->state() != OwnerStream::State::Stored)
            reasons << stream->backend().name() + u' ' + standing(*stream);
    }
    return QStringLiteral("stored on %1 of %2 servers, need %3: %4")
        .arg(in(OwnerStream::State::Stored))
        .arg(m_environment.config.effectiveReplicas())
        .arg(m_environment.config.quorum())
        .arg(listed(reasons));
}

QList<Transfer::Copy> OwnerSet::parts() const
{
    QList<Transfer::Copy> parts;
    for (const auto &stream : m_streams)
        parts.append({stream->backend().name(), partName(stream->state()), stream->reason()});
    for (const QString &id : m_absentIds) {
        const health::Backend *backend = m_environment.backends.find(id);
        parts.append({backend ? backend->name() : id, QStringLiteral("absent"), {}});
    }
    return parts;
}

} // namespace cring::replica
