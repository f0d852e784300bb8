// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include <cstdio>
#include <cstdlib>

namespace cring::app {

/// What was written to a FILE *.
class Capture
{
public:
    Capture()
        : m_file(::open_memstream(&m_data, &m_size))
    {
    }

    ~Capture()
    {
        std::fclose(m_file);
        std::free(m_data);
    }
    Q_DISABLE_COPY_MOVE(Capture)

    std::FILE *file() const { return m_file; }

    QString text() const
    {
        std::fflush(m_file);
        return QString::fromUtf8(m_data, static_cast<qsizetype>(m_size));
    }

private:
    char *m_data = nullptr;
    size_t m_size = 0;
    std::FILE *m_file;
};

} // namespace cring::app
