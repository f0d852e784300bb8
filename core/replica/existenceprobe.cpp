// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/existenceprobe.h"

#include "core/replica/requests.h"

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

/// How long a server has for its answer before the next is asked as well.
constexpr auto kHedgeDelay = 100ms;

} // namespace

ExistenceProbe::ExistenceProbe(Environment &environment, const Credentials &credentials,
                               const QByteArray &path)
    : m_environment(environment)
    , m_request(fileRequest("HEAD", credentials, path))
    , m_enough(environment.absenceQuorum(credentials.account))
    , m_wanted(m_enough)
    , m_asksAll(!environment.absenceIsSettled(credentials.account))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ExistenceProbe::askNext);
    m_grace.setSingleShot(true);
    connect(&m_grace, &QTimer::timeout, this, [this] { finish(Finding::Nothing); });
}

void ExistenceProbe::start(const QList<health::Backend *> &servers)
{
    m_servers = servers;
    if (m_asksAll)
        m_wanted = std::max(m_enough, static_cast<int>(servers.size()));
    for (int i = 0; i < m_wanted && !m_servers.isEmpty(); ++i)
        askNext();
    if (m_asked == 0)
        finish(Finding::Unknown);
}

void ExistenceProbe::stop()
{
    m_stopped = true;
    m_timer.stop();
    m_grace.stop();
}

void ExistenceProbe::askNext()
{
    if (m_finding || m_stopped)
        return;
    if (m_servers.isEmpty()) {
        if (m_asked == 0)
            finish(m_absences >= m_enough ? Finding::Nothing : Finding::Unknown);
        return;
    }
    ++m_asked;
    m_timer.start(kHedgeDelay);
    m_servers.takeFirst()->pool().exchange(m_request, m_environment.config.timing.listingTimeout, 0, this,
                                           [this](const Result<http::Response> &result) {
                                               --m_asked;
                                               handleAnswer(result);
                                           });
}

void ExistenceProbe::handleAnswer(const Result<http::Response> &result)
{
    if (m_finding || m_stopped)
        return;
    const int status = result ? result->status : 0;
    if (status == 404)
        handleAbsent();
    else if (status == 200 && result->headers.value("Content-Type").startsWith("application/json"))
        finish(Finding::Folder);
    else if (status == 200)
        finish(Finding::File);
    else if (status == 500 && ++m_unservable >= m_environment.config.quorum())
        finish(Finding::Unservable);
    else
        askNext();
}

void ExistenceProbe::handleAbsent()
{
    ++m_absences;
    if (m_absences >= m_wanted) {
        finish(Finding::Nothing);
        return;
    }
    if (m_absences >= m_enough)
        m_grace.start(m_environment.kAbsenceGrace);
    askNext();
}

void ExistenceProbe::finish(Finding finding)
{
    m_finding = finding;
    m_timer.stop();
    m_grace.stop();
    Q_EMIT finished();
}

} // namespace cring::replica
