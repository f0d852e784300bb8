// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

QT_BEGIN_NAMESPACE
class QCheckBox;
class QComboBox;
class QTreeWidget;
QT_END_NAMESPACE

namespace cring::ui {

/// The charm client keeps a key for each host name: with the ring it is to use the one that it has for a
/// server, or it would become a new account.
class IdentityPage : public SetupPage
{
    Q_OBJECT

public:
    explicit IdentityPage(Setup &setup);

    void initializePage() override;
    bool isComplete() const override { return !m_asking; }
    bool validatePage() override;

private:
    void take(const QJsonArray &identities);
    void preview();
    void handlePreview(const models::CringOutcome &outcome);

    QTreeWidget *m_keys;
    QCheckBox *m_adopt;
    bool m_asking = false;
};

} // namespace cring::ui
