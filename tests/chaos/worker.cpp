// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/worker.h"

#include "tests/chaos/content.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::chaos {

namespace {

using namespace std::chrono_literals;

constexpr quint32 FolderBit = 1u << 31; ///< Of Go's fs.FileMode.
constexpr quint32 Permissions = 0777;
constexpr auto RefusedPause = 20ms;
constexpr qsizetype MaxWords = 300;

Ending endingOf(const Answer &answer)
{
    switch (answer.end) {
    case Answer::End::NotSent:
        return Ending::NotSent;
    case Answer::End::TimedOut:
        return Ending::NoAnswer;
    case Answer::End::Cut:
    case Answer::End::Left:
        return Ending::Unknown;
    case Answer::End::Whole:
        break;
    }
    if (answer.status / 100 == 2)
        return Ending::Done;
    return answer.status / 100 == 4 ? Ending::Declined : Ending::Refused;
}

} // namespace

Worker::Worker(const Options &options, const Script &script, Gate &gate)
    : m_options(options)
    , m_script(script)
    , m_gate(gate)
    , m_transport(options.ring, options.token)
{
}

void Worker::run()
{
    int ring = 0;
    for (int number = 0; m_options.operations == 0 || number < m_options.operations; ++number) {
        const int current = m_gate.wait();
        if (current == 0)
            return;
        if (std::exchange(ring, current) != current)
            reconnect();
        m_journal.push_back(perform(m_script.next(), number));
        const Ending ending = m_journal.back().ending;
        if (ending == Ending::Refused || ending == Ending::NotSent)
            m_gate.pause(RefusedPause);
    }
}

Entry Worker::perform(const Operation &operation, int number)
{
    Entry entry;
    entry.client = m_options.client;
    entry.account = m_options.account;
    entry.number = number;
    entry.operation = operation;
    const Answer answer = send(operation, number, entry);
    entry.end = m_options.now();
    settle(answer, entry);
    return entry;
}

Answer Worker::send(const Operation &operation, int number, Entry &entry)
{
    const QByteArray target = "/v1/fs/" + operation.path;
    QByteArray data;
    if (operation.kind == Operation::Kind::Upload) {
        data = contentOf(m_options.client, number, operation.size);
        entry.stored = Value::file(data, operation.mode);
    }
    entry.begin = m_options.now();
    switch (operation.kind) {
    case Operation::Kind::Upload:
        return m_transport.upload(target, data, operation.mode, operation.abandonAfter);
    case Operation::Kind::MakeFolder:
        return m_transport.upload(target, {}, FolderBit | operation.mode);
    case Operation::Kind::Delete:
        return m_transport.request("DELETE", target);
    case Operation::Kind::Number:
        return m_transport.request("POST", "/v1/seq/" + operation.path);
    case Operation::Kind::Read:
        break;
    }
    return m_transport.request("GET", target);
}

void Worker::settle(const Answer &answer, Entry &entry) const
{
    entry.ending = endingOf(answer);
    entry.status = answer.status;
    if (entry.operation.kind == Operation::Kind::Read)
        settleRead(answer, entry);
    if (entry.ending == Ending::Declined || entry.ending == Ending::Refused)
        entry.words = answer.body.left(MaxWords).simplified();
    if (entry.ending == Ending::Done && entry.operation.kind == Operation::Kind::Number)
        entry.sequence =
            QJsonDocument::fromJson(answer.body).object().value(QStringLiteral("seq")).toInteger(-1);
}

/// Only an answer that ended whole says what is there.
void Worker::settleRead(const Answer &answer, Entry &entry) const
{
    // That an account is unknown says nothing about its files; these servers know all of them.
    const bool nothing = answer.status == 404 && !answer.body.contains("missing user");
    if (answer.end != Answer::End::Whole)
        return;
    if (nothing) {
        entry.ending = Ending::Done;
        entry.seen = Value::absent();
    } else if (entry.ending == Ending::Done && answer.isJson) {
        entry.seen = Value::folder();
        entry.names.emplace();
        const QJsonArray files =
            QJsonDocument::fromJson(answer.body).object().value(QStringLiteral("files")).toArray();
        for (const QJsonValue &file : files)
            *entry.names << file.toObject().value(QStringLiteral("name")).toString().toUtf8();
    } else if (entry.ending == Ending::Done) {
        entry.seen = Value::file(answer.body, answer.mode & Permissions);
        entry.words = describeContent(answer.body);
    }
}

} // namespace cring::chaos
