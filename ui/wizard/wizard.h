// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/autostart.h"
#include "ui/wizard/setup.h"

#include <QWizard>

namespace cring::ui {

class FinishPage;
class TryPage;

/// From nothing to a ring that has stored a first file. Nothing is changed before its last but one page; that
/// one does all of it, or none.
class SetupWizard : public QWizard
{
    Q_OBJECT

public:
    enum Place {
        ModePlace,
        ServersPlace,
        ReplicasPlace,
        BucketPlace,
        NetworkPlace,
        IdentityPlace,
        FinishPlace,
        TryPlace
    };

    /// The configuration outlives this.
    SetupWizard(models::Configuration &configuration, models::Autostart autostart, QWidget *parent = nullptr);

    int nextId() const override;
    void reject() override;

    Setup &setup() { return m_setup; }

    /// Of a start that serviceStartWanted() asked for.
    void showFailure(const QString &words);

Q_SIGNALS:
    void serviceStartWanted();

private:
    /// What a configuration that is not enough for a service has already.
    void takeServers();

    Setup m_setup;
    FinishPage *m_finish;
    TryPage *m_try;
};

} // namespace cring::ui
