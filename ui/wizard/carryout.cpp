// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/carryout.h"

#include "ui/models/servicecommands.h"

#include <QFile>

namespace cring::ui {

using models::CringOutcome;

namespace {

/// The keychain may have a person think of a password first.
constexpr std::chrono::minutes kKeychainTime{5};

} // namespace

CarryOut::CarryOut(Setup &setup, models::Autostart autostart, QObject *parent)
    : QObject(parent)
    , m_setup(setup)
    , m_autostart(std::move(autostart))
{
}

void CarryOut::start()
{
    m_file.clear();
    m_before.clear();
    m_wasOn = m_autostart.isOn();
    writeConfiguration();
}

void CarryOut::told(const char *step, bool ok, const QString &words)
{
    Q_EMIT stepDone({{QStringLiteral("step"), QLatin1String(step)},
                     {QStringLiteral("ok"), ok},
                     {QStringLiteral("text"), words}});
}

void CarryOut::run(models::CringCommand *command, const char *step, const QString &done, Next next)
{
    connect(command, &models::CringCommand::finished, this,
            [this, step, done, next](const CringOutcome &outcome) {
                told(step, outcome.ok(), outcome.ok() ? done : outcome.complaint.words);
                if (outcome.ok())
                    (this->*next)();
                else
                    undo(outcome.complaint.words);
            });
    command->start();
}

void CarryOut::writeConfiguration()
{
    const auto draft = m_setup.draft();
    if (!draft) {
        Q_EMIT failed(models::errorWords(draft.error()), false);
        return;
    }
    QStringList arguments{QStringLiteral("config"), QStringLiteral("import"), m_setup.draftFile()};
    if (m_replaces)
        arguments.append(QStringLiteral("--replace"));
    models::CringCommand *command = m_setup.configuration().cring().command(arguments, this);
    connect(command, &models::CringCommand::finished, this, [this](const CringOutcome &outcome) {
        if (!outcome.ok()) {
            told("configuration", false, outcome.complaint.words);
            Q_EMIT failed(outcome.complaint.words,
                          !m_replaces && outcome.complaint.code == codeName(Code::ConfigFile));
            return;
        }
        m_file = outcome.answer.value(QStringLiteral("file")).toString();
        m_before = outcome.answer.value(QStringLiteral("before")).toString();
        told("configuration", true, m_file);
        storeKeys();
    });
    command->start();
}

void CarryOut::storeKeys()
{
    if (!m_setup.backup || !m_setup.keys) {
        adoptKey();
        return;
    }
    models::CringCommand *command = m_setup.configuration().cring().serviceCommand(
        {QStringLiteral("backup"), QStringLiteral("edit"), m_setup.backup->name,
         QStringLiteral("--secret-stdin")},
        this);
    command->setInput(m_setup.keys());
    command->setTimeLimit(kKeychainTime);
    run(command, "keys",
        m_setup.backup->accessPlace == QStringLiteral("keychain") ? tr("In the desktop’s keychain")
                                                                  : tr("In files that only you can read"),
        &CarryOut::adoptKey);
}

void CarryOut::adoptKey()
{
    if (m_setup.isAdopted || !m_setup.adopts) {
        writeAutostart();
        return;
    }
    models::CringCommand *command = m_setup.configuration().cring().serviceCommand(
        {QStringLiteral("identity"), QStringLiteral("adopt"), QStringLiteral("--yes")}, this);
    run(command, "identity", tr("The client uses it with the ring, too"), &CarryOut::writeAutostart);
}

void CarryOut::writeAutostart()
{
    if (m_startsAtLogin != m_wasOn) {
        const Status status = m_autostart.set(m_startsAtLogin);
        if (!status) {
            told("autostart", false, models::errorWords(status.error()));
            undo(models::errorWords(status.error()));
            return;
        }
        told("autostart", true,
             m_startsAtLogin ? tr("The icon comes when you log in") : tr("The icon does not come by itself"));
    }
    Q_EMIT finished();
}

/// The configuration as it was. A key that was copied may stay: the client has one more, and none less.
void CarryOut::undo(const QString &words)
{
    QFile::remove(m_file);
    if (!m_before.isEmpty())
        QFile::rename(m_before, m_file);
    Q_EMIT failed(words, false);
}

} // namespace cring::ui
