// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountfiles.h"

#include <algorithm>

namespace cring::service {

namespace {

/// Records of one step: about a millisecond.
constexpr qsizetype kStep = 1'000;

} // namespace

AccountFiles::AccountFiles(const state::Catalogue &catalogue, QByteArray charmId, QObject *parent)
    : QObject(parent)
    , m_catalogue(catalogue)
    , m_charmId(std::move(charmId))
    , m_cursor(m_charmId)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &AccountFiles::step);
}

void AccountFiles::start()
{
    m_timer.start(0);
}

void AccountFiles::step()
{
    m_cursor = m_catalogue.walk(m_cursor, kStep, [this](const auto &key, const auto &) {
        // A folder above it may have been deleted.
        const auto record =
            state::isAtOrBelow(key, m_charmId) ? m_catalogue.find(key) : std::optional<state::Record>();
        if (!record || record->deleted || record->folder)
            return;
        ++m_files;
        m_bytes += std::max<qint64>(0, record->size);
    });
    if (m_cursor.isEmpty() || !state::isAtOrBelow(m_cursor, m_charmId))
        Q_EMIT finished();
    else
        m_timer.start(0);
}

} // namespace cring::service
