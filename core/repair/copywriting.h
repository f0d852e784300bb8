// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/wayclearing.h"
#include "core/replica/ownerstream.h"

namespace cring::repair {

/// Puts a file or a folder at a path of one server, or takes away what is there, under the path's lock and
/// only as long as the record has the version that this was begun for.
///
/// A file flows to the server while it is read, for which nothing is locked: Charm touches what it has only
/// when it has got the whole body. The end of it is held back until complete(); then the old copy is deleted,
/// for Charm cannot write over a read-only one, and the end goes out. A client that waits for the path gets
/// it while the server is still busy.
///
/// One run; then finished(). What the server may do after that is in the catalogue as a doubt.
class CopyWriting final : public QObject
{
    Q_OBJECT

public:
    CopyWriting(replica::Environment &environment, health::Backend &target, const replica::ObjectKey &key,
                const replica::Credentials &credentials, quint64 version, QObject *parent);
    ~CopyWriting() override;

    /// A file: then offer() its bytes, and complete().
    void open(quint32 mode);
    void offer(const QByteArray &data);
    void complete();
    /// What was offered was not the file: the server keeps what it has, and open() can be called again.
    void abandon();
    bool isOpen() const { return m_stream != nullptr; }

    void putFolder(quint32 mode);
    void remove();

    /// The server cannot have anything at the path: above it stands something else than should.
    void suspectAbove();

    /// Lets go of everything; nothing is emitted any more.
    void cancel();

Q_SIGNALS:
    /// The server takes nothing more for now, or does again.
    void paused(bool paused);
    /// Once. `problem` is empty when the server has done it.
    void finished(const QString &problem);

private:
    void handleStreamChanged();
    void clearWay(WayClearing::Wanted wanted, std::function<void()> then);
    void locked(std::function<void()> then);
    void makeFolder(quint32 mode);
    void replace();
    void deleteOld(std::function<void()> then);
    void release();
    void makeWay();
    void end(const QString &problem);

    replica::Environment &m_environment;
    health::Backend &m_target;
    const replica::ObjectKey m_key;
    const QByteArray m_path;
    const replica::Credentials m_credentials;
    const quint64 m_version;
    replica::PathLocks::Lease m_lease;
    std::unique_ptr<replica::OwnerStream> m_stream;
    QTimer m_wanted; ///< Until the path is given to whoever waits for it.
    QTimer m_stall;  ///< While the server takes nothing of the file.
    qint64 m_size = 0;
    quint32 m_mode = 0;
    bool m_complete = false;
    bool m_paused = false;
    bool m_replacing = false; ///< The old copy is being taken away, which may take its time.
    bool m_released = false;  ///< The end of the file may go out.
    bool m_makesWay = false;  ///< Somebody has waited for the path long enough.
    bool m_ended = false;
};

} // namespace cring::repair
