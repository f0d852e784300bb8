// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/sequences.h"

#include "core/charm/sequence.h"
#include "core/http/exchange.h"
#include "core/replica/requests.h"

namespace cring::gateway {

namespace {

using namespace std::chrono_literals;

constexpr qint64 kMaxAnswer = 64 * 1024;

replica::Outcome sequenceAnswer(quint64 value)
{
    return {200, "application/json", charm::sequenceJson(value), {}};
}

/// What servers that gave no number said instead.
struct Refusals
{
    QStringList reasons;
    std::optional<replica::Outcome> last;
    int count = 0;

    void add(const health::Backend &backend, const http::Response &response)
    {
        const QByteArray type = response.headers.value("Content-Type");
        const QString words = replica::describeAnswer(response.status, type, response.body);
        reasons << backend.name() + u' ' + words;
        last = replica::Outcome{response.status, type, response.body, words};
        ++count;
    }

    /// A majority that refuses alike speaks for the request; otherwise it is the ring that could not do it.
    replica::Outcome outcome(int servers, const QString &verb) const
    {
        if (last && count > servers / 2)
            return *last;
        return replica::refusal(503,
                                QStringLiteral("a majority of the %1 servers is needed to %2 a sequence: %3")
                                    .arg(servers)
                                    .arg(verb, replica::listed(reasons)));
    }
};

/// Asks servers for numbers, and hears of each its number or nothing.
class SequenceRequests : public QObject
{
public:
    SequenceRequests(replica::Environment &environment, const QByteArray &account, http::Request request,
                     QObject *parent)
        : QObject(parent)
        , m_environment(environment)
        , m_account(account)
        , m_use(environment.use)
        , m_request(std::move(request))
    {
    }

protected:
    virtual void handleNumber(int index, std::optional<quint64> number) = 0;

    void ask(int index)
    {
        health::Backend *backend = m_environment.backends.all()[index];
        if (!replica::admits(*backend, m_refusals.reasons)) {
            handleNumber(index, std::nullopt);
            return;
        }
        replica::ask(*backend, m_request, m_environment.config.timing.readTimeout, kMaxAnswer, this,
                     [this, index, backend](const Result<http::Response> &result) {
                         handleAnswer(index, *backend, result);
                     });
    }

    /// The server is to be counted up behind.
    void owe(int index)
    {
        state::AccountWork::Item item;
        item.server = m_environment.backends.all()[index]->id();
        item.account = m_account;
        item.target = m_request.target;
        (void)m_environment.accountWork.add(item); // the next round would do as well
    }

    /// It did not know the account at first: what it has missed is not sure.
    bool wasMissing(int index) const { return m_brought.contains(index); }

    int servers() const { return static_cast<int>(m_environment.backends.size()); }

    Refusals m_refusals;

private:
    void handleAnswer(int index, health::Backend &backend, const Result<http::Response> &result)
    {
        if (!result) {
            m_refusals.reasons << backend.name() + u' ' + result.error().detail;
            handleNumber(index, std::nullopt);
            return;
        }
        if (replica::isMissingUser(result->status, result->body) && !m_brought.contains(index)) {
            m_brought.insert(index);
            m_environment.bringer.bring(backend.id(), m_account, this,
                                        [this, index, &backend, response = *result](bool isThere) {
                                            if (isThere)
                                                ask(index);
                                            else
                                                settle(index, backend, response);
                                        });
            return;
        }
        settle(index, backend, *result);
    }

    void settle(int index, const health::Backend &backend, const http::Response &response)
    {
        const auto number = charm::parseSequence(response.body);
        if (response.status == 200 && number) {
            handleNumber(index, *number);
        } else {
            m_refusals.add(backend, response);
            handleNumber(index, std::nullopt);
        }
    }

    replica::Environment &m_environment;
    QByteArray m_account;
    const std::shared_ptr<const void> m_use;
    http::Request m_request;
    QSet<int> m_brought; ///< Servers that the account has been on its way to.
};

} // namespace

/// One new number, from the first request to the majority.
class Sequences::Round final : public SequenceRequests
{
public:
    using Done = std::function<void(std::optional<quint64>, replica::Outcome)>;

    Round(replica::Environment &environment, const QByteArray &account, http::Request request,
          std::optional<quint64> floor, Done done, QObject *parent)
        : SequenceRequests(environment, account, std::move(request), parent)
        , m_limit(environment.config.timing.answerTimeout)
        , m_round(static_cast<int>(environment.backends.size()), floor)
        , m_done(std::move(done))
    {
    }

    void start()
    {
        // Catching up a server that missed many numbers takes as many requests; the client does not wait for
        // all of them.
        QTimer::singleShot(m_limit, this, &Round::conclude);
        go();
    }

private:
    void go()
    {
        // In a loop, not by recursion: a server that cannot be used answers at once.
        if (m_going)
            return;
        m_going = true;
        for (QList<int> posts = m_round.takePosts(); !posts.isEmpty(); posts = m_round.takePosts()) {
            for (const int index : std::as_const(posts))
                ask(index);
        }
        m_going = false;
        if (m_round.answer() || m_round.hopeless())
            conclude();
    }

