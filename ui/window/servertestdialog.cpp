// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/servertestdialog.h"

#include "ui/models/servicecommands.h"

#include <QJsonArray>

namespace cring::ui {

namespace {

/// A test goes through a real upload and download, and may wait for each.
constexpr std::chrono::seconds kTestTime{60};

} // namespace

ServerTestDialog::ServerTestDialog(models::ServiceLink &link, const QString &server, QWidget *parent)
    : StepsDialog(server, parent)
    , m_link(link)
{
    connect(&m_link, &models::ServiceLink::notified, this,
            [this](const QString &method, const QJsonObject &params) {
                if (method == QStringLiteral("backends.test.step"))
                    addStep(params);
            });
    begin();
}

void ServerTestDialog::run()
{
    m_link.call(
        QStringLiteral("backends.test"), {{QStringLiteral("name"), subject()}}, this,
        [this](const Result<QJsonObject> &answer) {
            if (answer)
                end(answer->value(QStringLiteral("steps")).toArray());
            else
                end({}, models::errorWords(answer.error()));
        },
        kTestTime);
}

} // namespace cring::ui
