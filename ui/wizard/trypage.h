// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

QT_BEGIN_NAMESPACE
class QLineEdit;
QT_END_NAMESPACE

namespace cring::ui {

/// The ring runs: a person stores a first file with the charm client, and it is told where it went.
class TryPage : public SetupPage
{
    Q_OBJECT

public:
    explicit TryPage(Setup &setup);

    void initializePage() override;
    bool isComplete() const override { return true; }

    /// The service could not be started.
    void showFailure(const QString &words);

private:
    void look();

    QLineEdit *m_exports;
    QLineEdit *m_command;
    std::optional<qint64> m_uploads; ///< When the page came.
    bool m_failed = false;
};

} // namespace cring::ui