    void handleNumber(int index, std::optional<quint64> number) override
    {
        if (number)
            m_round.answered(index, *number);
        else
            m_round.failed(index);
        go();
    }

    void conclude()
    {
        const Done done = std::exchange(m_done, nullptr);
        if (!done)
            return;
        deleteLater();
        if (m_round.answer()) {
            oweToLaggards();
            done(m_round.answer(), sequenceAnswer(*m_round.answer()));
        } else
            done(std::nullopt, m_refusals.outcome(servers(), QStringLiteral("advance")));
    }

    /// Who has not reached the number, and is not just about to.
    void oweToLaggards()
    {
        for (int i = 0; i < servers(); ++i) {
            if (m_round.hasFailed(i) || wasMissing(i))
                owe(i);
        }
    }

    std::chrono::milliseconds m_limit;
    charm::SequenceRound m_round;
    Done m_done;
    bool m_going = false;
};

/// One look at a sequence: what a majority of servers has, and never less than was handed out.
class Sequences::Look final : public SequenceRequests
{
public:
    Look(replica::Environment &environment, const QByteArray &account, http::Request request, quint64 floor,
         std::function<void(replica::Outcome)> done, QObject *parent)
        : SequenceRequests(environment, account, std::move(request), parent)
        , m_number(floor)
        , m_done(std::move(done))
    {
    }

    void start()
    {
        m_waiting = servers();
        for (int i = 0; i < servers(); ++i)
            ask(i);
    }

private:
    void handleNumber(int, std::optional<quint64> number) override
    {
        --m_waiting;
        if (number) {
            ++m_answers;
            m_number = std::max(m_number, *number);
        }
        const bool enough = m_answers > servers() / 2;
        if (!m_done || (!enough && m_waiting > 0))
            return;
        deleteLater();
        std::exchange(m_done, nullptr)(enough ? sequenceAnswer(m_number)
                                              : m_refusals.outcome(servers(), QStringLiteral("read")));
    }

    quint64 m_number;
    std::function<void(replica::Outcome)> m_done;
    int m_waiting = 0;
    int m_answers = 0;
};

Sequences::Sequences(state::Floors &floors, QObject *parent)
    : QObject(parent)
    , m_floors(floors)
{
}

Sequences::~Sequences() = default;

void Sequences::advance(replica::Environment &environment, const replica::Credentials &credentials,
                        const QByteArray &name, QObject *context, std::function<void(replica::Outcome)> done)
{
    if (const QString problem = environment.database.problem(); !problem.isEmpty()) {
        done(replica::recordsRefusal(problem));
        return;
    }
    const QByteArray key = credentials.account + '/' + name;
    Line &line = m_lines[key];
    line.waiting.push_back({&environment, credentials, context, std::move(done)});
    if (!line.busy)
        startNext(key, name);
}

void Sequences::startNext(const QByteArray &key, const QByteArray &name)
{
    Line &line = m_lines[key];
    if (line.busy)
        return;
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
    replica::identify(request.headers, next.credentials);
    auto *round = new Round(
        *next.environment, next.credentials.account, request, m_floors.find(key),
        [this, key, name, next](std::optional<quint64> value, const replica::Outcome &outcome) {
            const auto end = [this, key, name, next](const replica::Outcome &answer) {
                if (next.context)
                    next.done(answer);
                m_lines[key].busy = false;
                startNext(key, name);
            };
            if (value)
                m_floors.raise(
                    key, *value, this,
                    [this, end, outcome] {
                        end(outcome);
                        Q_EMIT advanced();
                    },
                    [end](const QString &problem) { end(replica::recordsRefusal(problem)); });
            else // later: a round in which no server can be asked ends at once
                QMetaObject::invokeMethod(
                    this, [end, outcome] { end(outcome); }, Qt::QueuedConnection);
        },
        this);
    round->start();
}

void Sequences::read(replica::Environment &environment, const replica::Credentials &credentials,
                     const QByteArray &name, const QByteArray &body, QObject *context,
                     std::function<void(replica::Outcome)> done)
{
    const QByteArray key = credentials.account + '/' + name;
    const auto floor = m_floors.find(key);
    if (floor && environment.isReadOnly(credentials.account)) {
        done(sequenceAnswer(*floor));
        return;
    }
    if (environment.backends.all().isEmpty()) {
        done(replica::refusal(503, QStringLiteral("no server is configured, and none has said the number")));
        return;
    }
    http::Request request;
    request.method = "GET";
    request.target = "/v1/seq/" + name;
    replica::identify(request.headers, credentials);
    if (!body.isEmpty())
        request.headers.append("Content-Type", "application/json");
    request.body = body;
    auto *look = new Look(
        environment, credentials.account, request, floor.value_or(0),
        [client = QPointer<QObject>(context), done = std::move(done)](const replica::Outcome &outcome) {
            if (client)
                done(outcome);
        },
        this);
    look->start();
}

} // namespace cring::gateway
