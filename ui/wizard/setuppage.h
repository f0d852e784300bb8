// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/serversmodel.h"
#include "ui/wizard/setup.h"

#include <QWizardPage>

QT_BEGIN_NAMESPACE
class QLabel;
class QVBoxLayout;
QT_END_NAMESPACE

namespace cring::ui {

/// A page of the wizard: a title, a sentence that says what it is about, and a column for the rest.
class SetupPage : public QWizardPage
{
    Q_OBJECT

protected:
    SetupPage(Setup &setup, const QString &title, const QString &words);

    Setup &setup() const { return m_setup; }

    QVBoxLayout *column() const { return m_column; }

    /// A line at the end of the column, for what came of something; empty = nothing.
    void say(models::Tone tone, const QString &words);

private:
    Setup &m_setup;
    QVBoxLayout *m_column;
    QWidget *m_line;
    QWidget *m_shape;
    QLabel *m_words;
};

} // namespace cring::ui
