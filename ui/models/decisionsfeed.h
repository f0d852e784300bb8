// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/findingsmodel.h"
#include "ui/models/keptversionsmodel.h"
#include "ui/models/servicelink.h"

namespace cring::models {

/// Keeps what waits for a person at what the service knows, while somebody looks: read anew when the snapshot
/// counts another number of it, and when somebody has decided something.
class DecisionsFeed : public QObject
{
    Q_OBJECT

public:
    /// All of these outlive this.
    DecisionsFeed(ServiceLink &link, FindingsModel &findings, KeptVersionsModel &versions,
                  QObject *parent = nullptr);

    /// Whether somebody looks; nobody does at first.
    void setWatched(bool watched);
    void readAgain();

    /// More findings than could be kept or shown.
    qint64 unshown() const { return m_unshown; }
    /// Sentences: accounts that the servers have differently.
    const QStringList &clashes() const { return m_clashes; }

Q_SIGNALS:
    /// All has been read; unshown() or clashes() may be others.
    void read();

private:
    /// What was counted when it was read.
    struct Counted
    {
        qint64 findings = 0;
        qint64 conflicts = 0;
        qsizetype clashes = 0;

        bool operator==(const Counted &) const = default;
    };

    void handleSnapshot();
    void readFindings(const QString &after);
    void readVersions(const QString &after);
    void handleEnd();
    Counted counted() const;

    ServiceLink &m_link;
    FindingsModel &m_findings;
    KeptVersionsModel &m_versions;
    bool m_isWatched = false;
    int m_reading = 0;         ///< Lists that are being read.
    bool m_isOutdated = false; ///< Something has changed meanwhile.
    std::optional<Counted> m_counted;
    QList<FindingRow> m_newFindings;
    QList<KeptVersionRow> m_newVersions;
    qint64 m_unshown = 0;
    QStringList m_clashes;
};

} // namespace cring::models
