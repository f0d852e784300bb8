// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"
#include "core/control/server.h"
#include "core/service/accountfiles.h"
#include "core/service/accountjson.h"
#include "core/service/accountmethods.h"
#include "core/service/parameters.h"
#include "core/ssh/publickey.h"

#include <QCryptographicHash>
#include <QJsonDocument>

namespace cring::service {

using accounts::Account;
using accounts::AccountKeeper;
using accounts::Synchronised;
using control::CallPtr;
namespace edit = accounts::edit;

namespace {

using Report = Result<AccountKeeper::Report>;

/// What the worker has found, for the event loop once it is done.
struct Found
{
    Result<Account> account = Error{Code::NotFound, {}};
    QHash<QString, edit::ServerView> views; ///< By the backend's id.
};

QString stateName(edit::ServerView::State state)
{
    using State = edit::ServerView::State;
    switch (state) {
    case State::Same:
        return QStringLiteral("same");
    case State::Differs:
        return QStringLiteral("differs");
    case State::Lacks:
        return QStringLiteral("lacks");
    case State::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString problemOf(const AccountKeeper &keeper, const AccountKeeper::Server &server)
{
    if (!server.data)
        return QStringLiteral("its data directory is not known: its accounts are not kept equal");
    if (!keeper.report())
        return {};
    for (const accounts::ServerOutcome &outcome : keeper.report()->outcome.servers) {
        if (outcome.id == server.id.toUtf8() && outcome.error)
            return outcome.problem();
    }
    return {};
}

QJsonArray serversJson(const AccountKeeper &keeper, const Found &found)
{
    QJsonArray list;
    for (const AccountKeeper::Server &server : keeper.servers()) {
        const edit::ServerView view = found.views.value(server.id);
        QJsonObject one{{QStringLiteral("name"), server.name},
                        {QStringLiteral("state"), stateName(view.state)}};
        if (!view.differences.isEmpty())
            one.insert(QStringLiteral("differences"), QJsonArray::fromStringList(view.differences));
        if (const QString problem = problemOf(keeper, server); !problem.isEmpty())
            one.insert(QStringLiteral("problem"), problem);
        list.append(one);
    }
    return list;
}

/// On the worker.
void look(const Synchronised &state, const QString &wanted, const QStringList &servers, Found &found)
{
    const Result<QByteArray> charmId = edit::find(state, wanted);
    if (!charmId) {
        found.account = charmId.error();
        return;
    }
    found.account = state.accounts.at(*charmId);
    for (const QString &server : servers)
        found.views.insert(server, edit::viewOf(state, server.toUtf8(), *charmId));
}

/// Of what an exported file holds.
QString digestOf(const QJsonObject &file)
{
    const QByteArray bytes = QJsonDocument(file).toJson(QJsonDocument::Compact);
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

/// What goes is to be what the file holds: clients write while a person is being asked.
Status checkExported(const Account &account, const QString &digest)
{
    const Result<QJsonObject> file = edit::fileOf(account);
    if (!file)
        return file.error();
    if (digestOf(*file) != digest)
        return Error{Code::AccountFile,
                     QStringLiteral("account %1 was changed after it was exported, so the file does not hold "
                                    "all of it, and nothing was done: remove the file, and try again")
                         .arg(QString::fromLatin1(account.charmId))};
    return {};
}

/// Fingerprints of the keys of a file that did not come back with the account.
QJsonArray leftOut(const QJsonObject &params, const Account &account)
{
    QJsonArray prints;
    if (const Result<Account> file = edit::fromFile(params.value(QLatin1String("from")).toObject())) {
        for (const accounts::PublicKey &key : file->keys) {
            if (!accounts::findKey(account.keys, key.text))
                prints.append(QString::fromLatin1(accounts::fingerprint(key.text)));
        }
    }
    return prints;
}

class AccountChanges final : public QObject
{
public:
    AccountChanges(const AccountHooks &hooks, QObject *parent)
        : QObject(parent)
        , m_hooks(hooks)
        , m_keeper(*hooks.keeper)
    {
    }

    void show(const CallPtr &call)
    {
        const QString wanted = wantedIn(call);
        if (wanted.isEmpty())
            return;
        withAccount(call, wanted, [this, call](const std::shared_ptr<Found> &found) {
            if (!m_hooks.catalogue) {
                call->reply(showJson(*found));
                return;
            }
            auto *files = new AccountFiles(*m_hooks.catalogue, found->account->charmId, this);
            connect(files, &AccountFiles::finished, this, [this, call, found, files] {
                QJsonObject answer = showJson(*found);
                answer.insert(QStringLiteral("files"), files->files());
                answer.insert(QStringLiteral("bytes"), files->bytes());
                call->reply(answer);
                files->deleteLater();
            });
            files->start();
        });
    }

    /// With what somebody has written a moment ago.
    void exportFile(const CallPtr &call)
    {
        const QString wanted = wantedIn(call);
        if (wanted.isEmpty())
            return;
        m_keeper.sync(this, [this, call, wanted](const Report &report) {
            if (report || answersAlone())
                withAccount(call, wanted,
                            [this, call](const std::shared_ptr<Found> &found) { replyFile(call, *found); });
            else
                call->fail(report.error());
        });
    }

    void create(const CallPtr &call)
    {
        Parameters params(call->params());
        const QString key = params.text(QStringLiteral("key"));
        const QString name = params.text(QStringLiteral("name"));
        const QJsonObject from = params.object(QStringLiteral("from"));
        if (!params.problem() && key.isEmpty() == from.isEmpty()) {
            call->fail({Code::ControlBadParams,
                        QStringLiteral("an account is made of a key, or from an exported one")});
            return;
        }
        if (params.problem())
            call->fail(*params.problem());
        else if (from.isEmpty())
            createNew(call, key.toUtf8(), name.toUtf8());
        else
            createAgain(call, from, name.toUtf8());
    }

    void disable(const CallPtr &call)
    {
        Parameters params(call->params());
        const QString wanted =
            params.needed(QStringLiteral("account"), QStringLiteral("an account's id or name"));
        const QString digest = params.text(QStringLiteral("digest"));
        if (params.problem()) {
            call->fail(*params.problem());
            return;
        }
        change(call, [wanted, digest](Synchronised &state) -> Result<Account> {
            const Result<QByteArray> charmId = edit::find(state, wanted);
            if (!charmId)
                return charmId.error();
            Account account = state.accounts.at(*charmId);
            if (const Status same = digest.isEmpty() ? Status() : checkExported(account, digest); !same)
                return same.error();
            const Status done = edit::disable(state, *charmId);
            return done ? Result<Account>(std::move(account)) : done.error();
        });
    }

private:
    using Edit = std::function<Result<Account>(Synchronised &)>;

    QJsonObject showJson(const Found &found) const
    {
        return {{QStringLiteral("account"), accountCard(*found.account)},
                {QStringLiteral("servers"), serversJson(m_keeper, found)},
                {QStringLiteral("round"), roundJson(m_keeper)}};
    }

    void replyFile(const CallPtr &call, const Found &found)
    {
        const Result<QJsonObject> file = edit::fileOf(*found.account);
        if (file)
            call->reply({{QStringLiteral("file"), *file},
                         {QStringLiteral("digest"), digestOf(*file)},
                         {QStringLiteral("round"), roundJson(m_keeper)}});
        else
            call->fail(file.error());
    }

    /// "" when the call was refused.
    static QString wantedIn(const CallPtr &call)
    {
        Parameters params(call->params());
        QString wanted = params.needed(QStringLiteral("account"), QStringLiteral("an account's id or name"));
        if (!params.problem())
            return wanted;
        call->fail(*params.problem());
        return {};
    }

    void withAccount(const CallPtr &call, const QString &wanted,
                     const std::function<void(const std::shared_ptr<Found> &)> &then)
    {
        QStringList servers;
        for (const AccountKeeper::Server &server : m_keeper.servers())
            servers << server.id;
        auto found = std::make_shared<Found>();
        m_keeper.inspect(
            [found, wanted, servers](const Synchronised &state) { look(state, wanted, servers, *found); },
            this,
            [call, found, then] {
                if (found->account)
                    then(found);
                else
                    call->fail(found->account.error());
            });
    }

    void createNew(const CallPtr &call, const QByteArray &key, const QByteArray &name)
    {
        const Result<QByteArray> text = ssh::publicKeyText(key);
        if (!text) {
            call->fail(
                {text.error().code, QStringLiteral("what was given as the key %1").arg(text.error().detail)});
            return;
        }
        const QByteArray charmId = edit::newCharmId(*m_hooks.random);
        const QByteArray now = edit::timestamp(m_hooks.clock->wall());
        change(call, [charmId, text = *text, name, now](Synchronised &state) -> Result<Account> {
            const Status done = edit::create(state, charmId, text, name, now);
            return done ? Result<Account>(state.accounts.at(charmId)) : done.error();
        });
    }

    void createAgain(const CallPtr &call, const QJsonObject &from, const QByteArray &name)
    {
        Result<Account> account = edit::fromFile(from);
        if (account && !name.isEmpty())
            account->name = name;
        if (!account) {
            call->fail(account.error());
            return;
        }
        if (!name.isEmpty() && !edit::isValidName(name)) {
            call->fail({Code::ControlBadParams, QStringLiteral("a name has 1 to 50 letters and digits")});
            return;
        }
        const QByteArray now = edit::timestamp(m_hooks.clock->wall());
        change(call, [account = *account, now](Synchronised &state) -> Result<Account> {
            const Result<QByteArrayList> unlinked = edit::restore(state, account, now);
            return unlinked ? Result<Account>(state.accounts.at(account.charmId)) : unlinked.error();
        });
    }

    /// After a fire: there are accounts, and no server that could be asked.
    bool answersAlone() const { return m_keeper.servers().isEmpty() && !m_keeper.accounts()->empty(); }

    /// A round before, for what somebody has done a moment ago, and one after, which carries it out.
    void change(const CallPtr &call, const Edit &edit)
    {
        const bool dryRun = call->params().value(QLatin1String("dryRun")).toBool();
        m_keeper.sync(this, [this, call, edit, dryRun](const Report &report) {
            // Without any server it is in force at the service itself, which answers in their place.
            if (!report && !answersAlone()) {
                call->fail(report.error());
                return;
            }
            auto outcome = std::make_shared<Result<Account>>(Error{Code::NotFound, {}});
            if (dryRun) {
                m_keeper.inspect(
                    [edit, outcome](const Synchronised &state) {
                        Synchronised copy = state;
                        *outcome = edit(copy);
                    },
                    this, [this, call, outcome] { answer(call, *outcome); });
                return;
            }
            m_keeper.edit(
                [edit, outcome](Synchronised &state) -> Status {
                    *outcome = edit(state);
                    return *outcome ? Status() : Status(outcome->error());
                },
                this, [this, call, outcome](const Status &done) { carryOut(call, *outcome, done); });
        });
    }

    void carryOut(const CallPtr &call, const Result<Account> &outcome, const Status &done)
    {
        if (!done) {
            call->fail(done.error());
            return;
        }
        m_keeper.sync(this, [this, call, outcome](const Report &) {
            if (m_hooks.changed)
                m_hooks.changed(outcome->charmId);
            answer(call, outcome);
        });
    }

    void answer(const CallPtr &call, const Result<Account> &outcome)
    {
        if (!outcome) {
            call->fail(outcome.error());
            return;
        }
        QJsonObject answer{{QStringLiteral("account"), accountCard(*outcome)},
                           {QStringLiteral("round"), roundJson(m_keeper)}};
        if (const QJsonArray unlinked = leftOut(call->params(), *outcome); !unlinked.isEmpty())
            answer.insert(QStringLiteral("unlinked"), unlinked);
        call->reply(answer);
    }

    const AccountHooks m_hooks;
    AccountKeeper &m_keeper;
};

} // namespace

void addAccountChanges(control::Server &server, const AccountHooks &hooks, QObject *owner)
{
    auto *changes = new AccountChanges(hooks, owner);
    const auto add = [&](const char *name, void (AccountChanges::*method)(const CallPtr &)) {
        server.addMethod(QString::fromLatin1(name),
                         [changes, method](const CallPtr &call) { (changes->*method)(call); });
    };
    add("accounts.show", &AccountChanges::show);
    add("accounts.export", &AccountChanges::exportFile);
    add("accounts.create", &AccountChanges::create);
    add("accounts.disable", &AccountChanges::disable);
}

} // namespace cring::service
