// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/serveractions.h"

#include "ui/models/wording.h"
#include "ui/window/serverdialog.h"

#include <QMessageBox>
#include <QPushButton>

namespace cring::ui {

using models::CringOutcome;
using models::Wording;

namespace {

/// A walk through all records of a large ring.
constexpr std::chrono::minutes kStudyTime{2};

/// Calls once with the configuration as it is now.
template <typename Then>
void withFresh(models::Configuration &configuration, QObject *owner, Then then)
{
    auto *once = new QObject(owner);
    QObject::connect(
        &configuration, &models::Configuration::changed, once,
        [once, then] {
            once->deleteLater();
            then();
        },
        Qt::SingleShotConnection);
    QObject::connect(&configuration, &models::Configuration::failed, once, &QObject::deleteLater);
    configuration.refresh();
}

} // namespace

ServerActions::ServerActions(models::Configuration &configuration, models::ServiceCommands &commands,
                             QWidget *window)
    : QObject(window)
    , m_configuration(configuration)
    , m_commands(commands)
    , m_window(window)
{
    connect(&configuration, &models::Configuration::failed, this, &ServerActions::failed);
}

void ServerActions::add()
{
    m_configuration.refresh();
    auto *dialog = new ServerDialog(m_configuration, {}, m_window);
    connect(dialog, &ServerDialog::done, this, &ServerActions::done);
    dialog->open();
}

void ServerActions::edit(const QString &server)
{
    withFresh(m_configuration, this, [this, server] {
        if (m_configuration.server(server).isEmpty()) {
            Q_EMIT failed(tr("%1 is not in the configuration file %2").arg(server, m_configuration.file()));
            return;
        }
        auto *dialog = new ServerDialog(m_configuration, server, m_window);
        connect(dialog, &ServerDialog::done, this, &ServerActions::done);
        dialog->open();
    });
}

void ServerActions::remove(const QString &server)
{
    m_configuration.refresh();
    m_configuration.link().call(
        QStringLiteral("backends.removal"), {{QStringLiteral("name"), server}}, this,
        [this, server](const Result<QJsonObject> &removal) {
            if (removal)
                askRemoval(server, *removal);
            else
                Q_EMIT failed(models::errorWords(removal.error()));
        },
        kStudyTime);
}

void ServerActions::askRemoval(const QString &server, const QJsonObject &removal)
{
    const auto count = [&removal](const char *what, const char *unit) {
        return removal.value(QLatin1String(what)).toObject().value(QLatin1String(unit)).toInteger();
    };
    const qint64 copies = count("copies", "files");
    const qint64 only = count("onlyCopies", "files");
    auto *box = new QMessageBox(QMessageBox::Warning, tr("Remove %1").arg(server),
                                tr("Remove %1 from the ring?").arg(server), QMessageBox::Cancel, m_window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QStringList lines;
    if (only > 0)
        lines.append(tr("The only good copy of %1 (%2) is there: these would be lost.")
                         .arg(Wording::files(only), Wording::bytes(count("onlyCopies", "bytes"))));
    if (copies > only)
        lines.append(tr("%1 (%2) would have one copy less until the others have made up for it.")
                         .arg(Wording::files(copies - only),
                              Wording::bytes(count("copies", "bytes") - count("onlyCopies", "bytes"))));
    if (copies == 0)
        lines.append(tr("No file of the ring has a copy on it."));
    else
        lines.append(
            tr("Draining is the safe way: what it holds is brought to the other servers first, and it "
               "can be removed afterwards."));
    lines.append(tr("The server itself is not touched."));
    box->setInformativeText(lines.join(QStringLiteral("\n\n")));
    QPushButton *now =
        box->addButton(only > 0 ? tr("&Remove and lose %1").arg(Wording::files(only)) : tr("&Remove"),
                       QMessageBox::DestructiveRole);
    connect(now, &QPushButton::clicked, this, [this, server, only] { carryOut(server, only > 0); });
    if (copies > 0) {
        QPushButton *drain = box->addButton(tr("&Drain first"), QMessageBox::AcceptRole);
        connect(drain, &QPushButton::clicked, this, [this, server] { m_commands.drain(server); });
        box->setDefaultButton(drain);
    } else {
        box->setDefaultButton(QMessageBox::Cancel);
    }
    box->open();
}

void ServerActions::carryOut(const QString &server, bool force)
{
    const QJsonObject was = m_configuration.server(server);
    QStringList arguments{QStringLiteral("backends"), QStringLiteral("remove"), server,
                          QStringLiteral("--yes")};
    if (force)
        arguments.append(QStringLiteral("--force"));
    m_configuration.run(arguments, {}, this, [this, server, was](const CringOutcome &outcome) {
        if (!outcome.ok())
            Q_EMIT failed(outcome.complaint.words);
        else if (was.isEmpty())
            Q_EMIT done(tr("%1 is no server of the ring any more").arg(server));
        else
            Q_EMIT doneWithUndo(tr("%1 is no server of the ring any more").arg(server), tr("Add it a&gain"),
                                [this, was] { addAgain(was); });
    });
}

void ServerActions::addAgain(const QJsonObject &server)
{
    const ServerEntry entry = ServerEntry::of(server);
    QStringList arguments{QStringLiteral("backends"), QStringLiteral("add"), entry.name,
                          QStringLiteral("--id"), server.value(QStringLiteral("id")).toString()};
    m_configuration.run(arguments + serverFlags(entry), {}, this,
                        [this, name = entry.name](const CringOutcome &outcome) {
                            if (outcome.ok())
                                Q_EMIT done(tr("%1 is a server of the ring again").arg(name));
                            else
                                Q_EMIT failed(outcome.complaint.words);
                        });
}

} // namespace cring::ui
