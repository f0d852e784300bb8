// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/backupform.h"

#include <QComboBox>
#include <QLineEdit>
#include <QUrl>

namespace cring::ui {

namespace {

QString withScheme(const QString &url)
{
    return url.isEmpty() || url.contains(QStringLiteral("://")) ? url : QStringLiteral("https://") + url;
}

/// For a name of a file.
QString plainName(const QString &name)
{
    QString plain;
    for (const QChar c : name)
        plain += c.isLetterOrNumber() || c == u'-' || c == u'.' ? c : u'_';
    return plain;
}

} // namespace

BackupEntry BackupEntry::of(const QJsonObject &backup)
{
    const auto text = [&backup](const char *name) {
        return backup.value(QLatin1String(name)).toString();
    };
    return {text("name"),   text("url"),        text("bucket"),
            text("region"), text("access_key"), text("secret_key")};
}

BackupForm::BackupForm(QString keyFolder, QWidget *parent)
    : Form(parent)
    , m_keyFolder(std::move(keyFolder))
    , m_name(
          addText(QStringLiteral("name"), tr("Na&me:"), tr("What it is called here, for example offsite.")))
    , m_url(addText(QStringLiteral("url"), tr("&URL:"),
                    tr("The address of the S3 service, for example https://s3.example.org.")))
    , m_bucket(
          addText(QStringLiteral("bucket"), tr("Buck&et:"), tr("One that is there, and is for this alone.")))
    , m_region(addText(QStringLiteral("region"), tr("Re&gion:"), tr("As the service calls it.")))
    , m_access(addText(QStringLiteral("access_key"), tr("A&ccess key:")))
    , m_secret(addText(QStringLiteral("secret_key"), tr("&Secret key:")))
    , m_place(new QComboBox(this))
{
    m_region->setText(BackupEntry().region);
    m_secret->setEchoMode(QLineEdit::Password);
    m_place->addItem(tr("In the desktop’s keychain"), InKeychain);
    m_place->addItem(tr("In files that only you can read (not encrypted)"), InFiles);
    m_place->addItem(tr("In the service’s environment (AWS_ACCESS_KEY_ID)"), InEnvironment);
    addField(QStringLiteral("place"), tr("Keys are ke&pt:"), m_place);
    connect(m_place, &QComboBox::currentIndexChanged, this, &BackupForm::handlePlaceChosen);
    connect(m_place, &QComboBox::activated, this, &Form::edited);
    handlePlaceChosen();
}

void BackupForm::setEntry(const BackupEntry &entry)
{
    m_isThere = true;
    m_before = entry;
    m_name->setText(entry.name);
    m_url->setText(entry.url);
    m_bucket->setText(entry.bucket);
    m_region->setText(entry.region);
    if (entry.accessPlace == QStringLiteral("env"))
        m_place->setCurrentIndex(m_place->findData(InEnvironment));
    else if (entry.accessPlace != QStringLiteral("keychain")) {
        m_place->insertItem(0, tr("As it is (%1)").arg(entry.accessPlace), AsItIs);
        m_place->setCurrentIndex(0);
    }
    for (QLineEdit *key : {m_access, m_secret})
        key->setPlaceholderText(tr("Unchanged"));
    handlePlaceChosen();
}

void BackupForm::handlePlaceChosen()
{
    const int place = m_place->currentData().toInt();
    const bool typed = place != InEnvironment;
    setFieldVisible(QStringLiteral("access_key"), typed);
    setFieldVisible(QStringLiteral("secret_key"), typed);
    setHelp(QStringLiteral("place"),
            place == InFiles
                ? tr("Whoever can read the files of your account can read the keys: in %1.").arg(m_keyFolder)
            : place == InEnvironment ? tr("The service has to be started with both variables set.")
                                     : QString());
}

BackupEntry BackupForm::entry() const
{
    BackupEntry entry{m_name->text().trimmed(),
                      withScheme(m_url->text().trimmed()),
                      m_bucket->text().trimmed(),
                      m_region->text().trimmed(),
                      {},
                      {}};
    const QString file = QStringLiteral("file:%1/%2.%3").arg(m_keyFolder, plainName(entry.name));
    switch (m_place->currentData().toInt()) {
    case InKeychain:
        entry.accessPlace = entry.secretPlace = QStringLiteral("keychain");
        break;
    case InFiles:
        entry.accessPlace = file.arg(QStringLiteral("access"));
        entry.secretPlace = file.arg(QStringLiteral("secret"));
        break;
    case InEnvironment:
        entry.accessPlace = entry.secretPlace = QStringLiteral("env");
        break;
    default:
        entry.accessPlace = m_before.accessPlace;
        entry.secretPlace = m_before.secretPlace;
    }
    return entry;
}

bool BackupForm::check()
{
    clearErrors();
    const BackupEntry now = entry();
    const QUrl url(now.url, QUrl::StrictMode);
    if (now.name.isEmpty() || now.name.startsWith(u'-'))
        setError(QStringLiteral("name"), tr("Give it a name."));
    if (url.host().isEmpty() || !url.isValid())
        setError(QStringLiteral("url"), tr("Say where it is: https://, a host and perhaps a port."));
    if (now.bucket.isEmpty())
        setError(QStringLiteral("bucket"), tr("Say which bucket."));
    if (now.region.isEmpty())
        setError(QStringLiteral("region"), tr("Say which region; us-east-1 does for most services."));
    const bool typed = m_place->currentData().toInt() != InEnvironment;
    const bool moved = now.accessPlace != m_before.accessPlace;
    const bool needed = typed && (!m_isThere || moved || hasKeys());
    if (needed && m_access->text().trimmed().isEmpty())
        setError(QStringLiteral("access_key"), tr("The access key is missing."));
    if (needed && m_secret->text().trimmed().isEmpty())
        setError(QStringLiteral("secret_key"), tr("The secret key is missing."));
    return !hasErrors();
}

bool BackupForm::showComplaint(const models::Complaint &complaint)
{
    if (!hasField(complaint.field))
        return false;
    setError(complaint.field, complaint.words);
    return true;
}

bool BackupForm::hasKeys() const
{
    return m_place->currentData().toInt() != InEnvironment &&
           (!m_access->text().isEmpty() || !m_secret->text().isEmpty());
}

Secret BackupForm::keys() const
{
    QByteArray lines = m_access->text().trimmed().toUtf8() + '\n';
    lines += m_secret->text().trimmed().toUtf8() + '\n';
    return Secret(std::move(lines));
}

models::CringCommand *BackupForm::trial(const models::Cring &cring, QObject *context) const
{
    const BackupEntry now = entry();
    QStringList arguments{QStringLiteral("backup"), QStringLiteral("check"), now.name};
    arguments += backupFlags(now, {{}, {}, {}, {}, {}, {}});
    if (hasKeys())
        arguments.append(QStringLiteral("--secret-stdin"));
    models::CringCommand *command = cring.serviceCommand(arguments, context);
    if (hasKeys())
        command->setInput(keys());
    return command;
}

QStringList backupFlags(const BackupEntry &now, const BackupEntry &before)
{
    QStringList flags;
    const auto add = [&flags](const char *flag, const QString &value, const QString &was) {
        if (value != was)
            flags += {QLatin1String(flag), value};
    };
    add("--url", now.url, before.url);
    add("--bucket", now.bucket, before.bucket);
    add("--region", now.region, before.region);
    add("--access-key", now.accessPlace, before.accessPlace);
    add("--secret-key", now.secretPlace, before.secretPlace);
    return flags;
}

} // namespace cring::ui
