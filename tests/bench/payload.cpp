// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/payload.h"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace cring::bench {

namespace {

constexpr size_t ChunkSize = 32 * 1024; ///< Go's io.Copy.

/// splitmix64 (Steele, Lea, Flood 2014).
class Noise
{
public:
    uint64_t next()
    {
        uint64_t z = (m_state += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

private:
    uint64_t m_state = 1;
};

} // namespace

Payload::Payload(size_t size)
    : m_size(size)
{
    m_upload = std::string("--") + Boundary +
               "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"file\"\r\n"
               "Content-Type: application/octet-stream\r\n\r\n";
    m_start = m_upload.size();
    m_upload.resize(m_start + size);
    Noise noise;
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        const uint64_t word = noise.next();
        std::memcpy(m_upload.data() + m_start + at, &word, std::min(sizeof word, size - at));
    }
    m_upload += std::string("\r\n--") + Boundary + "--\r\n";
}

std::string Payload::chunked() const
{
    std::string out;
    for (std::string_view rest = file(); !rest.empty();) {
        const std::string_view piece = rest.substr(0, ChunkSize);
        rest.remove_prefix(piece.size());
        char digits[16];
        const auto end = std::to_chars(std::begin(digits), std::end(digits), piece.size(), 16).ptr;
        out.append(digits, end).append("\r\n").append(piece).append("\r\n");
    }
    return out + "0\r\n\r\n";
}

} // namespace cring::bench
