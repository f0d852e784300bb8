// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"
#include "core/charm/trialname.h"
#include "core/http/message.h"
#include "core/replica/tokensource.h"

#include <QObject>

#include <functional>

namespace cring::service {

/// Is a person's account known on one server, and can it write, read and delete there: a real file, by the
/// server's own HTTP side and past the ring.
///
/// The file lies at the top of the account's folder for some milliseconds, under a name that nobody else can
/// have: no client's file, for it belongs to no client's key. The ring passes such names over in listings
/// and scrubs, so that none of them comes into its records. It is taken away again whatever happens,
/// also when the test is called off; what a test that was killed has left, the next one takes away.
class AccountTrial final : public QObject
{
    Q_OBJECT

public:
    static constexpr QByteArrayView kPrefix = charm::kTrialPrefix;

    using Answered = std::function<void(const Result<http::Response> &)>;
    /// Sends a request to the server, answered unless `context` dies; bounded in time.
    using Ask = std::function<void(const http::Request &request, QObject *context, Answered answered)>;

    /// What it works with.
    struct Means
    {
        Ask ask;
        /// Why this is no time to write; "" when it is one.
        std::function<QString()> whyNotNow = {};
        /// Has the ring delete a file of the account that has come into its records all the same; false when
        /// it has no record of it.
        std::function<bool(const replica::Credentials &credentials, const QByteArray &name)> deleteRecorded =
            {};
    };

    AccountTrial(replica::Credentials credentials, Means means, IRandom &random, QObject *parent = nullptr);
    ~AccountTrial() override;

    /// Ends in finished(), never before it returns.
    void start();

Q_SIGNALS:
    /// "account", "write", "read", "delete": the next one has begun.
    void began(const char *step);
    /// What came of it; when not ok, what to do as well.
    void ended(bool ok, const QString &text);
    void finished();

private:
    void look();
    void handleLook(const Result<http::Response> &answer);
    void sweep(const QByteArray &listing);
    void write();
    void handleWritten(const Result<http::Response> &answer);
    void read();
    void handleRead(const Result<http::Response> &answer);
    void takeAway();
    void handleTakenAway(const Result<http::Response> &answer);
    void send(const char *method, const QByteArray &query,
              void (AccountTrial::*handler)(const Result<http::Response> &));
    void sendDelete(const QByteArray &name) const;

    const replica::Credentials m_credentials;
    const Means m_means;
    const QByteArray m_name;
    const QByteArray m_bytes;
    bool m_mayBeThere = false; ///< The file, on the server.
};

} // namespace cring::service
