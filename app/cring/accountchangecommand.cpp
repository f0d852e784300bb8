// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/accountchangecommand.h"

#include "core/accounts/accountedit.h"
#include "core/accounts/localnode.h"
#include "core/base/clock.h"
#include "core/base/words.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <cstdio>

namespace cring::app {

namespace {

constexpr qint64 kLongestKey = 64LL * 1024;

/// `what`: it is to be, in words.
Result<QByteArray> readFile(const QString &path, qint64 longest, const QString &what)
{
    QFile file(path);
    const bool open =
        path == QStringLiteral("-") ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!open)
        return Error{Code::SecretUnreadable,
                     QStringLiteral("%1 cannot be read: %2").arg(path, file.errorString())};
    QByteArray bytes = file.read(longest + 1);
    if (bytes.size() > longest)
        return Error{Code::SecretUnreadable, QStringLiteral("%1 is too long to be %2").arg(path, what)};
    return bytes;
}

Result<QJsonObject> readExport(const QString &path)
{
    const Result<QByteArray> bytes =
        readFile(path, accounts::edit::kLongestFile, QStringLiteral("an exported account"));
    if (!bytes)
        return bytes.error();
    const QJsonDocument document = QJsonDocument::fromJson(*bytes);
    if (!document.isObject())
        return Error{Code::AccountFile,
                     QStringLiteral("%1 is no file of `cring accounts disable --export`").arg(path)};
    return document.object();
}

/// Whole or not at all, and on the disk.
Status writeNew(const QString &path, const QByteArray &bytes)
{
    const QFileInfo file(path);
    if (file.exists() || file.isSymLink())
        return Error{Code::KeyExists,
                     QStringLiteral("%1 is there already, and is not written over").arg(path)};
    SystemClock clock;
    accounts::LocalNode node({{}, {}, config::NodePlace::kSshPort, file.absolutePath()}, clock, {});
    return accounts::writeAll(node, file.fileName(), bytes, 0600);
}

/// A server without `data` never gets the change.
int changeExit(const QJsonObject &round)
{
    const int exit = roundExit(round);
    return exit != PartlyDone && !round.value(QLatin1String("without")).toArray().isEmpty() ? PartlyDone
                                                                                            : exit;
}

QJsonObject roundOf(const QJsonObject &answer)
{
    return answer.value(QLatin1String("round")).toObject();
}

QJsonObject accountOf(const QJsonObject &answer)
{
    return answer.value(QLatin1String("account")).toObject();
}

} // namespace

// ---- create ----

AccountCreateCommand::AccountCreateCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(std::move(options))
{
}

void AccountCreateCommand::handleOpened(const control::ServiceInfo &)
{
    QJsonObject params{{QStringLiteral("dryRun"), m_options.dryRun}};
    if (!m_options.name.isEmpty())
        params.insert(QStringLiteral("name"), m_options.name);
    if (m_options.from.isEmpty()) {
        const Result<QByteArray> key = readFile(m_options.key, kLongestKey, QStringLiteral("a key"));
        if (!key) {
            fail(key.error());
            return;
        }
        // A private key goes nowhere, not even to the service.
        if (key->contains("PRIVATE KEY")) {
            fail({Code::KeyUnusable, QStringLiteral("%1 is a private key: give the public one, of the file "
                                                    "that ends in .pub")
                                         .arg(m_options.key)});
            return;
        }
        params.insert(QStringLiteral("key"), QString::fromUtf8(*key));
    } else {
        const Result<QJsonObject> from = readExport(m_options.from);
        if (!from) {
            fail(from.error());
            return;
        }
        params.insert(QStringLiteral("from"), *from);
    }
    call(
        QStringLiteral("accounts.create"), params, [this](const QJsonObject &answer) { report(answer); },
        kAccountsPatience);
}

void AccountCreateCommand::report(const QJsonObject &answer)
{
    const QJsonObject account = accountOf(answer);
    if (json()) {
        printJson(answer);
    } else {
        QStringList keys;
        for (const QJsonValue key : account.value(QLatin1String("keys")).toArray())
            keys << plain(key.toObject().value(QLatin1String("fingerprint")).toString());
        // An id that is not to be says nothing.
        const QString name = plain(account.value(QLatin1String("name")).toString());
        const QString title = !m_options.dryRun || !m_options.from.isEmpty() ? accountTitle(account)
                              : name.isEmpty() ? QStringLiteral("without a name")
                                               : name;
        print((m_options.dryRun ? QStringLiteral("Would make the account %1 for %2\n")
                                : QStringLiteral("Made the account %1 for %2\n"))
                  .arg(title, words::enumeration(keys)));
        for (const QJsonValue key : answer.value(QLatin1String("unlinked")).toArray())
            print(QStringLiteral("Left out %1: it was unlinked before the account was disabled\n")
                      .arg(plain(key.toString())));
        if (!m_options.dryRun)
            print(roundWords(roundOf(answer)));
    }
    finish(m_options.dryRun ? Ok : changeExit(roundOf(answer)));
}

