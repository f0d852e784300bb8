// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settingsform.h"

#include "ui/models/servicesentences.h"

#include <QCheckBox>
#include <QComboBox>
#include <QJsonArray>
#include <QLineEdit>

namespace cring::ui {

namespace {

QString textOf(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
    return value.isDouble() ? QString::number(value.toDouble(), 'g', 15) : value.toString();
}

bool isSwitch(const QJsonObject &setting)
{
    return setting.value(QStringLiteral("value")).isBool();
}

/// A choice takes its words and nothing else; a place of a secret takes others, too.
bool isChoice(const QJsonObject &setting)
{
    const QJsonArray choices = setting.value(QStringLiteral("choices")).toArray();
    return choices.size() > 1 &&
           !setting.value(QStringLiteral("type")).toString().contains(QStringLiteral("file:"));
}

QString valueOf(const QWidget *editor)
{
    if (const auto *box = qobject_cast<const QCheckBox *>(editor))
        return box->isChecked() ? QStringLiteral("true") : QStringLiteral("false");
    if (const auto *choice = qobject_cast<const QComboBox *>(editor))
        return choice->currentData().toString();
    return qobject_cast<const QLineEdit *>(editor)->text().trimmed();
}

void setValue(QWidget *editor, const QString &value)
{
    if (auto *box = qobject_cast<QCheckBox *>(editor))
        box->setChecked(value == QStringLiteral("true"));
    else if (auto *choice = qobject_cast<QComboBox *>(editor))
        choice->setCurrentIndex(choice->findData(value));
    else
        qobject_cast<QLineEdit *>(editor)->setText(value);
}

} // namespace

SettingsForm::SettingsForm(const QList<SettingRow> &rows, QWidget *parent)
    : Form(parent)
{
    for (const SettingRow &row : rows)
        m_entries.append({row});
}

void SettingsForm::make(Entry &entry, const QJsonObject &setting)
{
    if (isSwitch(setting)) {
        auto *box = new QCheckBox(this);
        connect(box, &QCheckBox::clicked, this, &Form::edited);
        entry.editor = box;
    } else if (isChoice(setting)) {
        auto *choice = new QComboBox(this);
        const QJsonArray words = setting.value(QStringLiteral("choices")).toArray();
        for (const QJsonValue &word : words)
            choice->addItem(word.toString(), word.toString());
        connect(choice, &QComboBox::activated, this, &Form::edited);
        entry.editor = choice;
    } else {
        auto *edit = new QLineEdit(this);
        connect(edit, &QLineEdit::textEdited, this, &Form::edited);
        entry.editor = edit;
    }
    addField(entry.row.key, entry.row.label, entry.editor);
}

QString SettingsForm::help(const Entry &entry, const QJsonObject &setting) const
{
    const auto text = [&setting](const char *name) {
        return setting.value(QLatin1String(name)).toString();
    };
    QStringList parts;
    parts.append(entry.row.help.isEmpty() ? models::serviceSentence(text("help")) : entry.row.help);
    const QString byDefault = textOf(setting.value(QStringLiteral("default")));
    const QString origin = text("origin");
    if (origin == QStringLiteral("environment"))
        parts.append(tr("Set by an environment variable, which comes before the file."));
    else if (entry.shown != byDefault && !isSwitch(setting))
        parts.append(byDefault.isEmpty() ? tr("By default empty.") : tr("By default %1.").arg(byDefault));
    if (setting.value(QStringLiteral("needsRestart")).toBool())
        parts.append(tr("Takes effect when the service is started again."));
    return parts.join(u' ');
}

void SettingsForm::show(const models::Configuration &configuration)
{
    for (Entry &entry : m_entries) {
        const QJsonObject setting = configuration.setting(entry.row.key);
        if (setting.isEmpty())
            continue; // A cring that does not know it.
        if (!entry.editor)
            make(entry, setting);
        const QString now = textOf(setting.value(QStringLiteral("value")));
        if (valueOf(entry.editor) == entry.shown || entry.shown.isNull())
            setValue(entry.editor, now);
        entry.shown = now.isNull() ? QStringLiteral("") : now;
        entry.editor->setEnabled(setting.value(QStringLiteral("origin")).toString() !=
                                 QStringLiteral("environment"));
        setHelp(entry.row.key, help(entry, setting));
    }
}

QList<std::pair<QString, QString>> SettingsForm::changes() const
{
    QList<std::pair<QString, QString>> changes;
    for (const Entry &entry : m_entries) {
        if (entry.editor && valueOf(entry.editor) != entry.shown)
            changes.append({entry.row.key, valueOf(entry.editor)});
    }
    return changes;
}

void SettingsForm::revert()
{
    clearErrors();
    for (const Entry &entry : std::as_const(m_entries)) {
        if (entry.editor)
            setValue(entry.editor, entry.shown);
    }
}

} // namespace cring::ui
