// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QDialogButtonBox;
class QPushButton;
QT_END_NAMESPACE

namespace cring::ui {

class Form;
class MessageBar;

/// Something of the configuration that is added or changed: a form, a way to try what is entered before
/// anything is changed, and what went wrong, beside the field that it is about. A derived class brings the
/// form and says what is run.
class ChangeDialog : public QDialog
{
    Q_OBJECT

Q_SIGNALS:
    void done(const QString &words);

protected:
    /// One `cring` command, and what a person is told when it is done.
    struct Change
    {
        QStringList arguments;
        Secret input;
        QString words;
    };

    /// The configuration outlives this. `save` is the words of the button, `trialHelp` those of the other
    /// one.
    ChangeDialog(models::Configuration &configuration, const QString &title, const QString &save,
                 const QString &trialHelp, QWidget *parent);

    /// Once, in the derived class's constructor.
    void setForm(Form *form);

    models::Configuration &configuration() const { return m_configuration; }

    /// What is entered can be run; the form says what cannot.
    virtual bool check() = 0;
    /// Nothing: nothing was changed.
    virtual std::optional<Change> change() const = 0;
    /// False when the complaint is about none of the fields.
    virtual bool showComplaint(const models::Complaint &complaint) = 0;
    /// What is tried, in a word.
    virtual QString triedName() const = 0;
    virtual models::CringCommand *trial(QObject *context) const = 0;

private:
    void test();
    void save();
    void handleSaved(const models::CringOutcome &outcome, const QString &words);
    void setBusy(bool busy);

    models::Configuration &m_configuration;
    Form *m_form = nullptr;
    MessageBar *m_message;
    QDialogButtonBox *m_buttons;
    QPushButton *m_test;
    QPushButton *m_save;
};

} // namespace cring::ui
