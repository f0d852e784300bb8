// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/sequences.h"

#include "core/http/exchange.h"

#include <QRegularExpression>

namespace cring::gateway {

namespace {

using namespace std::chrono_literals;

constexpr qint64 kMaxAnswer = 64 * 1024;
/// Remembered floors; the servers' majority stands in for one that was forgotten.
constexpr qsizetype kMaxFloors = 20'000;

std::optional<quint64> sequenceOf(const http::Response &response)
{
    static const QRegularExpression form(QStringLiteral("^\\s*\\{\\s*\"seq\"\\s*:\\s*(\\d{1,20})\\s*\\}\\s*$"));
    const auto match = form.match(QString::fromUtf8(response.body));
    bool ok = false;
    const quint64 value = match.captured(1).toULongLong(&ok);
    return response.status == 200 && ok ? std::optional(value) : std::nullopt;
}

replica::Outcome sequenceAnswer(quint64 value)
{
    return {200, "application/json", "{\"seq\":" + QByteArray::number(value) + "}\n", {}};
}

} // namespace

/// One number (or one look at it), from the first request to the majority.
class Sequences::Round final : public QObject
{
public:
    Round(replica::Environment &environment, http::Request request, bool advances, std::optional<quint64> floor,
          std::function<void(std::optional<quint64>, replica::Outcome)> done, QObject *parent)
        : QObject(parent)
        , m_environment(environment)
        , m_request(std::move(request))
        , m_advances(advances)
        , m_done(std::move(done))
    {
        if (floor)
            m_answer = advances ? *floor + 1 : *floor;
    }

    void start()
    {
        QTimer::singleShot(m_environment.config.timing.answerTimeout, this, [this] { conclude(); });
        m_waiting = 1;
        const QList<health::Backend *> all = m_environment.backends.all();
        for (health::Backend *backend : all) {
            if (backend->usable() && backend->breaker().allows())
                ask(backend);
            else
                m_reasons << backend->name() + u' ' + backend->unusableReason();
        }
        --m_waiting;
        evaluate();
    }

private:
    void ask(health::Backend *backend)
    {
        ++m_waiting;
        backend->pool().exchange(m_request, m_environment.config.timing.readTimeout, kMaxAnswer, this,
                                 [this, backend](const Result<http::Response> &result) { handleAnswer(backend, result); });
    }

    void handleAnswer(health::Backend *backend, const Result<http::Response> &result)
    {
        --m_waiting;
        if (!result) {
            backend->breaker().failed(result.error().detail);
            m_reasons << backend->name() + u' ' + result.error().detail;
        } else {
            backend->breaker().succeeded();
            if (const auto value = sequenceOf(*result)) {
                m_rows[backend] = *value;
                m_answer = std::max(m_answer.value_or(0), *value);
            } else {
                const QByteArray type = result->headers.value("Content-Type");
                const QString words = replica::describeAnswer(result->status, type, result->body);
                m_reasons << backend->name() + u' ' + words;
                ++m_refusals;
                m_refusal = replica::Outcome{result->status, type, result->body, words};
            }
        }
        evaluate();
    }

    int majority() const { return static_cast<int>(m_environment.backends.size()) / 2 + 1; }

    /// A row that is behind the answer does not count: it would hand the number out again. It is advanced until it is not.
    void evaluate()
    {
        if (m_waiting > 0 && static_cast<int>(m_rows.size()) < majority())
            return;
        int counting = 0;
        for (auto it = m_rows.cbegin(); it != m_rows.cend(); ++it)
            counting += !m_advances || *it >= m_answer ? 1 : 0;
        if (counting >= majority()) {
            conclude();
            return;
        }
        if (m_waiting > 0)
            return;
        bool asked = false;
        const QList<health::Backend *> known = m_rows.keys();
        for (health::Backend *backend : known) {
            if (m_rows.value(backend) >= m_answer || static_cast<int>(m_rows.size()) < majority())
                continue;
            m_rows.remove(backend); // until it answers again it does not count
            ask(backend);
            asked = true;
        }
        if (!asked)
            conclude();
    }

