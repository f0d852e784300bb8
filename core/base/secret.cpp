// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/secret.h"

#include <openssl/crypto.h>

namespace cring {

Secret &Secret::operator=(Secret &&other) noexcept
{
    if (this != &other) {
        wipe();
        m_bytes = std::exchange(other.m_bytes, QByteArray());
    }
    return *this;
}

void Secret::truncate(qsizetype size)
{
    if (size >= m_bytes.size())
        return;
    OPENSSL_cleanse(m_bytes.data() + size, static_cast<size_t>(m_bytes.size() - size));
    m_bytes.truncate(size);
}

void Secret::trimEnd()
{
    qsizetype size = m_bytes.size();
    while (size > 0 && QByteArrayView("\n\r ").contains(m_bytes.at(size - 1)))
        --size;
    truncate(size);
}

void Secret::wipe()
{
    // memset() before the end of a lifetime may be left out by the compiler.
    if (!m_bytes.isEmpty())
        OPENSSL_cleanse(m_bytes.data(), static_cast<size_t>(m_bytes.size()));
    m_bytes = QByteArray();
}

} // namespace cring
