// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

#include <unistd.h>

#include <utility>

namespace cring::ssh {

/// Owns a file descriptor.
class UniqueFd
{
public:
    UniqueFd() = default;

    explicit UniqueFd(int fd)
        : m_fd(fd)
    {
    }

    ~UniqueFd() { reset(); }

    UniqueFd(UniqueFd &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }

    UniqueFd &operator=(UniqueFd &&other) noexcept
    {
        if (this != &other) {
            reset();
            m_fd = std::exchange(other.m_fd, -1);
        }
        return *this;
    }
    Q_DISABLE_COPY(UniqueFd)

    int get() const { return m_fd; }

    explicit operator bool() const { return m_fd >= 0; }

    /// Whoever calls it owns the descriptor.
    [[nodiscard]] int release() { return std::exchange(m_fd, -1); }

    void reset()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
    }

private:
    int m_fd = -1;
};

} // namespace cring::ssh
