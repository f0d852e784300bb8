// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/filescommand.h"

#include "core/base/words.h"

#include <QFile>

namespace cring::app {
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kListing{60'000};
constexpr int kMostFailures = 5; ///< In a row: then the ring is gone.

/// Nobody answered. An answer, whatever it is, is of the file: others may fare better.
bool isOfRing(Code code)
{
    return code == Code::BackendUnreachable || code == Code::BackendTimeout || code == Code::BackendProtocol;
}

} // namespace

FilesCommand::FilesCommand(ServiceCommandContext context, config::Config configured, QString host,
                           const char *verb, bool dryRun)
    : RingCommand(std::move(context), std::move(configured))
    , m_host(std::move(host))
    , m_verb(QLatin1String(verb))
    , m_dryRun(dryRun)
{
}

QByteArrayList FilesCommand::partsOf(const QString &path)
{
    QByteArrayList parts = QFile::encodeName(path).split('/');
    parts.removeAll(QByteArray());
    return parts;
}

void FilesCommand::handleRing(const Ring &ring)
{
    m_session = std::make_unique<CharmSession>(ring.config, m_host);
    m_session->open([this](const Status &status) {
        if (status)
            begin();
        else
            fail(status.error());
    });
}

void FilesCommand::interrupt()
{
    drop();
    conclude(Interrupted);
}

void FilesCommand::goOn()
{
    // Not at once: a folder with many files must not nest as many calls.
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (m_ended)
                return;
            progress();
            step();
        },
        Qt::QueuedConnection);
}

void FilesCommand::list(const QByteArray &path, std::function<void(const Result<charm::Listing> &)> then)
{
    m_session->authorize(this, [this, path, then = std::move(then)](const Result<QByteArray> &authorization) {
        if (!authorization) {
            then(authorization.error());
            return;
        }
        http::Request request{"GET", "/v1/fs/" + path, {}, {}};
        request.headers.append("Authorization", *authorization);
        m_session->pool().exchange(request, kListing, charm::kMaxListing, this,
                                   [this, then](const Result<http::Response> &response) {
                                       if (m_ended)
                                           return;
                                       if (!response)
                                           then(response.error());
                                       else if (response->status != 200)
                                           then(answerError(response->status, response->body));
                                       else
                                           then(charm::parseListing(response->body));
                                   });
    });
}

void FilesCommand::work(std::function<Status()> todo, std::function<void(const Status &)> then)
{
    const auto status = std::make_shared<Status>();
    m_session->workers().run([todo = std::move(todo), status] { *status = todo(); }, this,
                             [this, status, then = std::move(then)] {
                                 if (!m_ended)
                                     then(*status);
                             });
}

void FilesCommand::noteDone(const QByteArrayList &names, qint64 bytes)
{
    m_failures = 0;
    ++m_done;
    m_bytes += bytes;
    note(names, m_verb + QStringLiteral("ed"));
}

void FilesCommand::noteKept(const QByteArrayList &names)
{
    m_failures = 0;
    ++m_kept;
    note(names, QStringLiteral("kept"));
}

void FilesCommand::refuse(const QByteArrayList &names, const QString &why)
{
    ++m_refused;
    note(names, QStringLiteral("refused"), why);
}

void FilesCommand::handleRefusal(const QByteArrayList &names, const Error &error, bool diskFull)
{
    refuse(names, error.detail);
    m_failures = isOfRing(error.code) ? m_failures + 1 : 0;
    if (!diskFull && m_failures < kMostFailures) {
        goOn();
        return;
    }
    terminal().complain((diskFull ? QStringLiteral("the disk is full: make room, and run it again")
                                  : QStringLiteral("the ring does not answer any more: run it again later")) +
                        QStringLiteral("; it goes on from here"));
    conclude(m_done + m_kept > 0 ? PartlyDone : Failed);
}

void FilesCommand::note(const QByteArrayList &names, const QString &outcome, const QString &why)
{
    const QString path = QString::fromUtf8(names.join('/'));
    if (json()) {
        QJsonObject line{{QStringLiteral("path"), path}, {QStringLiteral("outcome"), outcome}};
        if (!why.isEmpty())
            line.insert(QStringLiteral("why"), why);
        // Who read that has gone, but the rest of the files has not come yet: that is no success.
        if (!terminal().print(QString::fromUtf8(jsonText(line, QJsonDocument::Compact)) + u'\n')) {
            drop();
            m_ended = true;
            finish(PartlyDone);
        }
    } else if (!why.isEmpty()) {
        terminal().complain(QStringLiteral("%1: %2").arg(plain(path), plain(why)));
    }
}

void FilesCommand::progress()
{
    m_line.add({m_verb + QStringLiteral("ing"), m_done + m_kept + m_refused, std::nullopt}, m_clock.steady());
    terminal().progress(m_line.text());
}

void FilesCommand::conclude()
{
    conclude(m_refused > 0 ? PartlyDone : Ok);
}

void FilesCommand::conclude(int exitCode)
{
    if (std::exchange(m_ended, true))
        return;
    const QString done = m_verb + QStringLiteral("ed");
    if (json())
        printJson({{QStringLiteral("summary"), QJsonObject{{done, m_done},
                                                           {QStringLiteral("bytes"), m_bytes},
                                                           {QStringLiteral("kept"), m_kept},
                                                           {QStringLiteral("folders"), m_folders},
                                                           {QStringLiteral("refused"), m_refused},
                                                           {QStringLiteral("dryRun"), m_dryRun}}}});
    else
        print(QStringLiteral("%1 (%2) %3, %4 there already, %5 refused.\n")
                  .arg(words::counted(m_done, "file"), words::bytes(m_bytes),
                       m_dryRun ? QStringLiteral("would be ") + done : done)
                  .arg(m_kept)
                  .arg(m_refused));
    finish(exitCode);
}

} // namespace cring::app
