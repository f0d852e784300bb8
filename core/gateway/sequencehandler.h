// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/gateway/handler.h"
#include "core/gateway/sequences.h"

namespace cring::gateway {

/// GET and POST of /v1/seq/NAME.
class SequenceHandler final : public Handler
{
    Q_OBJECT

public:
    SequenceHandler(replica::Environment &environment, http::ServerConnection *connection,
                    const replica::Credentials &credentials, const QByteArray &name, Sequences &sequences,
                    QObject *parent);

    void begin() override;

private:
    void handleBody(const QByteArray &data) override;
    void handleRequestEnd() override;

    replica::Credentials m_credentials;
    QByteArray m_name;
    QByteArray m_body; ///< The charm client sends one with its GET, too (client/http.go).
    Sequences &m_sequences;
};

} // namespace cring::gateway
