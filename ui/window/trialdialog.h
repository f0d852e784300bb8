// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/cringcommand.h"
#include "ui/window/stepsdialog.h"

namespace cring::ui {

/// Something that is not configured yet, a server or a bucket, tried step by step by a command of cring.
class TrialDialog : public StepsDialog
{
    Q_OBJECT

public:
    /// A command with steps, not started yet; the context's.
    using Make = std::function<models::CringCommand *(QObject *context)>;

    TrialDialog(const QString &subject, Make make, QWidget *parent);

    /// For commands of this kind: each step is bounded, and there are some.
    static constexpr std::chrono::minutes time{3};

private:
    void run() override;

    const Make m_make;
};

} // namespace cring::ui
