// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/kitmaker.h"

#include <QDir>
#include <QFile>
#include <QStandardPaths>

namespace cring::models {

namespace {

constexpr qint64 kMostBytes = 1024 * 1024;
const QString kFile = QStringLiteral("kit.txt");

QString secretPlace()
{
    const QString runtime = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    const QString folder = runtime.isEmpty() ? QDir::tempPath() : runtime;
    return folder + QStringLiteral("/charmedring-kit-XXXXXX");
}

std::optional<Secret> readSecret(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered) || file.size() > kMostBytes)
        return std::nullopt;
    Secret text(file.size());
    const qint64 size = file.read(text.data(), text.size());
    if (size < 0)
        return std::nullopt;
    text.truncate(size);
    return text;
}

} // namespace

KitMaker::KitMaker(Cring cring, QObject *parent)
    : QObject(parent)
    , m_cring(std::move(cring))
{
}

void KitMaker::make()
{
    if (std::exchange(m_isBusy, true))
        return;
    m_folder = std::make_unique<QTemporaryDir>(secretPlace()); // For this user alone.
    if (!m_folder->isValid()) {
        fail(tr("There is no room for the kit: %1").arg(m_folder->errorString()));
        return;
    }
    CringCommand *command = m_cring.serviceCommand(
        {QStringLiteral("identity"), QStringLiteral("recovery-kit"), QStringLiteral("create"),
         QStringLiteral("--yes"), QStringLiteral("--out"), m_folder->filePath(kFile)},
        this);
    connect(command, &CringCommand::finished, this, &KitMaker::handleMade);
    command->start();
}

void KitMaker::handleMade(const CringOutcome &outcome)
{
    if (!outcome.ok()) {
        fail(outcome.complaint.words);
        return;
    }
    std::optional<Secret> page = readSecret(m_folder->filePath(kFile));
    std::optional<Secret> picture = readSecret(m_folder->filePath(kFile + QStringLiteral(".svg")));
    if (!page || !picture) {
        fail(tr("The kit was made and cannot be read. Make another one"));
        return;
    }
    m_folder.reset(); // And what is in it.
    m_page = std::move(*page);
    m_picture = std::move(*picture);
    m_isBusy = false;
    Q_EMIT made(outcome.answer.value(QStringLiteral("kit")).toString());
}

void KitMaker::forget()
{
    m_page = Secret();
    m_picture = Secret();
}

void KitMaker::check(Secret typed)
{
    if (std::exchange(m_isBusy, true))
        return;
    CringCommand *command =
        m_cring.serviceCommand({QStringLiteral("identity"), QStringLiteral("recovery-kit"),
                                QStringLiteral("check"), QStringLiteral("-")},
                               this);
    command->setInput(std::move(typed));
    connect(command, &CringCommand::finished, this, [this](const CringOutcome &outcome) {
        if (!outcome.ok()) {
            fail(outcome.complaint.words);
            return;
        }
        m_isBusy = false;
        Q_EMIT checked(outcome.answer.value(QStringLiteral("kit")).toString());
    });
    command->start();
}

void KitMaker::fail(const QString &words)
{
    m_folder.reset();
    m_isBusy = false;
    Q_EMIT failed(words);
}

} // namespace cring::models
