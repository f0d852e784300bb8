// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accounttrial.h"

#include "core/base/log.h"
#include "core/charm/listing.h"
#include "core/charm/multipart.h"
#include "core/replica/requests.h"

namespace cring::service {

namespace {

constexpr quint32 kMode = 0600;
constexpr const char *kBoundary = "charmedringtest";
constexpr int kLongestWords = 120;

/// As what a file's bytes are: nobody has to be able to read them.
QByteArray someBytes(IRandom &random)
{
    constexpr int words = 128;
    QByteArray bytes;
    for (int i = 0; i < words; ++i)
        bytes += QByteArray::number(random.next(), 16).rightJustified(charm::kTrialDigits, '0');
    return bytes;
}

/// Why an answer is not the one that was hoped for.
QString whyNot(const Result<http::Response> &answer)
{
    if (!answer)
        return answer.error().detail;
    const QString body = log::oneLine(QString::fromUtf8(answer->body.left(kLongestWords)));
    return QStringLiteral("it answered %1 %2").arg(answer->status).arg(body).trimmed();
}

bool isMissingUser(const http::Response &answer)
{
    return answer.status == 404 && answer.body.contains("missing user");
}

} // namespace

AccountTrial::AccountTrial(replica::Credentials credentials, Means means, IRandom &random, QObject *parent)
    : QObject(parent)
    , m_credentials(std::move(credentials))
    , m_means(std::move(means))
    , m_name(kPrefix.toByteArray() + QByteArray::number(random.next(), 16).rightJustified(16, '0'))
    , m_bytes(someBytes(random))
{
}

AccountTrial::~AccountTrial()
{
    if (m_mayBeThere)
        sendDelete(m_name);
}

void AccountTrial::start()
{
    QMetaObject::invokeMethod(this, &AccountTrial::look, Qt::QueuedConnection);
}

void AccountTrial::send(const char *method, const QByteArray &query,
                        void (AccountTrial::*handler)(const Result<http::Response> &))
{
    m_means.ask(replica::fileRequest(method, m_credentials, m_name + query), this,
                [this, handler](const Result<http::Response> &answer) { (this->*handler)(answer); });
}

/// Outlives whoever sends it.
void AccountTrial::sendDelete(const QByteArray &name) const
{
    if (m_means.deleteRecorded && m_means.deleteRecorded(m_credentials, name))
        return;
    auto *keeper = new QObject;
    m_means.ask(replica::fileRequest("DELETE", m_credentials, name), keeper,
                [keeper](const Result<http::Response> &) { keeper->deleteLater(); });
}

// ---- account ----

void AccountTrial::look()
{
    Q_EMIT began("account");
    m_means.ask(replica::fileRequest("GET", m_credentials, QByteArray()), this,
                [this](const Result<http::Response> &answer) { handleLook(answer); });
}

void AccountTrial::handleLook(const Result<http::Response> &answer)
{
    const QString account = QString::fromLatin1(m_credentials.account);
    if (answer && isMissingUser(*answer)) {
        Q_EMIT ended(false,
                     QStringLiteral(
                         "your account (%1) is not known there, so uploads of yours fail on it. Give it the "
                         "accounts of the other servers: `cring accounts sync`")
                         .arg(account));
        Q_EMIT finished();
        return;
    }
    // An account that never wrote anything has no folder.
    if (!answer || (answer->status != 200 && answer->status != 404)) {
        Q_EMIT ended(
            false, QStringLiteral("your account (%1) was refused: %2; is the clock of the server right, and "
                                  "does its log say more?")
                       .arg(account, whyNot(answer)));
        Q_EMIT finished();
        return;
    }
    const QString reason = m_means.whyNotNow ? m_means.whyNotNow() : QString();
    Q_EMIT ended(true,
                 QStringLiteral("knows your account, %1").arg(account) +
                     (reason.isEmpty() ? QString() : QStringLiteral("; nothing is written now: ") + reason));
    if (answer->status == 200)
        sweep(answer->body);
    if (reason.isEmpty())
        write();
    else
        Q_EMIT finished();
}

/// What a test that was killed has left.
void AccountTrial::sweep(const QByteArray &listing)
{
    const auto folder = charm::parseListing(listing);
    if (!folder)
        return;
    for (const charm::Entry &entry : folder->files) {
        if (entry.name.startsWith(kPrefix) && !entry.isDir)
            sendDelete(entry.name);
    }
}

// ---- write, read, delete ----

void AccountTrial::write()
{
    Q_EMIT began("write");
    const charm::Envelope envelope = charm::makeEnvelope(kBoundary);
    http::Request request =
        replica::fileRequest("POST", m_credentials, m_name + "?mode=" + QByteArray::number(kMode));
    request.headers.append("Content-Type", envelope.contentType);
    request.body = envelope.head + m_bytes + envelope.tail;
    m_mayBeThere = true;
    m_means.ask(request, this, [this](const Result<http::Response> &answer) { handleWritten(answer); });
}

void AccountTrial::handleWritten(const Result<http::Response> &answer)
{
    if (answer && answer->status == 200) {
        Q_EMIT ended(true, QStringLiteral("stored %1 bytes").arg(m_bytes.size()));
        read();
        return;
    }
    QString advice = QStringLiteral("is its disk full, and may `charm serve` write to its data directory?");
    if (answer && answer->status == 403)
        advice = QStringLiteral("the account's quota there is used up: raise CHARM_SERVER_USER_MAX_STORAGE");
    else if (answer && answer->status == 500)
        advice = QStringLiteral(
            "is its disk full, may `charm serve` write to its data directory, and is there a quota "
            "(CHARM_SERVER_USER_MAX_STORAGE), which refuses an account's first file?");
    Q_EMIT ended(false, QStringLiteral("a file could not be stored: %1; %2").arg(whyNot(answer), advice));
    takeAway();
}

void AccountTrial::read()
{
    Q_EMIT began("read");
    send("GET", QByteArray(), &AccountTrial::handleRead);
}

void AccountTrial::handleRead(const Result<http::Response> &answer)
{
    if (answer && answer->status == 200 && answer->body == m_bytes)
        Q_EMIT ended(true, QStringLiteral("gave back the same bytes"));
    else if (answer && answer->status == 200)
        Q_EMIT ended(false, QStringLiteral(
                                "it gave back other bytes than were stored: look at its disk and its memory, "
                                "and have all copies read with `cring verify --deep`"));
    else
        Q_EMIT ended(
            false, QStringLiteral("the file that was just stored could not be read: %1; is something between "
                                  "that answers for it, or its data directory on a disk that fails?")
                       .arg(whyNot(answer)));
    takeAway();
}

void AccountTrial::takeAway()
{
    Q_EMIT began("delete");
    send("DELETE", QByteArray(), &AccountTrial::handleTakenAway);
}

void AccountTrial::handleTakenAway(const Result<http::Response> &answer)
{
    if (answer && answer->status == 200) {
        m_mayBeThere = false;
        // Who listed the folder just then may have taken it for a file of the person's.
        if (m_means.deleteRecorded)
            m_means.deleteRecorded(m_credentials, m_name);
        Q_EMIT ended(true, QStringLiteral("took it away again"));
    } else {
        Q_EMIT ended(false, QStringLiteral(
                                "the test's file could not be taken away: %1; the next test tries again, or "
                                "delete files/%2/%3 in its data directory")
                                .arg(whyNot(answer), QString::fromLatin1(m_credentials.account),
                                     QString::fromLatin1(m_name)));
    }
    Q_EMIT finished();
}

} // namespace cring::service
