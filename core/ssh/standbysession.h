// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/ssh/accountdirectory.h"
#include "core/ssh/standbyhost.h"

#include <QPointer>
#include <QSocketNotifier>
#include <QTimer>

#include <libssh/libssh.h>

#include <atomic>
#include <vector>

struct ssh_message_struct;

namespace cring::ssh {

/// How long a session of the standby server may take.
struct StandbyTimes
{
    std::chrono::milliseconds login{15'000}; ///< From the hand-over until a key is proven.
    std::chrono::milliseconds work{60'000};  ///< From then on.
    std::chrono::milliseconds rest{5'000};   ///< After the last command has been answered.
    std::chrono::milliseconds linger{2'000}; ///< For the client to read why it is sent away.
};

/// Counted on the standby's thread, read on any.
struct StandbyCounters
{
    std::atomic<quint64> loggedIn = 0;
    std::atomic<quint64> turnedAway = 0; ///< Proved a key that no account has.
    std::atomic<quint64> commands = 0;
    std::atomic<quint64> tokens = 0; ///< Signed.
};

/// One client that the standby server speaks SSH with: key exchange, proof of a key that an account has, and
/// the few commands of a Charm server. Never waits: it does a step when its socket or its timer says so. Has
/// bounds on everything that a client makes it do or keep.
///
/// Lives on the standby's thread. Ends in finished(), after which it must be destroyed in a later turn of the
/// loop.
class StandbySession final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Agreeing,  ///< Identification lines and key exchange.
        Proving,   ///< Which key the client has.
        Serving,   ///< Logged in: commands.
        Lingering, ///< The client has been told that this is the end, and may still read.
        Over,
    };

    using Reply = std::function<void(const Status &)>;
    /// All of it outlives the session.
    struct Context
    {
        const IAccountDirectory &directory;
        const IClock &clock;
        StandbyTimes times;
        StandbyCounters &counters;
        /// IAccountDirectory::unlink() on the event loop; `reply` comes back on the standby's thread.
        std::function<void(const QByteArray &charmId, const QByteArray &keyText,
                           const QPointer<QObject> &session, const Reply &reply)>
            unlink;
    };

    /// `stranger`: what is told to a key that no account has.
    StandbySession(UniqueFd socket, std::shared_ptr<StandbyHost> host, QString stranger,
                   const Context &context, QObject *parent = nullptr);
    ~StandbySession() override;

    void start();
    State state() const { return m_state; }

Q_SIGNALS:
    void finished();

private:
    struct Command;

    static int handleMessage(ssh_session_struct *session, ssh_message_struct *message, void *self);
    bool handle(ssh_message_struct *message);
    bool handleService(ssh_message_struct *message);
    bool handleAuthentication(ssh_message_struct *message);
    void prove(ssh_message_struct *message, const QByteArray &keyText);
    bool openChannel(ssh_message_struct *message);
    bool handleRequest(ssh_message_struct *message);

    void begin(Command &command, const QByteArray &line);
    void answer(Command &command, const DirectoryAccount &account, const QList<QByteArray> &words);
    void readUnlink(Command &command);
    void unlink(Command &command, const QByteArray &key);
    void move(Command &command);
    static bool send(Command &command);
    void moveAll();

    void enter(State next);
    void handleActivity();
    void lookAgain();
    void step();
    bool takeStep();
    void watch();
    void handleTimeOut();
    void sendAway(const QString &why);
    void leave();
    void discard();
    void finish();

    const Context m_context;
    const std::shared_ptr<StandbyHost> m_host;
    const QString m_stranger;
    State m_state = State::Agreeing;

    ssh_counter_struct m_onSocket{}; ///< Bytes.
    ssh_counter_struct m_inside{};   ///< Packets.
    UniqueFd m_socket;               ///< libssh has a descriptor of its own for it.
    ServerSession m_session;         ///< Null once there is nothing more to say.
    QSocketNotifier m_readNotifier;
    QSocketNotifier m_writeNotifier;
    QTimer m_timer; ///< Of StandbyTimes, in turn.
    QTimer m_lookAgain;

    int m_attempts = 0;   ///< Keys shown, and other tries to log in.
    QByteArray m_keyText; ///< Proven.
    std::vector<std::unique_ptr<Command>> m_commands;
    QString m_farewell; ///< To be sent away with.
    bool m_leaving = false;
};

} // namespace cring::ssh
