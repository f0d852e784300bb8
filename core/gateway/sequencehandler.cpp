// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/sequencehandler.h"

namespace cring::gateway {

namespace {

constexpr qsizetype kMaxBody = 64 * 1024;

} // namespace

SequenceHandler::SequenceHandler(replica::Environment &environment, http::ServerConnection *connection,
                                 const replica::Credentials &credentials, const QByteArray &name,
                                 Sequences &sequences, QObject *parent)
    : Handler(environment, connection, telemetry::Kind::Sequence, parent)
    , m_credentials(credentials)
    , m_name(name)
    , m_sequences(sequences)
{
}

void SequenceHandler::begin()
{
    connection().sendContinue();
}

void SequenceHandler::handleBody(const QByteArray &data)
{
    m_body += data;
    if (m_body.size() > kMaxBody)
        answer(replica::refusal(413, QStringLiteral("a sequence needs no such body")));
}

void SequenceHandler::handleRequestEnd()
{
    const auto done = [this](const replica::Outcome &outcome) {
        answer(outcome);
    };
    if (connection().request().method == "POST")
        m_sequences.advance(m_environment, m_credentials, m_name, this, done);
    else
        m_sequences.read(m_environment, m_credentials, m_name, m_body, this, done);
}

} // namespace cring::gateway
