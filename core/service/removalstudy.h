// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/catalogue.h"

#include <QObject>
#include <QTimer>

namespace cring::service {

/// What is lost when a server is taken out of the ring: how many recorded files have a copy there, and of how
/// many no other server of the ring has a good one. A walk through the catalogue in short steps that let the
/// event loop breathe. One run, then finished(). One thread.
class RemovalStudy final : public QObject
{
    Q_OBJECT

public:
    struct Amount
    {
        qint64 files = 0;
        qint64 bytes = 0; ///< Of those whose size is known.
    };

    /// `servers`: ids of the ring, the one among them. The catalogue outlives this.
    RemovalStudy(const state::Catalogue &catalogue, QString server, QList<QString> servers,
                 QObject *parent = nullptr);

    void start();
    const Amount &copies() const { return m_copies; }
    const Amount &onlyCopies() const { return m_onlyCopies; }

Q_SIGNALS:
    void finished();

private:
    void step();
    void visit(const state::ObjectKey &key, const state::Catalogue::Holding &holding);

    const state::Catalogue &m_catalogue;
    const QString m_server;
    const QList<QString> m_servers;
    QTimer m_timer;
    state::ObjectKey m_cursor;
    Amount m_copies;
    Amount m_onlyCopies;
};

} // namespace cring::service
