// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/recentbodies.h"

#include <algorithm>

namespace cring::replica {

namespace {

constexpr size_t kMost = 1'000;

} // namespace

void RecentBodies::add(const state::ObjectKey &key, const QByteArray &digest, const QByteArray &body)
{
    if (body.size() > kLargest)
        return;
    m_bodies.push_back({key, digest, body});
    m_bytes += body.size();
    while (m_bytes > kBudget || m_bodies.size() > kMost) {
        m_bytes -= m_bodies.front().bytes.size();
        m_bodies.pop_front();
    }
}

std::optional<QByteArray> RecentBodies::take(const state::ObjectKey &key, const QByteArray &digest)
{
    const auto found = std::ranges::find_if(
        m_bodies, [&](const Body &body) { return body.key == key && body.digest == digest; });
    if (found == m_bodies.end())
        return std::nullopt;
    QByteArray bytes = std::move(found->bytes);
    m_bytes -= bytes.size();
    m_bodies.erase(found);
    return bytes;
}

} // namespace cring::replica
