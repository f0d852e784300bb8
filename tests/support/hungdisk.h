// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QTemporaryDir>

namespace cring::test {

/// A file system that never answers, as a network's whose server is gone: whoever looks into it hangs in the
/// kernel until release(). Needs root, or sudo without a password, to mount it; made() says so when it has
/// neither. Nobody in the test's own process may look at path().
class HungDisk
{
public:
    HungDisk();
    ~HungDisk();
    HungDisk(const HungDisk &) = delete;
    HungDisk &operator=(const HungDisk &) = delete;

    const Status &made() const { return m_made; }
    QString path() const { return m_folder.path(); }
    /// Whoever hangs gets an error, and so does everybody after it.
    void release();

private:
    QTemporaryDir m_folder;
    int m_kernel = -1; ///< Whose questions nobody answers.
    Status m_made;
};

} // namespace cring::test
