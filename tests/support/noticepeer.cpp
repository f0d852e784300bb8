// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/noticepeer.h"

#include "app/playground/loopback.h"
#include "tests/support/spin.h"

#include <QJsonDocument>

namespace cring::test {

namespace {

constexpr int kStartLimit = 10'000;

} // namespace

NoticePeer::NoticePeer(Kind kind, QStringList options)
    : m_kind(kind)
    , m_options(std::move(options))
    , m_address(playground::ownLoopbackAddress())
    , m_port(playground::freePort(m_address))
{
}

NoticePeer::~NoticePeer()
{
    stop();
}

Status NoticePeer::start()
{
    m_rest.clear();
    m_isReady = false;
    m_process = std::make_unique<playground::ChildProcess>();
    m_process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process->start(QStringLiteral("/usr/bin/python3"),
                     QStringList{QStringLiteral(CRING_NOTICEPEER),
                                 m_kind == Kind::Smtp ? QStringLiteral("smtp") : QStringLiteral("http"),
                                 m_address, QString::number(m_port)} +
                         m_options);
    const bool ready = spinUntil(
        [this] {
            read();
            return m_isReady || m_process->state() == QProcess::NotRunning;
        },
        kStartLimit);
    if (!ready || !m_isReady)
        return Error{Code::NotFound,
                     QStringLiteral("noticepeer.py does not run; install the packages python3 and "
                                    "python3-aiosmtpd")};
    return {};
}

void NoticePeer::stop()
{
    if (m_process)
        read();
    m_process.reset();
}

void NoticePeer::pause()
{
    m_process->pause();
}

void NoticePeer::resume()
{
    m_process->resume();
}

QString NoticePeer::place() const
{
    return QStringLiteral("%1:%2").arg(m_address).arg(m_port);
}

void NoticePeer::read()
{
    m_rest += m_process->readAllStandardOutput();
    for (qsizetype end = m_rest.indexOf('\n'); end >= 0; end = m_rest.indexOf('\n')) {
        const QByteArray line = m_rest.left(end);
        m_rest.remove(0, end + 1);
        if (line == "ready")
            m_isReady = true;
        else
            m_told.append(QJsonDocument::fromJson(line).object());
    }
}

const QList<QJsonObject> &NoticePeer::told()
{
    if (m_process)
        read();
    return m_told;
}

bool NoticePeer::wasTold(qsizetype count, int limit)
{
    return spinUntil([&] { return told().size() >= count; }, limit);
}

void NoticePeer::clear()
{
    (void)told();
    m_told.clear();
}

} // namespace cring::test
