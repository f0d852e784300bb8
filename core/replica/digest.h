// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QByteArrayView>

#include <memory>

struct XXH3_state_s;

namespace cring::replica {

/// Running XXH3-128 and length of a stored file's bytes (about 10 GB/s). It tells damage and versions apart;
/// that the content is authentic is the client's encryption's business. Seeded for each installation, so that
/// nobody outside can make two files that look alike.
class PayloadDigest
{
public:
    /// `seed`: Database::digestSeed(); what is compared must have the same.
    explicit PayloadDigest(quint64 seed);
    ~PayloadDigest();
    PayloadDigest(PayloadDigest &&) noexcept;
    PayloadDigest &operator=(PayloadDigest &&) noexcept;

    void add(QByteArrayView data);
    qint64 size() const { return m_size; }
    /// Of everything added so far, 16 bytes; more may be added.
    QByteArray value() const;
    void reset();

private:
    struct Free
    {
        void operator()(XXH3_state_s *state) const;
    };
    std::unique_ptr<XXH3_state_s, Free> m_state;
    quint64 m_seed;
    qint64 m_size = 0;
};

} // namespace cring::replica
