// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/pagedcommand.h"

namespace cring::app {

/// `cring findings list`: DoneWithFindings is for the jobs that find; a list is Ok.
class FindingsListCommand : public PagedCommand
{
    Q_OBJECT

public:
    explicit FindingsListCommand(ServiceCommandContext context);

protected:
    void showEntries(const QJsonArray &entries) override;
    void showEnd(const QJsonObject &last) override;
    QJsonObject summary(const QJsonObject &last) const override;

private:
    QStringList m_kinds; ///< That were shown.
};

/// `cring conflicts list`
class ConflictsListCommand : public PagedCommand
{
    Q_OBJECT

public:
    explicit ConflictsListCommand(ServiceCommandContext context);

protected:
    void showEntries(const QJsonArray &entries) override;
    void showEnd(const QJsonObject &last) override;
};

/// `cring conflicts choose|discard ID`
class ConflictCommand : public ServiceCommand
{
    Q_OBJECT

public:
    enum class What { Choose, Discard };
    /// As long as an upload of the largest file may take.
    static constexpr std::chrono::milliseconds patience{600'000};

    struct Options
    {
        What what = What::Choose;
        qint64 id = 0;
        bool yes = false;    ///< Do not ask.
        bool dryRun = false; ///< Only say what would be done.
    };

    ConflictCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void find(const QString &after);
    void act();
    void foresee();
    bool discards() const { return m_options.what == What::Discard; }
    /// Of the path, when there is something.
    bool holdsNow() const;

    const Options m_options;
    QJsonObject m_conflict; ///< As `conflicts.list` has it; empty when the service knows better.
    QJsonObject m_version;
};

QString findingsTable(const Terminal &terminal, const QJsonArray &findings);

} // namespace cring::app
