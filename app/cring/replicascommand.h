// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/progressline.h"
#include "app/cring/terminal.h"
#include "core/accounts/nodefactory.h"
#include "core/accounts/replicacheck.h"
#include "core/accounts/replicainit.h"
#include "core/accounts/serverquestion.h"
#include "core/base/clock.h"
#include "core/base/workers.h"
#include "core/config/config.h"
#include "core/config/edit.h"

#include <QJsonObject>
#include <QObject>
#include <QSet>

#include <memory>
#include <optional>

namespace cring::app {

/// A server of the configuration, or a data directory by itself.
struct ReplicaPlace
{
    QString name; ///< For people.
    config::NodePlace node;
    std::optional<http::Origin> origin; ///< Where its server answers, when the configuration says.
};

/// What `cring replicas` commands are given. They need no running service.
struct ReplicasContext
{
    config::Config config;
    Terminal terminal;
    bool json = false;
    bool quiet = false;
    QString serviceHosts;       ///< A known_hosts file of the service's own; "" = none.
    QByteArray configText = {}; ///< The file that a server would be added to.
};

/// The place that a person means: a server's name or id, or a data directory. ConfigIncomplete when the
/// server has no `data`, NotFound, ConfigBadValue.
Result<ReplicaPlace> findReplica(const config::Config &config, const QString &word);

/// A command that works at nodes, on a thread of its own, and ends with an exit code. run() is the program's
/// main loop; Ctrl-C calls the work off.
class ReplicasCommand : public QObject
{
    Q_OBJECT

public:
    explicit ReplicasCommand(ReplicasContext context);
    ~ReplicasCommand() override;

    int run();

protected:
    virtual void start() = 0;

    void finish(int exitCode);
    void fail(const Error &error);
    void print(const QString &text);
    void printJson(const QJsonObject &object);
    std::unique_ptr<accounts::INode> nodeOf(const config::NodePlace &place) const;
    /// `answered` is called once.
    void askServer(const http::Origin &origin,
                   std::function<void(const Result<accounts::ServerAnswer> &)> answered);

    ReplicasContext m_context;
    SystemClock m_clock;
    std::stop_source m_stop;
    std::unique_ptr<accounts::ServerQuestion> m_question;
    Workers m_workers{1}; ///< Last: waits for what uses the others.
};

/// `cring replicas init --from NAME --to PLACE`
class ReplicasInitCommand final : public ReplicasCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString from;
        QString to;
        accounts::ReplicaPlan plan; ///< Without an issuer: the source's server is asked.
        QString join; ///< Waits until the server, called so in the ring, has been started; "" = does not.
        QUrl url;     ///< Where it then answers; empty = on the machine of `to`, at its HTTP port.
        /// The ports of the plan that a person has named, as the variables are called (HTTP_PORT): an
        /// existing server's own settings have no say in these.
        QSet<QByteArray> given = {};
    };

    ReplicasInitCommand(ReplicasContext context, Options options);

    /// What the new server is in the ring.
    config::ServerChange joining() const;

protected:
    void start() override;

private:
    Status checkJoining() const;
    void handleEnvironment(const QByteArray &text);
    void begin();
    void awaitServer();
    void handleAnswer(const Result<accounts::ServerAnswer> &answer);
    void handleProgress(const accounts::InitProgress &progress);
    void handleEnd(const Result<accounts::InitReport> &result);
    QString startWords(const accounts::InitReport &report) const;
    QString joinWords() const;

    Options m_options;
    ReplicaPlace m_from;
    ReplicaPlace m_to;
    QString m_phase;
    ProgressLine m_line;
    QByteArray m_kid;   ///< That the new server is to answer with.
    QString m_awaiting; ///< Why it is waited for, as last said.
};

/// `cring replicas check [NAME|PLACE]…`: every server that says where its data are, without a name.
class ReplicasCheckCommand final : public ReplicasCommand
{
    Q_OBJECT

public:
    ReplicasCheckCommand(ReplicasContext context, QStringList names);

protected:
    void start() override;

private:
    void next();
    void handleFolder(const accounts::FolderCheck &check);
    void handleServer(accounts::FolderCheck check, const Result<accounts::ServerAnswer> &answer);
    void report(const accounts::FolderCheck &check);

    const QStringList m_names;
    QList<ReplicaPlace> m_places;
    qsizetype m_at = 0;
    QByteArray m_kid;    ///< Of the first: what the others are held against.
    QByteArray m_issuer; ///< The same.
    bool m_passed = true;
};

} // namespace cring::app
