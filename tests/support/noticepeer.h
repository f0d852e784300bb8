// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"
#include "core/base/result.h"

#include <QJsonObject>
#include <QList>
#include <QStringList>

#include <memory>

namespace cring::test {

/// Somebody who is told: a real mail server (aiosmtpd) or web server in a process of its own. Keeps its port
/// when it is stopped. Ends with this object.
class NoticePeer
{
public:
    enum class Kind { Smtp, Http };

    /// `options` as noticepeer.py has them.
    explicit NoticePeer(Kind kind, QStringList options = {});
    ~NoticePeer();

    /// Waits until it listens (10 s at most).
    Status start();
    void stop();
    /// SIGSTOP: the kernel still accepts connections.
    void pause();
    void resume();
    void setOptions(const QStringList &options) { m_options = options; }

    /// ADDRESS:PORT
    QString place() const;
    QString address() const { return m_address; }

    /// All that it was told since its start or clear(), oldest first.
    const QList<QJsonObject> &told();
    /// Waits until it was told so many things.
    bool wasTold(qsizetype count, int limit = 15'000);
    void clear();

private:
    void read();

    const Kind m_kind;
    QStringList m_options;
    const QString m_address;
    const quint16 m_port;
    std::unique_ptr<playground::ChildProcess> m_process;
    QByteArray m_rest;
    bool m_isReady = false;
    QList<QJsonObject> m_told;
};

} // namespace cring::test
