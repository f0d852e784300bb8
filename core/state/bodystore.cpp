// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bodystore.h"

namespace cring::state {

namespace {

/// Until a configuration has one.
constexpr qint64 kFirstBudget = 1024LL * 1024 * 1024;

} // namespace

BodyStore::BodyStore(BodyFiles files, int threads, Error full)
    : m_files(std::move(files))
    , m_full(std::move(full))
    , m_budget(kFirstBudget)
{
    for (int i = 0; i < threads; ++i) {
        m_threads.push_back(std::make_unique<QThreadPool>());
        m_threads.back()->setMaxThreadCount(1);
    }
}

BodyStore::~BodyStore()
{
    for (const auto &thread : m_threads)
        thread->waitForDone();
}

QList<BodyFiles::Found> BodyStore::scan()
{
    const QList<BodyFiles::Found> all = m_files.scan();
    for (const BodyFiles::Found &found : all)
        pass(found.id);
    return all;
}

bool BodyStore::reserve(qint64 bytes)
{
    if (this->bytes() + bytes > m_budget && m_makeRoom)
        m_makeRoom();
    if (this->bytes() + bytes > m_budget)
        return false;
    m_drafted += bytes;
    return true;
}

void BodyStore::work(quint64 id, std::function<void(const BodyFiles &)> job, QObject *context,
                     std::function<void()> then)
{
    const quint64 number = ++m_lastWork;
    if (context)
        m_waiting.insert(number, {context, std::move(then)});
    m_threads[id % m_threads.size()]->start([this, number, waits = context != nullptr, job = std::move(job)] {
        job(m_files);
        if (!waits)
            return;
        QMetaObject::invokeMethod(
            this,
            [this, number] {
                const Waiting waiting = m_waiting.take(number);
                if (waiting.context && waiting.then)
                    waiting.then();
            },
            Qt::QueuedConnection);
    });
}

void BodyStore::read(quint64 id, qint64 offset, qint64 size, QObject *context,
                     std::function<void(const Result<QByteArray> &)> done)
{
    const auto bytes = std::make_shared<Result<QByteArray>>(QByteArray());
    work(
        id, [id, offset, size, bytes](const BodyFiles &files) { *bytes = files.read(id, offset, size); },
        context, [bytes, done = std::move(done)] { done(*bytes); });
}

void BodyStore::remove(quint64 id, QObject *context, std::function<void()> done)
{
    work(
        id,
        [id](const BodyFiles &files) {
            files.removeNote(id);
            files.removeBytes(id);
        },
        context, std::move(done));
}

} // namespace cring::state
