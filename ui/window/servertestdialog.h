// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/servicelink.h"
#include "ui/window/stepsdialog.h"

namespace cring::ui {

/// A server tried step by step with the service's own probe.
class ServerTestDialog : public StepsDialog
{
    Q_OBJECT

public:
    /// The link outlives this.
    ServerTestDialog(models::ServiceLink &link, const QString &server, QWidget *parent = nullptr);

private:
    void run() override;

    models::ServiceLink &m_link;
};

} // namespace cring::ui
