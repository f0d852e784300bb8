// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/partlook.h"

namespace cring::backup {

/// Sends the parts that the server does not have, some side by side.
///
/// Lives on the event loop's thread; client and parts outlive it. `done` is called once, unless this is
/// destroyed first, which calls off what is under way; deletes itself. Memory: 3 MiB, whatever the parts'
/// size.
class PartSending final : public QObject
{
    Q_OBJECT

public:
    static constexpr int kSideBySide = 3;

    PartSending(S3Client &client, PartTarget target, PartSet &parts, Done<Nothing> done, QObject *parent);

Q_SIGNALS:
    /// Of the body, with what the server had before.
    void progress(qint64 bytes);

private:
    void sendMore();
    void send(int number);
    void handleSent(int number, const S3Result<Part> &part);
    void tell();
    void end(S3Result<Nothing> result);

    S3Client &m_client;
    const PartTarget m_target;
    PartSet &m_parts;
    Done<Nothing> m_done;
    int m_next = 1;              ///< Those before it are stored or under way.
    QMap<int, qint64> m_sending; ///< By number: bytes on their way.
};

} // namespace cring::backup
