// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/bannerscanner.h"

namespace cring::ssh {

namespace {
constexpr qsizetype kLongestLine = 255; // RFC 4253 §4.2, with CR and LF.
constexpr qsizetype kMostBeforeBanner = 8 * 1024;
} // namespace

BannerScanner::State BannerScanner::feed(QByteArrayView bytes)
{
    m_received.append(bytes.data(), bytes.size());
    if (m_state == State::Incomplete)
        m_state = scan();
    return m_state;
}

BannerScanner::State BannerScanner::scan()
{
    for (;;) {
        const qsizetype end = m_received.indexOf('\n', m_lineStart);
        const QByteArrayView rest = QByteArrayView(m_received).sliced(m_lineStart);
        const QByteArrayView line = end < 0 ? rest : rest.first(end - m_lineStart);
        if (line.size() > kLongestLine || m_lineStart > kMostBeforeBanner || line.contains('\0'))
            return State::NotSsh;
        if (end < 0)
            return State::Incomplete;
        if (line.startsWith("SSH-2.0-") || line.startsWith("SSH-1.99-"))
            return State::Found;
        if (line.startsWith("SSH-"))
            return State::NotSsh;
        m_lineStart = end + 1;
    }
}

} // namespace cring::ssh
