// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QStringList>
#include <QTemporaryDir>

#include <memory>

namespace cring::test {

/// A certificate authority that nobody trusts, and certificates of it.
class TestCa
{
public:
    struct Pair
    {
        QString cert; ///< PEM file
        QString key;  ///< PEM file
    };

    TestCa();
    ~TestCa();

    /// The authority's certificate: what ca_file or SSL_CERT_FILE is to name.
    QString file() const;
    /// A certificate for these IP addresses or host names. lifetime in seconds from now; negative: it has
    /// expired.
    Result<Pair> issue(const QStringList &names, long lifetime = 24 * 3600);

private:
    struct Authority;

    QTemporaryDir m_folder;
    std::unique_ptr<Authority> m_authority;
    int m_issued = 0;
};

} // namespace cring::test
