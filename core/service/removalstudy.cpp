// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/removalstudy.h"

#include <algorithm>

namespace cring::service {

namespace {

/// Records of one step: about a millisecond.
constexpr qsizetype kStep = 1'000;

} // namespace

RemovalStudy::RemovalStudy(const state::Catalogue &catalogue, QString server, QList<QString> servers,
                           QObject *parent)
    : QObject(parent)
    , m_catalogue(catalogue)
    , m_server(std::move(server))
    , m_servers(std::move(servers))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RemovalStudy::step);
}

void RemovalStudy::start()
{
    m_timer.start(0);
}

void RemovalStudy::step()
{
    m_cursor = m_catalogue.walk(m_cursor, kStep,
                                [this](const auto &key, const auto &holding) { visit(key, holding); });
    if (m_cursor.isEmpty())
        Q_EMIT finished();
    else
        m_timer.start(0);
}

void RemovalStudy::visit(const state::ObjectKey &key, const state::Catalogue::Holding &holding)
{
    if (holding.record.deleted || holding.record.folder || !holding.holders.contains(m_server))
        return;
    const auto add = [&](Amount &amount) {
        ++amount.files;
        amount.bytes += std::max<qint64>(0, holding.record.size);
    };
    add(m_copies);
    const bool elsewhere = std::ranges::any_of(holding.holders, [&](const QString &holder) {
        return holder != m_server && m_servers.contains(holder) &&
               m_catalogue.copyState(key, holder) == state::CopyState::Unknown;
    });
    if (!elsewhere)
        add(m_onlyCopies);
}

} // namespace cring::service
