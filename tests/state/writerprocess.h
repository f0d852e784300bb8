// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"

namespace cring::test {

/// cring_state_writer (writer.cpp) and what it says.
class WriterProcess : public playground::ChildProcess
{
public:
    explicit WriterProcess(User user = User::Same);

    void begin(const QStringList &arguments);
    /// Waits until it has said so many lines, or one that begins like this, or has ended.
    bool waitForLines(qsizetype count);
    bool waitForLine(const QByteArray &beginning);
    /// All that it has said; complete once it has ended.
    QList<QByteArray> lines();
    /// The highest number that it was told of as committed ('d' or 'p') or as on the disk ('p'); 0 for none.
    qint64 highest(bool onDisk);

private:
    QByteArray m_output;
};

} // namespace cring::test
