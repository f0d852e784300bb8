// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/config/config.h"
#include "core/ssh/dialler.h"

#include <QTimer>

#include <optional>
#include <stop_token>

namespace cring {
class Workers;
} // namespace cring

namespace cring::ssh {

/// Logs in to one Charm server with a private key and runs one command: `jwt`, `id`, `api-auth`, `api-keys`
/// (server/auth.go). A Charm server makes an account for every key that it does not know, whichever of these
/// is run: use no key but one that a charm client uses there.
///
/// Connecting happens on the event loop, libssh on a worker's thread. All times are kept on the loop: when
/// one is over, the socket is shut down under the worker, which ends at once, wherever it is. For one use;
/// destroying it calls it off in the same way, and finished() does not come any more. Not to be destroyed
/// within finished().
class Login final : public QObject
{
    Q_OBJECT

public:
    /// Most that stdout and stderr together may bring. `api-auth` with a hundred keys has some 30 KiB.
    static constexpr qsizetype kMostOutput = 256 * 1024;

    struct Request
    {
        QString name; ///< Of the server, for messages.
        QString host; ///< A name or an address.
        quint16 port = 0;
        Secret key; ///< The text of a private key file without a passphrase: OpenSSH's format, or PEM.
        /// Without one nobody logs in, and no key is needed: it ends with the server's host key.
        QByteArray command;
        /// The server's public key, 32 bytes: with another one nobody logs in. Without it, any is taken.
        std::optional<QByteArray> hostKey;
        qsizetype mostOutput = kMostOutput; ///< Bytes.
    };

    /// What came back. An exit status of 0 says little: Charm's is 0 when its database failed, too.
    struct Answer
    {
        QByteArray out;
        QByteArray errors;
        int exitStatus = 0;
        QByteArray hostKey; ///< The server's public key, 32 bytes.
    };

    /// How long each step may take, and all of them.
    struct Times
    {
        std::chrono::milliseconds connect{1'500};
        std::chrono::milliseconds banner{1'000}; ///< A hung server's kernel accepts connections.
        std::chrono::milliseconds keys{5'000};   ///< The key exchange.
        std::chrono::milliseconds access{5'000}; ///< The server's verdict on the key.
        /// The command. A Charm server waits up to 5 s for its database.
        std::chrono::milliseconds answer{8'000};
        std::chrono::milliseconds all{15'000}; ///< With the wait for a worker.

        static Times of(const config::Timing &timing);
    };

    enum class Step {
        Connecting, ///< Resolving the name, and TCP.
        Waiting,    ///< Connected; both threads are busy.
        Greeting,   ///< For the server's identification line.
        Agreeing,   ///< Key exchange.
        Proving,    ///< That we have the private key.
        Running,    ///< The command.
        Over,
    };

    /// The workers outlive it.
    Login(Workers &workers, Request request, const Times &times, QObject *parent = nullptr);
    ~Login() override;

    /// Ends in finished(), never before it returns, and within Times::all.
    void start();
    Step step() const { return m_step; }

Q_SIGNALS:
    /// Once. Errors say which server and what to do: BackendUnreachable (refused, closed, no such host),
    /// BackendTimeout, BackendProtocol (no SSH, no answer), BackendKeyDiffers (the host key), LoginRefused,
    /// KeyUnusable (the private key).
    void finished(const cring::Result<cring::ssh::Login::Answer> &result);

private:
    void enter(Step step);
    void handleConnected();
    void handleTimeOut();
    void end(const Result<Answer> &result);
    Error failure(Code code, const QString &what) const;

    Workers &m_workers;
    Request m_request;
    const Times m_times;
    Step m_step = Step::Connecting;
    Dialler m_dialler;
    QTimer m_stepTimer;
    QTimer m_timer; ///< For all of it.
    std::stop_source m_stop;
};

} // namespace cring::ssh