    void conclude()
    {
        if (!m_done)
            return;
        const auto done = std::exchange(m_done, nullptr);
        deleteLater();
        int counting = 0;
        for (auto it = m_rows.cbegin(); it != m_rows.cend(); ++it)
            counting += !m_advances || *it >= m_answer ? 1 : 0;
        if (counting >= majority())
            done(m_answer, sequenceAnswer(*m_answer));
        else if (m_refusal && m_refusals >= majority())
            done(std::nullopt, *m_refusal);
        else
            done(std::nullopt, replica::refusal(503, QStringLiteral("the sequence number is agreed on by %1 of %2 servers, need %3: %4")
                                                         .arg(counting)
                                                         .arg(m_environment.backends.size())
                                                         .arg(majority())
                                                         .arg(replica::listed(m_reasons))));
    }

    replica::Environment &m_environment;
    http::Request m_request;
    bool m_advances;
    std::function<void(std::optional<quint64>, replica::Outcome)> m_done;
    std::optional<quint64> m_answer;
    QHash<health::Backend *, quint64> m_rows;
    std::optional<replica::Outcome> m_refusal;
    QStringList m_reasons;
    int m_refusals = 0;
    int m_waiting = 0;
};

Sequences::Sequences(replica::Environment &environment, QObject *parent) : QObject(parent), m_environment(environment) {}

Sequences::~Sequences() = default;

void Sequences::advance(const replica::Credentials &credentials, const QByteArray &name, QObject *context,
                        std::function<void(replica::Outcome)> done)
{
    const QByteArray key = credentials.account + '/' + name;
    Line &line = m_lines[key];
    line.waiting.push_back({credentials, context, std::move(done)});
    if (!line.busy)
        startNext(key, name);
}

void Sequences::startNext(const QByteArray &key, const QByteArray &name)
{
    Line &line = m_lines[key];
    while (!line.waiting.empty() && !line.waiting.front().context)
        line.waiting.pop_front();
    if (line.waiting.empty()) {
        m_lines.remove(key);
        return;
    }
    line.busy = true;
    Waiting next = std::move(line.waiting.front());
    line.waiting.pop_front();
    http::Request request;
    request.method = "POST";
    request.target = "/v1/seq/" + name;
    request.headers.append("Authorization", next.credentials.authorization);
    const auto floor = m_floors.contains(key) ? std::optional(m_floors.value(key)) : std::nullopt;
    auto *round = new Round(
        m_environment, request, true, floor,
        [this, key, name, next](std::optional<quint64> value, const replica::Outcome &outcome) {
            if (value)
                rememberFloor(key, *value);
            if (next.context)
                next.done(outcome);
            m_lines[key].busy = false;
            startNext(key, name);
        },
        this);
    round->start();
}

void Sequences::rememberFloor(const QByteArray &key, quint64 value)
{
    if (m_floors.size() >= kMaxFloors && !m_floors.contains(key))
        m_floors.erase(m_floors.begin());
    quint64 &floor = m_floors[key];
    floor = std::max(floor, value);
}

void Sequences::read(const replica::Credentials &credentials, const QByteArray &name, const QByteArray &body, QObject *context,
                     std::function<void(replica::Outcome)> done)
{
    const QByteArray key = credentials.account + '/' + name;
    http::Request request;
    request.method = "GET";
    request.target = "/v1/seq/" + name;
    request.headers.append("Authorization", credentials.authorization);
    if (!body.isEmpty())
        request.headers.append("Content-Type", "application/json");
    request.body = body;
    const auto floor = m_floors.contains(key) ? std::optional(m_floors.value(key)) : std::nullopt;
    auto *round = new Round(
        m_environment, request, false, floor,
        [client = QPointer<QObject>(context), done = std::move(done)](std::optional<quint64>, const replica::Outcome &outcome) {
            if (client)
                done(outcome);
        },
        this);
    round->start();
}

} // namespace cring::gateway
