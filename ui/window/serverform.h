// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/cringcommand.h"
#include "ui/widgets/form.h"

namespace cring::ui {

/// What a person says of a server, as text; empty = as by default.
struct ServerEntry
{
    QString name;
    QString url;
    QString sshPort;
    QString weight;
    QString data;

    /// Of `cring config show`.
    static ServerEntry of(const QJsonObject &server);

    bool operator==(const ServerEntry &) const = default;
};

/// The fields of a server. Says beside each what is wrong with it as far as that can be told without asking.
class ServerForm : public Form
{
    Q_OBJECT

public:
    explicit ServerForm(QWidget *parent = nullptr);

    void setEntry(const ServerEntry &entry);
    ServerEntry entry() const;
    /// Whether it can be used; otherwise it says why, beside the fields.
    bool check();
    /// What cring complained of, beside its field. False when it is about none of them.
    bool showComplaint(const models::Complaint &complaint);

    /// `cring backends test --url …` of what is entered, not started yet.
    models::CringCommand *trial(const models::Cring &cring, QObject *context) const;

private:
    QLineEdit *m_name;
    QLineEdit *m_url;
    QLineEdit *m_sshPort;
    QLineEdit *m_weight;
    QLineEdit *m_data;
};

/// "--url", "http://charm1" and so on, of what `now` has and `before` has not.
QStringList serverFlags(const ServerEntry &now, const ServerEntry &before = {});

} // namespace cring::ui
