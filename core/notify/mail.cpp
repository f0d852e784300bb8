// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/mail.h"

#include "core/base/log.h"
#include "core/config/notifysettings.h"
#include "core/notify/mailtext.h"

#include <QFile>

#include <curl/curl.h>

#include <array>
#include <mutex>

namespace cring::notify {

/// What can be called off from another thread: curl_multi_wakeup() is made for that.
class MailCalls
{
public:
    void begin(CURLM *call)
    {
        const std::lock_guard lock(m_mutex);
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
            curl_multi_wakeup(m_call);
    }

    bool isStopped() const
    {
        const std::lock_guard lock(m_mutex);
        return m_stopped;
    }

private:
    mutable std::mutex m_mutex;
    CURLM *m_call = nullptr;
    bool m_stopped = false;
};

namespace {

constexpr long kConnectSeconds = 10;
constexpr long kAnswerSeconds = 10; ///< For each line of the server's.
constexpr int kPollMs = 1'000;

struct EasyDeleter
{
    void operator()(CURL *easy) const { curl_easy_cleanup(easy); }
};

struct MultiDeleter
{
    void operator()(CURLM *multi) const { curl_multi_cleanup(multi); }
};

struct ListDeleter
{
    void operator()(curl_slist *list) const { curl_slist_free_all(list); }
};

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

Error failure(CURLcode code, const std::array<char, CURL_ERROR_SIZE> &text, long answer,
              const config::Endpoint &server)
{
    const QString place = server.toString();
    QString words = log::oneLine(QString::fromUtf8(text.data()).trimmed());
    if (words.isEmpty())
        words = QString::fromLatin1(curl_easy_strerror(code));
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

void prepare(CURL *easy, Letter &letter, curl_slist *to, std::array<char, CURL_ERROR_SIZE> &errorText)
{
    const bool tls = letter.security == QLatin1String("tls");
    const QByteArray url = (tls ? "smtps://" : "smtp://") + letter.server.toString().toLatin1();
    curl_easy_setopt(easy, CURLOPT_URL, url.constData());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); // None, whatever the environment says.
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // Waits for no resolver.
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, errorText.data());
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(Mail::timeLimit.count()));
    // The goodbye waits for an answer past all that, and cannot be called off: so it does not wait for long.
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, kAnswerSeconds);
    curl_easy_setopt(
        easy, CURLOPT_USE_SSL,
        static_cast<long>(letter.security == QLatin1String("none") ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!letter.caFile.isEmpty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, letter.caFile.constData());
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr); // Or the system's would do as well.
    }
    if (!letter.user.isEmpty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, letter.user.constData());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, letter.password.text());
    }
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, letter.from.constData());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); // Whoever can be reached is.
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, readText);
    curl_easy_setopt(easy, CURLOPT_READDATA, &letter);
}

/// Until it is over or called off; nothing: called off.
std::optional<CURLcode> runToEnd(CURLM *multi, const MailCalls &calls)
{
    int running = 1;
    while (running > 0) {
        if (calls.isStopped())
            return std::nullopt;
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (running > 0 && curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr) != CURLM_OK)
            return CURLE_FAILED_INIT;
    }
    int left = 0;
    const CURLMsg *end = curl_multi_info_read(multi, &left);
    return end && end->msg == CURLMSG_DONE ? end->data.result : CURLE_FAILED_INIT;
}

Status post(Letter &letter, MailCalls &calls)
{
    const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
    const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
    std::unique_ptr<curl_slist, ListDeleter> to;
    for (const QByteArray &one : std::as_const(letter.to)) {
        curl_slist *longer = curl_slist_append(to.get(), one.constData());
        if (!longer)
            return Error{Code::NoticeUnreachable, QStringLiteral("there is no memory for a mail")};
        to.release();
        to.reset(longer);
    }
    if (!multi || !easy)
        return Error{Code::NoticeUnreachable, QStringLiteral("there is no memory for a mail")};
    std::array<char, CURL_ERROR_SIZE> errorText{};
    prepare(easy.get(), letter, to.get(), errorText);
    curl_multi_add_handle(multi.get(), easy.get());
    calls.begin(multi.get());
    const auto code = runToEnd(multi.get(), calls);
    calls.end();
    long answer = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer);
    curl_multi_remove_handle(multi.get(), easy.get());
    if (!code)
        return Error{Code::NoticeUnreachable, QStringLiteral("called off")};
    return *code == CURLE_OK ? Status() : failure(*code, errorText, answer, letter.server);
}

void prepareLibrary()
{
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

} // namespace

Mail::Mail(const config::Notify &settings, config::ISecretStore &secrets)
    : m_settings(settings)
    , m_from(settings.mailFrom.isEmpty() ? config::recipientsOf(settings).value(0) : settings.mailFrom)
    , m_to(config::recipientsOf(settings))
    , m_secrets(secrets)
    , m_calls(std::make_shared<MailCalls>())
{
    prepareLibrary();
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
