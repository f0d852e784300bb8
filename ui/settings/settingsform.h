// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"
#include "ui/widgets/form.h"

namespace cring::ui {

/// A setting of the service as a person sees it.
struct SettingRow
{
    QString key;   ///< "service.replicas"
    QString label; ///< With a mnemonic, perhaps.
    QString help;  ///< "" = as `cring` explains it.
};

/// Settings of the configuration: what each is, where it comes from, and what a person makes of it.
class SettingsForm : public Form
{
    Q_OBJECT

public:
    explicit SettingsForm(const QList<SettingRow> &rows, QWidget *parent = nullptr);

    /// Takes what is in effect; what a person has changed stays changed.
    void show(const models::Configuration &configuration);
    /// Keys and values that differ from what is in effect.
    QList<std::pair<QString, QString>> changes() const;
    /// What was changed is as it was.
    void revert();

private:
    struct Entry
    {
        SettingRow row = {};
        QWidget *editor = nullptr; ///< Made when its type is known.
        QString shown = {};        ///< What is in effect.
    };

    void make(Entry &entry, const QJsonObject &setting);
    QString help(const Entry &entry, const QJsonObject &setting) const;

    QList<Entry> m_entries;
};

} // namespace cring::ui
