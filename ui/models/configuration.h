// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/cringcommand.h"
#include "ui/models/servicelink.h"

#include <QJsonArray>
#include <QPointer>

namespace cring::models {

/// What the configuration says and where each value comes from, as `cring config show` has it: of the file
/// that the running service reads, else of the one that cring finds. Changes go through `cring`, which checks
/// them before it writes. One thread; nothing blocks.
class Configuration final : public QObject
{
    Q_OBJECT

public:
    using Done = std::function<void(const CringOutcome &outcome)>;

    /// The link outlives this.
    Configuration(ServiceLink &link, Cring cring, QObject *parent = nullptr);

    /// About the file that the service reads.
    const Cring &cring() const { return m_cring; }

    ServiceLink &link() const { return m_link; }

    /// Reads it anew; changed() or failed() follows.
    void refresh();
    /// There has been an answer.
    bool isKnown() const { return !m_shown.isEmpty(); }

    QString file() const { return m_shown.value(QStringLiteral("file")).toString(); }

    QJsonArray problems() const { return m_shown.value(QStringLiteral("problems")).toArray(); }

    QJsonArray servers() const { return m_shown.value(QStringLiteral("servers")).toArray(); }

    QJsonArray backups() const { return m_shown.value(QStringLiteral("backups")).toArray(); }

    /// "value", "default", "origin", "type", "range", "choices", "needsRestart", "help" of "service.address".
    QJsonObject setting(const QString &key) const;
    /// By its name; empty when there is none.
    QJsonObject server(const QString &name) const { return entry(servers(), name); }

    QJsonObject backup(const QString &name) const { return entry(backups(), name); }

    /// Sets one key in the file. The service takes it with reload().
    void set(const QString &key, const QString &value, QObject *context, Done done);
    /// A running service reads its configuration anew; `problem` is empty when it did, or none runs.
    void reload(QObject *context, std::function<void(const QString &problem)> done);
    /// `cring ARGUMENTS`, a command that changes the lists, with its service; refreshes afterwards.
    void run(const QStringList &arguments, Secret input, QObject *context, Done done);

Q_SIGNALS:
    void changed();
    void failed(const QString &words);

private:
    void show();
    static QJsonObject entry(const QJsonArray &list, const QString &name);

    ServiceLink &m_link;
    const Cring m_found;
    Cring m_cring;
    QPointer<CringCommand> m_showing;
    QJsonObject m_shown;
};

} // namespace cring::models
