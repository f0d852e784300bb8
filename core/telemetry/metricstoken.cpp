// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/metricstoken.h"

#include <openssl/crypto.h>

namespace cring::telemetry {

namespace {

using namespace std::chrono_literals;

/// A keychain is unlocked by a person, and a file put there by one.
constexpr auto kAgain = 10s;

} // namespace

MetricsToken::MetricsToken(config::ISecretStore &secrets, QObject *parent)
    : QObject(parent)
    , m_secrets(secrets)
{
    m_again.setSingleShot(true);
    m_again.setInterval(kAgain);
    connect(&m_again, &QTimer::timeout, this, &MetricsToken::read);
}

void MetricsToken::configure(const QString &place)
{
    // What was read from the same place counts until it has been read again.
    if (place != m_place)
        m_token = Secret();
    m_place = place;
    ++m_reading;
    m_problem.clear();
    m_again.stop();
    if (!place.isEmpty())
        read();
}

void MetricsToken::read()
{
    if (m_token.isEmpty() && m_problem.isEmpty())
        m_problem = QStringLiteral("it has not been read yet");
    m_secrets.read({m_place, QStringLiteral("service.metrics_token")}, this,
                   [this, reading = m_reading](Result<Secret> secret) {
                       if (reading != m_reading)
                           return;
                       if (secret)
                           secret->trimEnd();
                       if (!secret || secret->isEmpty()) {
                           m_token = Secret();
                           m_problem = secret ? QStringLiteral("the token is empty") : secret.error().detail;
                           m_again.start();
                           return;
                       }
                       m_token = std::move(*secret);
                       m_problem.clear();
                   });
}

bool MetricsToken::admits(const http::RequestHead &request) const
{
    if (m_place.isEmpty())
        return true;
    constexpr QByteArrayView kBearer("bearer ");
    const QByteArray given = request.headers.value("Authorization");
    const QByteArrayView field(given);
    if (m_token.isEmpty() || field.size() != kBearer.size() + m_token.size() ||
        field.first(kBearer.size()).compare(kBearer, Qt::CaseInsensitive) != 0)
        return false;
    // Takes as long wherever they differ.
    return CRYPTO_memcmp(field.sliced(kBearer.size()).data(), m_token.text(),
                         static_cast<size_t>(m_token.size())) == 0;
}

} // namespace cring::telemetry
