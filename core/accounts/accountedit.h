// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/synchronised.h"
#include "core/base/random.h"

#include <QJsonObject>
#include <QStringList>

/// What an operator does to accounts: changes of what all servers are to hold, which the next rounds carry
/// out. Pure; any thread. Errors are sentences for a person, and then nothing has been changed.
namespace cring::accounts::edit {

/// By charm id; by name, of which case does not count (Charm looks names up with LIKE); or by the fingerprint
/// of a key, "SHA256:…". NotFound.
Result<QByteArray> find(const Synchronised &state, const QString &word);

/// As Charm's client has it (client/client.go, ValidateName): 1 to 50 letters and digits of ASCII.
bool isValidName(const QByteArray &name);

/// A random one (version 4), as Charm makes them.
QByteArray newCharmId(IRandom &random);
/// As SQLite's current_timestamp: "2026-01-31 12:00:00", UTC.
QByteArray timestamp(std::chrono::milliseconds wall);

/// An account that nobody has used yet. `keyText` as ssh::publicKeyText(); name "": none. AccountTaken when
/// the key opens an account, or the name is another one's; ControlBadParams for a name that is none.
Status create(Synchronised &state, const QByteArray &charmId, const QByteArray &keyText,
              const QByteArray &name, const QByteArray &createdAt);
/// One that was disabled, as fileOf() has it. Its sequences go on where they were. Keys that were unlinked
/// before it was disabled stay out, and are in the answer, by text. (An account that went with its last key
/// is not one that was disabled: all come back.) AccountTaken as above, and when the account is there;
/// KeyUnusable when no key is left.
/// now: as timestamp(). A key that was taken away is linked again at that time, as it would be by its owner:
/// whoever else remembers that it is gone (another ring, a server) takes it for a new one.
Result<QByteArrayList> restore(Synchronised &state, const Account &account, const QByteArray &now);
/// Synchronised::takeAway(), or NotFound.
Status disable(Synchronised &state, const QByteArray &charmId);

/// LoginRefused for the last key of an account. One that is not the account's changes nothing.
Status unlink(Synchronised &state, const QByteArray &charmId, const QByteArray &keyText);

/// As it is written, in bytes: less than a message of the control API may hold, with what stands around it.
/// Enough for more than a thousand encrypt keys.
inline constexpr qsizetype kLongestFile = 768LL * 1024;

/// All of an account, for a file that only its owner may read, and back. An account that the file cannot hold
/// (text that is no UTF-8, or more than kLongestFile) is an error: AccountFile, as for a file that is none.
Result<QJsonObject> fileOf(const Account &account);
Result<Account> fromFile(const QJsonObject &file);

/// What a server was last known to have of an account, against what all are to hold.
struct ServerView
{
    enum class State {
        Same,
        Differs,
        Lacks,
        Unknown, ///< Never seen.
    };

    State state = State::Unknown;
    QStringList differences; ///< In words that follow the server's name.
};
ServerView viewOf(const Synchronised &state, const QByteArray &server, const QByteArray &charmId);

} // namespace cring::accounts::edit
