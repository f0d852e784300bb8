// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/forgetting.h"

#include "core/base/words.h"

namespace cring::repair {

using replica::CopyLook;
using What = CopyLook::What;

Forgetting::Forgetting(const JobTools &tools, const ObjectKey &key, Which which,
                       const Credentials &credentials, QObject *parent)
    : QObject(parent)
    , m_tools(tools)
    , m_environment(*tools.environment)
    , m_use(m_environment.use)
    , m_key(key)
    , m_which(which)
    , m_credentials(credentials)
{
}

Forgetting::~Forgetting() = default;

void Forgetting::start()
{
    m_record = m_environment.catalogue.find(m_key);
    QStringList away;
    const QList<health::Backend *> all = m_environment.backends.all();
    for (health::Backend *backend : all) {
        if (!backend->usable())
            away << backend->name() + u' ' + backend->unusableReason();
        auto look = std::make_unique<CopyLook>(m_environment, *backend, m_key, m_credentials, nullptr);
        connect(look.get(), &CopyLook::finished, this, &Forgetting::handleLooked);
        m_looks.push_back(std::move(look));
    }
    if (!away.isEmpty()) {
        end(Error{Code::BackendAnswer,
                  QStringLiteral("is not forgotten before every server has said that it lacks it: ") +
                      away.join(QStringLiteral("; "))});
        return;
    }
    m_waiting = static_cast<int>(m_looks.size());
    for (const auto &look : m_looks)
        look->start();
}

void Forgetting::handleLooked()
{
    if (--m_waiting == 0)
        decide();
}

void Forgetting::decide()
{
    QStringList silent;
    QStringList folders;
    QStringList holders;
    int votes = 0;
    const QList<health::Backend *> owners = m_environment.owners(m_key);
    for (const auto &look : m_looks) {
        const CopyLook::Finding &found = look->finding();
        const QString name = look->backend().name();
        if (found.what == What::NoAnswer)
            silent << name + u' ' + found.reason;
        else if (found.what == What::Folder)
            folders << name;
        if (found.what != What::File)
            continue;
        holders << name;
        m_keeping << &look->backend();
        votes += owners.contains(&look->backend()) ? 1 : 0;
    }
    if (!silent.isEmpty())
        end(Error{Code::BackendAnswer,
                  QStringLiteral("is not forgotten before every server has said that it lacks it: ") +
                      silent.join(QStringLiteral("; "))});
    else if (!folders.isEmpty())
        end(Error{Code::FileChanged, QStringLiteral("is a folder on %1, and may have something in it: delete "
                                                    "it with a charm client")
                                         .arg(words::enumeration(folders))});
    else if (m_which == Which::Gone && votes >= m_environment.config.quorum())
        end(Error{
            Code::FileChanged,
            QStringLiteral("is not gone, %1 have it: delete it with a charm client, or bring it back to "
                           "the others with `cring repair`")
                .arg(words::enumeration(holders))});
    else
        keepNext();
}

void Forgetting::keepNext()
{
    if (m_saving)
        m_saving.release()->deleteLater(); // this may be inside its signal
    if (m_keeping.isEmpty()) {
        remove();
        return;
    }
    health::Backend &server = *m_keeping.takeFirst();
    const auto look = std::find_if(m_looks.begin(), m_looks.end(),
                                   [&](const auto &one) { return &one->backend() == &server; });
    const bool isRecords = m_record && !m_record->deleted && (*look)->finding().is(m_record->digest);
    const auto wanted = isRecords ? ConflictSaving::Wanted::TheRecords : ConflictSaving::Wanted::OtherVersion;
    m_saving = std::make_unique<ConflictSaving>(m_environment, m_tools.conflicts, server, m_key,
                                                m_credentials, wanted, nullptr);
    connect(m_saving.get(), &ConflictSaving::finished, this, [this, &server](const Status &status) {
        if (status)
            keepNext();
        else
            end(Error{status.error().code, QStringLiteral("is not forgotten, for what %1 has of it cannot be "
                                                          "kept aside: %2")
                                               .arg(server.name(), status.error().detail)});
    });
    m_saving->start();
}

void Forgetting::remove()
{
    const auto now = m_environment.catalogue.find(m_key);
    if ((now ? now->version : 0) != (m_record ? m_record->version : 0)) {
        end(Error{Code::FileChanged, QStringLiteral("was written or deleted meanwhile")});
        return;
    }
    const QByteArray path = m_key.sliced(m_credentials.account.size() + 1);
    auto *removal = new replica::Removal(m_environment, m_credentials, path, "/v1/fs/" + path, this);
    const auto outcome = std::make_shared<replica::Outcome>();
    connect(removal, &replica::Removal::finished, this,
            [outcome](const replica::Outcome &result) { *outcome = result; });
    connect(removal, &QObject::destroyed, this, [this, outcome] {
        if (outcome->status / 100 == 2) {
            m_tools.findings.withdraw(m_key);
            m_tools.findings.withdrawBetween(m_key + '/', m_key + char('/' + 1));
            end({});
        } else {
            end(Error{Code::NoQuorum, outcome->summary});
        }
    });
    removal->start();
}

void Forgetting::end(const Status &status)
{
    if (std::exchange(m_ended, true))
        return;
    QMetaObject::invokeMethod(
        this, [this, status] { Q_EMIT finished(status); }, Qt::QueuedConnection);
}

} // namespace cring::repair
