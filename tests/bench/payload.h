// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace cring::bench {

/// A file of a size: bytes that no compressor gets smaller, as the charm client's are, and the same in every
/// process. Immutable.
class Payload
{
public:
    explicit Payload(size_t size);

    /// The multipart body of its upload.
    std::string_view upload() const { return m_upload; }

    /// The file itself.
    std::string_view file() const { return std::string_view(m_upload).substr(m_start, m_size); }

    /// As a Charm server sends it above 2 KiB: chunked, 32 KiB each.
    std::string chunked() const;

    static constexpr auto Boundary = "cring-bench-boundary";

private:
    size_t m_size;
    size_t m_start = 0;
    std::string m_upload;
};

} // namespace cring::bench
