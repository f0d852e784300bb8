// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/exchange.h"
#include "core/repair/jobtools.h"

namespace cring::repair {

/// A cheap look at a server that is up again: whether it lacks what the catalogue says that it holds, as one
/// does whose disk was replaced. Lists, one after another, the root and a few folders of each account that is
/// known well, kMostListings in all, however many files there are. It changes nothing.
///
/// One run; then finished().
class ReturnLook final : public QObject
{
    Q_OBJECT

public:
    static constexpr int kMostListings = 32;

    enum class Result {
        Complete, ///< Nothing was missing where this has looked.
        Lacks,    ///< All of it has to be gone through.
        Unknown,  ///< For want of a token, or of an answer.
    };

    /// The server belongs to the environment, which is kept in use.
    ReturnLook(const JobTools &tools, health::Backend &server, QObject *parent);
    ~ReturnLook() override;

    void start();

Q_SIGNALS:
    /// Once, from the event loop.
    void finished(cring::repair::ReturnLook::Result result);

private:
    void nextAccount();
    void chooseFolders(const QByteArray &account);
    void nextFolder();
    void expectMore();
    bool expectNames();
    void list();
    void handleListing(const cring::Result<http::Response> &answer);
    bool shouldHave(const ObjectKey &key) const;
    void end(Result result);

    JobTools m_tools;
    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_server;
    QByteArrayList m_accounts; ///< Still to be looked at.
    int m_foldersEach = 0;
    int m_refusals = 0;
    QList<ObjectKey> m_folders; ///< Of the account that is looked at.
    ObjectKey m_folder;         ///< The one that is looked at.
    ObjectKey m_after;          ///< Its records have been gone through up to here.
    QByteArrayList m_expected;  ///< Names in it that the server should have.
    Credentials m_credentials;
    bool m_unknown = false;
    bool m_ended = false;
};

} // namespace cring::repair
