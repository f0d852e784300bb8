// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

namespace cring::ui {

/// Where clients find the ring. A port that something else has is told, and another one offered.
class NetworkPage : public SetupPage
{
    Q_OBJECT

public:
    explicit NetworkPage(Setup &setup);

    void initializePage() override;
    bool validatePage() override;

private:
    struct Place
    {
        QString key;
        QLineEdit *edit;
        QString Setup::*address;
    };

    bool checkPorts();

    Form *m_form;
    QList<Place> m_places;
    bool m_offered = false;
};

/// Whether this machine lets us listen there; "" is nowhere, and fine. In words what is wrong otherwise.
QString whyNotAt(const QString &address);
/// The same host with the next port that is free.
QString nextFree(const QString &address);

} // namespace cring::ui