// ---- disable ----

AccountDisableCommand::AccountDisableCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(std::move(options))
{
}

void AccountDisableCommand::handleOpened(const control::ServiceInfo &)
{
    call(
        QStringLiteral("accounts.show"), {{QStringLiteral("account"), m_options.account}},
        [this](const QJsonObject &answer) { consider(answer); }, kAccountsPatience);
}

void AccountDisableCommand::consider(const QJsonObject &shown)
{
    const QJsonObject account = accountOf(shown);
    m_charmId = account.value(QLatin1String("id")).toString();
    const qint64 files = shown.value(QLatin1String("files")).toInteger();
    m_title = accountTitle(account);
    advise(
        QStringLiteral(
            "Nobody can log in to account %1 any more, with none of its %2, and no token of it counts here "
            "from now on; servers that are away follow when they are back. Its files (%3 on record, %4) stay "
            "on the servers, and it remembers %5: brought back, it goes on where it was. A Charm "
            "server "
            "makes a new, empty account for a key that it does not know, this account's among them, unless "
            "service.accounts is \"closed\".")
            .arg(m_title, words::counted(account.value(QLatin1String("keys")).toArray().size(), "key"),
                 words::counted(files, "file"), words::bytes(shown.value(QLatin1String("bytes")).toInteger()),
                 words::counted(account.value(QLatin1String("sequences")).toObject().size(), "sequence")));
    if (m_options.exportTo.isEmpty())
        advise(
            QStringLiteral("Without --export FILE nothing brings it back: its encrypt keys go with it, and "
                           "without them nobody can read its files."));
    if (m_options.dryRun) {
        disable();
        return;
    }
    if (!m_options.exportTo.isEmpty())
        call(
            QStringLiteral("accounts.export"), {{QStringLiteral("account"), m_charmId}},
            [this](const QJsonObject &answer) { handleExported(answer); }, kAccountsPatience);
    else if (isAgreed())
        disable();
}

void AccountDisableCommand::handleExported(const QJsonObject &answer)
{
    QStringList away;
    for (const QJsonValue server : roundOf(answer).value(QLatin1String("servers")).toArray()) {
        if (server.toObject().contains(QLatin1String("problem")))
            away << plain(server.toObject().value(QLatin1String("name")).toString());
    }
    if (!away.isEmpty())
        advise(QStringLiteral("Keys, encrypt keys and sequences that the account has got on %1 alone are not "
                              "in the file, and go with it once that can be reached: better wait until then.")
                   .arg(words::enumeration(away)));
    if (!isAgreed())
        return;
    m_digest = answer.value(QLatin1String("digest")).toString();
    const QJsonObject file = answer.value(QLatin1String("file")).toObject();
    const Status written = writeNew(m_options.exportTo, QJsonDocument(file).toJson());
    if (!written)
        fail(written.error());
    else
        disable();
}

bool AccountDisableCommand::isAgreed()
{
    return isConfirmed(QStringLiteral("Disable account %1?").arg(m_title), m_options.yes);
}

void AccountDisableCommand::disable()
{
    QJsonObject params{{QStringLiteral("account"), m_charmId}, {QStringLiteral("dryRun"), m_options.dryRun}};
    if (!m_digest.isEmpty())
        params.insert(QStringLiteral("digest"), m_digest);
    call(
        QStringLiteral("accounts.disable"), params, [this](const QJsonObject &answer) { report(answer); },
        kAccountsPatience);
}

void AccountDisableCommand::report(const QJsonObject &answer)
{
    const QJsonObject round = roundOf(answer);
    if (json()) {
        printJson(answer);
    } else {
        print((m_options.dryRun ? QStringLiteral("Would disable account %1\n")
                                : QStringLiteral("Disabled account %1\n"))
                  .arg(accountTitle(accountOf(answer))));
        if (!m_options.dryRun)
            print(roundWords(round));
    }
    if (!m_options.dryRun && !m_options.exportTo.isEmpty())
        advise(QStringLiteral("`cring accounts create --from %1` brings it back. The file has what opens the "
                              "account's files to whoever has one of its private keys.")
                   .arg(plain(m_options.exportTo)));
    finish(m_options.dryRun ? Ok : changeExit(round));
}

} // namespace cring::app
