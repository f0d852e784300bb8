// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"

#include <QHash>
#include <QList>
#include <QString>

namespace cring::app {

/// Takes out of texts what is nobody else's concern: secrets, and who and where somebody is. The same name
/// gets the same stand-in ("host-2", "account-1") in all texts, so that they still tell a story. One thread.
class Redaction
{
public:
    /// Machines, buckets, folders, mailboxes and addresses that the configuration names, this machine, and
    /// the home folder of whoever runs this. A file that is wrong elsewhere may still name some.
    explicit Redaction(const config::Config &configured);

    /// Secrets (log::redacted()), user names and passwords in URLs, names that are known, the hosts of all
    /// other URLs, mailboxes, and charm ids.
    QString cleaned(const QString &text);

private:
    void hide(const QString &name, const char *kind);
    void hideHost(const QString &host);
    void learnFrom(const QString &text);
    void sortKnown();
    QString accountsHidden(const QString &text);

    struct Known
    {
        QString name;
        QString standIn;
    };

    QList<Known> m_known; ///< The longest first: one may be part of another.
    QHash<QString, int> m_counts;
    QHash<QString, QString> m_accounts;
};

} // namespace cring::app
