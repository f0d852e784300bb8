// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTreeWidget>

namespace cring::ui {

/// The steps of a test as they come: a shape, the name, how long it took, what was found.
class StepsView : public QTreeWidget
{
    Q_OBJECT

public:
    explicit StepsView(QWidget *parent = nullptr);

    /// As the service and cring tell it: "step", "ok", perhaps "level", "text", "ms".
    void addStep(const QJsonObject &step);
    /// All of an answer in place of what came until then.
    void setSteps(const QJsonArray &steps);

    /// Steps that are not ok.
    int failures() const { return m_failures; }

private:
    int m_failures = 0;
};

} // namespace cring::ui
