// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/returnlook.h"

#include "core/charm/listing.h"
#include "core/replica/answers.h"
#include "core/replica/requests.h"

#include <QSet>
#include <QTimer>

#include <algorithm>

namespace cring::repair {

namespace {

/// Of one account, its root among them.
constexpr int kFoldersEach = 8;
/// Records that are passed over for a file that the server should have.
constexpr qsizetype kMostSteps = 64;
/// Records that are gone through in one turn of the event loop.
constexpr qsizetype kNamesAtOnce = 500;
/// Sorts after every path below a folder: paths are escaped, and have no such byte.
constexpr char kLastBelow[] = "/\xff";

/// Between two tries to get a request through to the server, and how many there are.
constexpr std::chrono::milliseconds kAdmitAgain{500};
constexpr int kMostRefusals = 20;

/// As names of files begin: two digits of hex.
QByteArray someName(IRandom &random)
{
    return QByteArray::number(256 + random.next() % 256, 16).last(2);
}

} // namespace

ReturnLook::ReturnLook(const JobTools &tools, health::Backend &server, QObject *parent)
    : QObject(parent)
    , m_tools(tools)
    , m_environment(*tools.environment)
    , m_use(m_environment.use)
    , m_server(server)
{
}

ReturnLook::~ReturnLook() = default;

void ReturnLook::start()
{
    const QByteArrayList all = m_tools.accounts.all();
    for (const QByteArray &account : all) {
        if (m_tools.accounts.isImported(account) && !m_environment.isDisabled(account) &&
            m_accounts.size() < kMostListings)
            m_accounts << account;
    }
    const int number = static_cast<int>(m_accounts.size());
    m_foldersEach = number > 0 ? std::min(kFoldersEach, kMostListings / number) : 0;
    nextAccount();
}

void ReturnLook::nextAccount()
{
    if (m_ended)
        return;
    if (m_accounts.isEmpty()) {
        end(m_unknown ? Result::Unknown : Result::Complete);
        return;
    }
    const QByteArray account = m_accounts.takeFirst();
    m_tools.tokens.obtain(account, this, [this, account](const cring::Result<Credentials> &credentials) {
        if (!credentials) {
            m_unknown = true;
            QMetaObject::invokeMethod(this, &ReturnLook::nextAccount, Qt::QueuedConnection);
            return;
        }
        m_credentials = *credentials;
        chooseFolders(account);
        nextFolder();
    });
}

/// The root, and the folders of some files by chance.
void ReturnLook::chooseFolders(const QByteArray &account)
{
    m_folders = {account};
    for (int i = 1; i < m_foldersEach; ++i) {
        const ObjectKey from = account + '/' + (i == 1 ? QByteArray() : someName(m_environment.random));
        // Who has a folder is not always known; who has a file is.
        bool found = false;
        (void)m_environment.catalogue.walk(from, kMostSteps, [&](const ObjectKey &key, const auto &holding) {
            if (found || holding.record.folder || !replica::isAtOrBelow(key, account) || !shouldHave(key))
                return;
            found = true;
            const ObjectKey folder = key.left(key.lastIndexOf('/'));
            if (!m_folders.contains(folder))
                m_folders << folder;
        });
    }
}

bool ReturnLook::shouldHave(const ObjectKey &key) const
{
    const auto record = m_environment.catalogue.find(key);
    const QString &id = m_server.id();
    return record && !record->deleted && m_environment.catalogue.holds(key, id) &&
           !m_environment.catalogue.debt(key, id) && !m_environment.lanes.isBusy(id, key) &&
           m_tools.findings.at(key).isEmpty();
}

void ReturnLook::nextFolder()
{
    if (m_folders.isEmpty()) {
        nextAccount();
        return;
    }
    m_folder = m_folders.takeFirst();
    m_after = m_folder + '/';
    m_expected.clear();
    expectMore();
}

/// A folder may have very many names: some of them in each turn of the event loop.
void ReturnLook::expectMore()
{
    if (m_ended)
        return;
    if (expectNames()) {
        QTimer::singleShot(0, this, &ReturnLook::expectMore);
        return;
    }
    const bool isRoot = m_folder == m_credentials.account;
    if (m_expected.isEmpty() && !(isRoot && !m_folders.isEmpty()))
        nextFolder();
    else
        list();
}

/// False when these were the last ones.
bool ReturnLook::expectNames()
{
    const ObjectKey prefix = m_folder + '/';
    bool isOver = false;
    m_after = m_environment.catalogue.walk(m_after, kNamesAtOnce, [&](const ObjectKey &key, const auto &) {
        isOver = isOver || !key.startsWith(prefix);
        if (!isOver && key.indexOf('/', prefix.size()) < 0 && shouldHave(key))
            m_expected << key.sliced(prefix.size());
    });
    // What lies deeper is passed over folder by folder.
    if (const qsizetype slash = m_after.indexOf('/', prefix.size()); !isOver && slash >= 0)
        m_after = m_after.first(slash) + kLastBelow;
    return !isOver && !m_after.isEmpty();
}

void ReturnLook::list()
{
    QStringList reasons;
    // It may be up before its breaker lets more than one request through.
    if (!replica::admits(m_server, reasons)) {
        if (++m_refusals < kMostRefusals)
            QTimer::singleShot(kAdmitAgain, this, &ReturnLook::list);
        else
            end(Result::Unknown);
        return;
    }
    const QByteArray path = m_folder.sliced(qMin(m_folder.size(), m_credentials.account.size() + 1));
    replica::ask(m_server, replica::fileRequest("GET", m_credentials, path),
                 m_environment.config.timing.answerTimeout, charm::kMaxListing, this,
                 [this](const cring::Result<http::Response> &answer) { handleListing(answer); });
}

void ReturnLook::handleListing(const cring::Result<http::Response> &answer)
{
    QSet<QByteArray> names;
    bool says = answer && answer->status == 404 && !replica::isMissingUser(404, answer->body);
    if (answer && answer->status == 200) {
        if (const auto listing = charm::parseListing(answer->body)) {
            says = true;
            for (const charm::Entry &entry : listing->files)
                names.insert(entry.name);
        }
    }
    m_unknown = m_unknown || !says;
    // A client may have deleted some of it meanwhile.
    const bool lacks = says && std::any_of(m_expected.begin(), m_expected.end(), [&](const QByteArray &name) {
                           return !names.contains(name) && shouldHave(m_folder + '/' + name);
                       });
    const bool isEmptied = says && m_folder == m_credentials.account && answer->status == 404;
    if (isEmptied)
        m_tools.emptied.note(m_server.id(), m_credentials.account);
    if (lacks || isEmptied)
        end(Result::Lacks);
    else
        nextFolder();
}

void ReturnLook::end(Result result)
{
    if (std::exchange(m_ended, true))
        return;
    QMetaObject::invokeMethod(
        this, [this, result] { Q_EMIT finished(result); }, Qt::QueuedConnection);
}

} // namespace cring::repair
