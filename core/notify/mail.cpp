// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/mail.h"

#include "core/base/log.h"
#include "core/config/notifysettings.h"
#include "core/notify/curl.h"
#include "core/notify/mailtext.h"

#include <QFile>

#include <array>
#include <mutex>

namespace cring::notify {

/// What can be called off from another thread: curl_multi_wakeup() is made for that.
class MailCalls
{
public:
    void begin(const Curl &curl, CURLM *call)
    {
        const std::lock_guard lock(m_mutex);
        m_curl = &curl;
        m_call = call;
    }

    void end()
    {
        const std::lock_guard lock(m_mutex);
        m_call = nullptr;
    }

    void stop()
    {
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
        if (m_call)
            (void)m_curl->multiWakeup(m_call);
    }

    bool isStopped() const
    {
        const std::lock_guard lock(m_mutex);
        return m_stopped;
    }

private:
    mutable std::mutex m_mutex;
    const Curl *m_curl = nullptr;
    CURLM *m_call = nullptr;
    bool m_stopped = false;
};

namespace {

constexpr long kConnectSeconds = 10;
constexpr long kAnswerSeconds = 10; ///< For each line of the server's.
constexpr int kPollMs = 1'000;

/// One mail, and all that libcurl is told of it. Used by one worker.
struct Letter
{
    config::Endpoint server;
    QString security;
    QByteArray user;
    Secret password;
    QByteArray caFile;
    QByteArray from;
    QByteArrayList to;
    QByteArray text;
    qsizetype sent = 0;
};

size_t readText(char *buffer, size_t size, size_t count, void *of)
{
    Letter &letter = *static_cast<Letter *>(of);
    const qsizetype length = std::min(static_cast<qsizetype>(size * count), letter.text.size() - letter.sent);
    std::copy_n(letter.text.constData() + letter.sent, length, buffer);
    letter.sent += length;
    return static_cast<size_t>(length);
}

Error failure(const Curl &curl, CURLcode code, const std::array<char, CURL_ERROR_SIZE> &text, long answer,
              const config::Endpoint &server)
{
    const QString place = server.toString();
    QString words = log::oneLine(QString::fromUtf8(text.data()).trimmed());
    if (words.isEmpty())
        words = QString::fromLatin1(curl.easyStrerror(code));
    switch (code) {
    case CURLE_LOGIN_DENIED:
        return {Code::NoticeCredentials,
                QStringLiteral("the mail server %1 does not take the user and the password").arg(place)};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return {Code::NoticeTls,
                QStringLiteral("no trusted TLS connection to the mail server %1: %2").arg(place, words)};
    case CURLE_USE_SSL_FAILED:
        return {
            Code::NoticeTls,
            QStringLiteral("the mail server %1 offers no STARTTLS; with tls or another port it may have TLS")
                .arg(place)};
    case CURLE_OPERATION_TIMEDOUT:
        return {Code::NoticeUnreachable,
                QStringLiteral("the mail server %1 did not answer in time").arg(place)};
    case CURLE_COULDNT_RESOLVE_HOST:
        return {Code::NoticeUnreachable, QStringLiteral("the name %1 cannot be resolved").arg(server.host)};
    case CURLE_COULDNT_CONNECT:
        return {Code::NoticeUnreachable, QStringLiteral("the mail server %1 cannot be reached").arg(place)};
    default:
        break;
    }
    if (answer >= 400)
        return {Code::NoticeRefused,
                QStringLiteral("the mail server %1 refuses (%2): %3").arg(place).arg(answer).arg(words)};
    return {Code::NoticeUnreachable, QStringLiteral("the mail server %1: %2").arg(place, words)};
}

void prepare(const Curl &curl, const Curl::Easy &easy, Letter &letter, const Curl::List &to,
             std::array<char, CURL_ERROR_SIZE> &errorText)
{
    const bool tls = letter.security == QLatin1String("tls");
    const QByteArray url = (tls ? "smtps://" : "smtp://") + letter.server.toString().toLatin1();
    curl.set(easy, CURLOPT_URL, url.constData());
    curl.set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl.set(easy, CURLOPT_PROXY, ""); // None, whatever the environment says.
    curl.set(easy, CURLOPT_NOSIGNAL, 1L);
    curl.set(easy, CURLOPT_QUICK_EXIT, 1L); // Waits for no resolver.
    curl.set(easy, CURLOPT_ERRORBUFFER, static_cast<void *>(errorText.data()));
    curl.set(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl.set(easy, CURLOPT_TIMEOUT, static_cast<long>(Mail::timeLimit.count()));
    // The goodbye waits for an answer past all that, and cannot be called off: so it does not wait for long.
    curl.set(easy, CURLOPT_FORBID_REUSE, 1L);
    curl.set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, kAnswerSeconds);
    curl.set(easy, CURLOPT_USE_SSL,
             static_cast<long>(letter.security == QLatin1String("none") ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl.set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!letter.caFile.isEmpty()) {
        curl.set(easy, CURLOPT_CAINFO, letter.caFile.constData());
        curl.set(easy, CURLOPT_CAPATH,
                 static_cast<const char *>(nullptr)); // Or the system's would do as well.
    }
    if (!letter.user.isEmpty()) {
        curl.set(easy, CURLOPT_USERNAME, letter.user.constData());
        curl.set(easy, CURLOPT_PASSWORD, letter.password.text());
    }
    curl.set(easy, CURLOPT_MAIL_FROM, letter.from.constData());
    curl.set(easy, CURLOPT_MAIL_RCPT, static_cast<void *>(to.get()));
    curl.set(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); // Whoever can be reached is.
    curl.set(easy, CURLOPT_UPLOAD, 1L);
    curl.set(easy, CURLOPT_READFUNCTION, readText);
    curl.set(easy, CURLOPT_READDATA, static_cast<void *>(&letter));
}

/// libcurl asks at each step whether to go on. A call is to end so: one that is taken away from libcurl in
/// its midst is ended politely, and that waits for the server.
int askIfStopped(void *calls, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return static_cast<MailCalls *>(calls)->isStopped() ? 1 : 0;
}

/// Until it is over or called off.
CURLcode runToEnd(const Curl &curl, CURLM *multi)
{
    int running = 1;
    while (running > 0) {
        if (curl.multiPerform(multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (running > 0 && curl.multiPoll(multi, nullptr, 0, kPollMs, nullptr) != CURLM_OK)
            return CURLE_FAILED_INIT;
    }
    int left = 0;
    const CURLMsg *end = curl.multiInfoRead(multi, &left);
    return end && end->msg == CURLMSG_DONE ? end->data.result : CURLE_FAILED_INIT;
}

Status post(Letter &letter, MailCalls &calls)
{
    const Result<const Curl *> loaded = Curl::load();
    if (!loaded)
        return loaded.error();
    const Curl &curl = **loaded;
    const Error noMemory{Code::NoticeUnreachable, QStringLiteral("there is no memory for a mail")};
    const Curl::Multi multi = curl.multi();
    const Curl::Easy easy = curl.easy();
    Curl::List to = curl.list();
    for (const QByteArray &one : std::as_const(letter.to)) {
        if (!curl.append(to, one.constData()))
            return noMemory;
    }
    if (!multi || !easy)
        return noMemory;
    std::array<char, CURL_ERROR_SIZE> errorText{};
    prepare(curl, easy, letter, to, errorText);
    curl.set(easy, CURLOPT_NOPROGRESS, 0L);
    curl.set(easy, CURLOPT_XFERINFOFUNCTION, askIfStopped);
    curl.set(easy, CURLOPT_XFERINFODATA, static_cast<void *>(&calls));
    (void)curl.multiAddHandle(multi.get(), easy.get());
    calls.begin(curl, multi.get());
    const CURLcode code = runToEnd(curl, multi.get());
    calls.end();
    const long answer = curl.responseCode(easy);
    (void)curl.multiRemoveHandle(multi.get(), easy.get());
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return Error{Code::NoticeUnreachable, QStringLiteral("called off")};
    return code == CURLE_OK ? Status() : failure(curl, code, errorText, answer, letter.server);
}

} // namespace

Mail::Mail(const config::Notify &settings, config::ISecretStore &secrets)
    : m_settings(settings)
    , m_from(settings.mailFrom.isEmpty() ? config::recipientsOf(settings).value(0) : settings.mailFrom)
    , m_to(config::recipientsOf(settings))
    , m_secrets(secrets)
    , m_calls(std::make_shared<MailCalls>())
{
}

Mail::~Mail()
{
    m_calls->stop();
}

QString Mail::target() const
{
    const auto server = config::mailServerOf(m_settings);
    return QStringLiteral("to %1 by %2")
        .arg(m_to.join(QStringLiteral(", ")), server ? server->toString() : m_settings.smtpServer);
}

void Mail::send(const Message &message, QObject *context, Done done)
{
    const QByteArray text = mailText(message, m_from, m_to);
    const QPointer<QObject> receiver(context);
    if (m_settings.smtpUser.isEmpty()) {
        deliver(text, Secret(), receiver, done);
        return;
    }
    const auto read = [this, text, receiver, done = std::move(done)](Result<Secret> secret) {
        if (secret) {
            secret->trimEnd();
            deliver(text, std::move(*secret), receiver, done);
        } else if (receiver) {
            done(secret.error());
        }
    };
    // Always from the event loop, also where the place answers at once.
    QMetaObject::invokeMethod(
        this,
        [this, read] {
            m_secrets.read({m_settings.smtpPassword, QStringLiteral("notify.smtp_password")}, this, read);
        },
        Qt::QueuedConnection);
}

void Mail::deliver(const QByteArray &text, Secret password, const QPointer<QObject> &context,
                   const Done &done)
{
    const auto server = config::mailServerOf(m_settings);
    if (!server) {
        if (context)
            done(server.error());
        return;
    }
    const auto letter = std::make_shared<Letter>();
    letter->server = *server;
    letter->security = m_settings.smtpSecurity;
    letter->user = m_settings.smtpUser.toUtf8();
    letter->password = std::move(password);
    letter->caFile = QFile::encodeName(m_settings.caFile);
    letter->from = m_from.toLatin1();
    for (const QString &to : m_to)
        letter->to.append(to.toLatin1());
    letter->text = text;
    const auto outcome = std::make_shared<Status>();
    m_workers.run([letter, outcome, calls = m_calls] { *outcome = post(*letter, *calls); }, this,
                  [outcome, context, done] {
                      if (context)
                          done(*outcome);
                  });
}

} // namespace cring::notify
