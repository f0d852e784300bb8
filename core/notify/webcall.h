// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

#include <QNetworkReply>
#include <QSslConfiguration>
#include <QTimer>
#include <QUrl>

#include <functional>

QT_BEGIN_NAMESPACE
class QNetworkAccessManager;
QT_END_NAMESPACE

namespace cring::notify {

/// One HTTP call whose answer counts by its status alone. Redirections are not followed: neither a token nor
/// what is told goes where nobody has said. Deletes itself when it is over; goes with its parent, and is
/// called off then.
class WebCall final : public QObject
{
    Q_OBJECT

public:
    struct Request
    {
        QUrl url;
        QByteArray json; ///< Posted; empty: a GET.
        Secret token;    ///< Bearer; empty: none.
        QSslConfiguration ssl;
        std::chrono::milliseconds limit{15'000}; ///< For all of it.
    };
    using Done = std::function<void(const Status &status)>;

    /// `done` is called once, from the event loop, unless `parent` dies first.
    WebCall(QNetworkAccessManager &network, const Request &request, QObject *parent, Done done);
    ~WebCall() override;

private:
    void finish();
    Status outcome() const;
    Error failure() const;

    const QString m_host; ///< All of the address that may be told.
    QNetworkReply *m_reply = nullptr;
    QTimer m_limit;
    bool m_isLate = false;
    QStringList m_tlsProblems;
    Done m_done;
};

} // namespace cring::notify
