// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restoretofolder.h"

#include "core/backup/fileplace.h"

#include <QFile>

namespace cring::backup {

namespace {

constexpr qint64 kBehind = 1024 * 1024;

/// What the worker has of a file on its way. One worker at a time looks into it.
struct Writing : FilePlace
{
    using FilePlace::FilePlace;

    std::optional<Error> problem;
};

class Task final : public RestoreTask
{
public:
    Task(S3Client &client, const QString &folder, RestoreItem item)
        : m_client(client)
        , m_item(std::move(item))
        , m_writing(std::make_shared<Writing>(QFile::encodeName(folder), m_item.key.split('/')))
    {
    }

    void start() override
    {
        if (m_item.folder) {
            run([mode = m_item.mode](Writing &writing) { return writing.makeFolder(mode); },
                [this] { end(Restored::Brought); });
            return;
        }
        m_head = m_client.head(m_item.object.key, m_item.object.versionId, this,
                               [this](const S3Result<ObjectHead> &head) {
                                   if (!head)
                                       end(head.error().toError());
                                   else
                                       compare(*head);
                               });
    }

private:
    void compare(const ObjectHead &head)
    {
        m_mode = head.metadata.value(kModeField, kUsualMode).toUInt();
        const auto there = std::make_shared<QByteArray>();
        m_client.session().workers().run(
            [writing = m_writing, there, size = m_item.object.size] { *there = writing->digestThere(size); },
            this,
            [this, there, wanted = head.sha256] {
                if (!there->isEmpty() && *there == wanted)
                    run([mode = m_mode](Writing &writing) { return writing.setMode(mode); },
                        [this] { end(Restored::Same); });
                else
                    run([](Writing &writing) { return writing.open(); }, [this] { download(); });
            });
    }

    void download()
    {
        GetRequest request;
        request.key = m_item.object.key;
        request.versionId = m_item.object.versionId;
        m_download = std::make_unique<ObjectDownload>(m_client, request);
        connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
            m_behind += data.size();
            if (m_behind > kBehind && !std::exchange(m_held, true))
                m_download->pause();
            run([data](Writing &writing) { return writing.write(data); },
                [this, size = data.size()] {
                    m_behind -= size;
                    if (m_behind <= kBehind / 2 && std::exchange(m_held, false))
                        m_download->resume();
                    finishIfComplete();
                });
        });
        connect(m_download.get(), &ObjectDownload::finished, this, [this] {
            m_complete = true;
            finishIfComplete();
        });
        connect(m_download.get(), &ObjectDownload::failed, this,
                [this](const S3Error &error) { end(error.toError()); });
    }

    void finishIfComplete()
    {
        if (!m_complete || m_behind > 0 || m_finishing)
            return;
        m_finishing = true;
        run([mode = m_mode](Writing &writing) { return writing.finish(mode); },
            [this] { end(Restored::Brought); });
    }

    /// In order: the next one begins when the one before has ended.
    void run(std::function<Status(Writing &)> work, std::function<void()> then)
    {
        m_work.push_back({std::move(work), std::move(then)});
        if (m_work.size() == 1)
            runNext();
    }

    void runNext()
    {
        m_client.session().workers().run(
            [writing = m_writing, work = m_work.front().first] {
                if (writing->problem)
                    return;
                if (const Status done = work(*writing); !done)
                    writing->problem = done.error();
            },
            this,
            [this] {
                if (m_ended)
                    return;
                if (m_writing->problem) {
                    end(*m_writing->problem);
                    return;
                }
                const auto then = std::move(m_work.front().second);
                m_work.pop_front();
                if (!m_work.empty())
                    runNext();
                then();
            });
    }

    void end(const Result<Restored> &outcome)
    {
        if (std::exchange(m_ended, true))
            return;
        if (m_download)
            m_download.release()->deleteLater();
        QMetaObject::invokeMethod(
            this, [this, outcome] { Q_EMIT finished(outcome); }, Qt::QueuedConnection);
    }

    S3Client &m_client;
    const RestoreItem m_item;
    std::shared_ptr<Writing> m_writing;
    QPointer<S3Call> m_head;
    std::unique_ptr<ObjectDownload> m_download;
    std::deque<std::pair<std::function<Status(Writing &)>, std::function<void()>>> m_work;
    quint32 m_mode = 0;
    qint64 m_behind = 0;
    bool m_held = false;
    bool m_complete = false;
    bool m_finishing = false;
    bool m_ended = false;
};

} // namespace

RestoreToFolder::RestoreToFolder(S3Client &client, const QString &folder)
    : m_client(client)
    , m_folder(folder)
{
}

std::unique_ptr<RestoreTask> RestoreToFolder::task(const RestoreItem &item, quint64)
{
    return std::make_unique<Task>(m_client, m_folder, item);
}

} // namespace cring::backup
