// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/digest.h"

#include <xxhash.h>

namespace cring::replica {

void PayloadDigest::Free::operator()(XXH3_state_s *state) const
{
    XXH3_freeState(state);
}

PayloadDigest::PayloadDigest(quint64 seed)
    : m_state(XXH3_createState())
    , m_seed(seed)
{
    XXH3_128bits_reset_withSeed(m_state.get(), m_seed);
}

PayloadDigest::~PayloadDigest() = default;
PayloadDigest::PayloadDigest(PayloadDigest &&) noexcept = default;
PayloadDigest &PayloadDigest::operator=(PayloadDigest &&) noexcept = default;

void PayloadDigest::add(QByteArrayView data)
{
    XXH3_128bits_update(m_state.get(), data.data(), static_cast<size_t>(data.size()));
    m_size += data.size();
}

QByteArray PayloadDigest::value() const
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(m_state.get()));
    return QByteArray(reinterpret_cast<const char *>(canonical.digest), sizeof canonical.digest);
}

void PayloadDigest::reset()
{
    XXH3_128bits_reset_withSeed(m_state.get(), m_seed);
    m_size = 0;
}

} // namespace cring::replica
