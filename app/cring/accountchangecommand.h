// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/accountscommand.h"

namespace cring::app {

/// "ID (NAME)".
QString accountTitle(const QJsonObject &account);

/// `cring accounts show ACCOUNT`: exit 6 when a server has it otherwise.
class AccountShowCommand final : public ServiceCommand
{
    Q_OBJECT

public:
    /// A charm id or a name.
    AccountShowCommand(ServiceCommandContext context, QString account);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void show(const QJsonObject &answer);

    const QString m_account;
};

/// `cring accounts create (--key FILE | --from FILE) [--name NAME] [--dry-run]`: "-" is standard input.
class AccountCreateCommand final : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString key;  ///< A file with a public key,
        QString from; ///< or one that `disable --export` has written.
        QString name;
        bool dryRun = false;
    };

    AccountCreateCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void report(const QJsonObject &answer);

    const Options m_options;
};

/// `cring accounts disable ACCOUNT [--export FILE] [--yes] [--dry-run]`: says what follows, and asks.
class AccountDisableCommand final : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString account;
        QString exportTo; ///< A file that is not there yet; "": none.
        bool yes = false;
        bool dryRun = false;
    };

    AccountDisableCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void consider(const QJsonObject &shown);
    void handleExported(const QJsonObject &answer);
    bool isAgreed();
    void disable();
    void report(const QJsonObject &answer);

    const Options m_options;
    QString m_charmId; ///< Names may change between the question and the deed.
    QString m_title;
    QString m_digest; ///< Of what was exported; what goes is to be that.
};

} // namespace cring::app
