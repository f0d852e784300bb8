// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

namespace cring::app {

/// A command that shows a long list, page by page as the service hands it out: nothing is held of it. With
/// --json it is one document, with a line for each entry, and the summary behind them.
class PagedCommand : public ServiceCommand
{
    Q_OBJECT

public:
    /// `entries`: what the method calls them in its answer.
    PagedCommand(ServiceCommandContext context, QString method, QJsonObject params, QString entries);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    /// For people. Comes once at least, perhaps without entries.
    virtual void showEntries(const QJsonArray &entries) = 0;
    /// After the last page, for people; `last` is its answer.
    virtual void showEnd(const QJsonObject &last);
    virtual QJsonObject summary(const QJsonObject &last) const;

    /// Shown so far.
    qint64 count() const { return m_count; }

private:
    void ask(const QString &after);
    void handlePage(const QJsonObject &answer);

    const QString m_method;
    const QJsonObject m_params;
    const QString m_entries;
    qint64 m_count = 0;
    bool m_begun = false; ///< The document.
};

/// A path for people, as the activity log writes it: names are long, and encrypted.
QString shownPath(const QJsonObject &entry);
/// "3 min", since a time that an entry names; "-" when it names none.
QString shownAge(const QJsonObject &entry, const QString &key);
PaintedTable::Cell heading(const char *text, bool right = false);

} // namespace cring::app
