// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/secretinput.h"

#include "app/cring/errorexit.h"
#include "app/cring/secretaccess.h"
#include "app/cring/standardinput.h"
#include "core/charm/serverkey.h"
#include "core/config/edit.h"
#include "core/config/notifysettings.h"
#include "core/config/secretfile.h"
#include "core/config/settings.h"
#include "core/ssh/privatekey.h"

#include <unistd.h>

namespace cring::app {

namespace {

constexpr QLatin1String kKeychain("keychain");

Result<Secret> secretFromInput(const Output &out)
{
    if (::isatty(STDIN_FILENO) != 0)
        out.note(
            QStringLiteral("Reading the secret from the terminal, where it can be seen; Ctrl-D ends it."));
    Result<Secret> secret = readStandardInput(config::kLongestSecret + 1);
    if (!secret)
        return secret.error();
    const qsizetype size = secret->size();
    if (size == 0 || size > config::kLongestSecret)
        return Error{Code::SecretUnreadable,
                     size == 0 ? QStringLiteral("standard input is empty: there is no secret to store")
                               : QStringLiteral("standard input has more than %1 bytes: that is no key")
                                     .arg(config::kLongestSecret)};
    return secret;
}

/// Passwords and tokens may be anything.
Status judgeAddress(const QString &key, const Secret &secret)
{
    const config::Setting<config::Config> *setting = config::findSetting(key);
    if (setting->type != config::Type::Web)
        return {};
    const auto url = config::parseWebAddress(QString::fromUtf8(secret.view()).trimmed());
    return url ? Status() : Status(url.error());
}

Status judgeKey(const QString &key, const Secret &secret)
{
    if (!key.startsWith(QLatin1String("identity.")))
        return judgeAddress(key, secret);
    const auto refuse = [](const Error &error) {
        return Error{error.code, QStringLiteral("what came ") + error.detail};
    };
    if (key == QLatin1String("identity.server_key")) {
        if (const auto parsed = charm::ServerKey::parse(secret.view()); !parsed)
            return refuse(parsed.error());
    } else if (const auto half = ssh::publicHalf(secret); !half) {
        return refuse(half.error());
    }
    return {};
}

Status judgePlace(const QString &key, const QString &place)
{
    const config::Setting<config::Config> *setting = config::findSetting(key);
    if (!setting || (setting->type != config::Type::KeyFile && setting->type != config::Type::Web))
        return Error{Code::NotFound, QStringLiteral("\"%1\" is no setting that says where a secret is kept; "
                                                    "identity.key and notify.smtp_password are, for instance")
                                         .arg(key)};
    if (place != kKeychain && !place.startsWith(QLatin1String("file:")))
        return Error{Code::SecretPlaceReadOnly,
                     QStringLiteral("a secret can be stored in the keychain, or in a file with file:PATH")};
    config::Config config;
    return setting->writeText(config, place);
}

int fail(const Error &error, const Output &out)
{
    out.error(error.toString());
    return exitCodeFor(error.code);
}

} // namespace

int setSecret(const QString &file, const QString &key, const QString &given, const Output &out)
{
    const QString place = given.isEmpty() ? QString(kKeychain) : given;
    if (const Status status = judgePlace(key, place); !status)
        return fail(status.error(), out);
    Result<Secret> secret = secretFromInput(out);
    if (!secret)
        return fail(secret.error(), out);
    if (const Status status = judgeKey(key, *secret); !status)
        return fail(status.error(), out);
    if (const Status status = storeSecret({place, key}, std::move(*secret)); !status)
        return fail(status.error(), out);
    if (const Status status = config::setInFile(file, key, place); !status)
        return fail(status.error(), out);
    if (out.isJson())
        out.json(
            {{QStringLiteral("file"), file}, {QStringLiteral("key"), key}, {QStringLiteral("value"), place}});
    out.note(QStringLiteral("Stored in %1, and set %2 in %3. `cring reload` has a running service take it.")
                 .arg(place == kKeychain ? QStringLiteral("the keychain") : place.mid(5), key, file));
    return Ok;
}

} // namespace cring::app
