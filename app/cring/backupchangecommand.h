// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/configchangecommand.h"
#include "core/base/secret.h"
#include "core/config/edit.h"
#include "core/config/secretstore.h"

namespace cring::app {

/// The two keys of an S3 account, as --secret-stdin brings them: a line each.
struct BucketKeys
{
    Secret access;
    Secret secret;
};

/// From standard input. SecretUnreadable.
Result<BucketKeys> readBucketKeys();

/// `cring backup add|edit|remove NAME`: a bucket in the configuration, and its keys where they are kept.
class BackupChangeCommand final : public ConfigChangeCommand
{
    Q_OBJECT

public:
    enum class What { Add, Edit, Remove };

    struct Options
    {
        What what = What::Add;
        QString name;
        config::Fields values; ///< Of the configuration.
        bool secretStdin = false;
        bool yes = false;
        bool forgetKeys = false; ///< Of a removed one: not only from the configuration.
        bool dryRun = false;
        QString file; ///< The configuration, when no service runs that names another.
    };

    BackupChangeCommand(ServiceCommandContext context, Options options);

protected:
    void handleSource() override;
    Result<QByteArray> edited(const QByteArray &text) const override;
    void prepare(std::function<void()> then) override;
    void takeBack() override;
    void report(const QJsonObject &answer) override;

private:
    bool isSure();
    void store(const char *field, const QString &place, Secret secret, std::function<void()> then);
    void forgetKeys(const QJsonObject &answer);
    void tell(const QJsonObject &answer);

    const Options m_options;
    config::SecretPlaces m_secrets;
    config::Backup m_entry;                   ///< As it is to be; of a removed one, as it was.
    QList<config::SecretPlace> m_stored;      ///< By this command.
    QList<config::SecretPlace> m_forgettable; ///< Keys that nothing else has any use for.
};

} // namespace cring::app
