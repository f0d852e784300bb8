// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

#include <QByteArray>

namespace cring::backup {

/// The private half of the key that snapshots of the accounts are sealed to: X25519, as libsodium's
/// crypto_box_seal() has it. A person keeps it on paper; the service knows the public half alone.
///
/// As text it is two lines of Crockford's base32 (https://www.crockford.com/base32.html), each with a check
/// symbol of its own, which tells every wrong letter and every two that changed places:
///
///     1: ABCD EFGH JKMN PQRS TVWX YZ01 2345 6789  K
///     2: ABCD EFGH JKMN PQRS TVWX YZ01  M
///
/// A value; any thread.
class RecoveryKit
{
public:
    static constexpr qsizetype kKeyBytes = 32;
    /// No page is longer.
    static constexpr qsizetype kLongestText = 64 * 1024;

    static RecoveryKit make();
    /// Of a whole page, or of the two lines alone as somebody has typed them: with or without numbers and
    /// blanks, in any case, O for 0 and I or L for 1. RecoveryKitInvalid says which line is wrong.
    static Result<RecoveryKit> parse(QByteArrayView text);

    /// 32 bytes.
    const QByteArray &publicHalf() const { return m_publicHalf; }
    /// The two lines, each with its end; `grouped` for people, otherwise for a picture.
    Secret lines(bool grouped = true) const;
    /// What was sealed to the public half. SnapshotInvalid: to another one, or it was changed.
    Result<Secret> open(QByteArrayView sealed) const;

private:
    explicit RecoveryKit(Secret privateHalf);

    Secret m_privateHalf;
    QByteArray m_publicHalf;
};

/// By which a person tells one kit from another: "K7F3-9QXM".
QByteArray kitName(const QByteArray &publicHalf);

/// For the private half alone to open. `publicHalf` is 32 bytes that are a key: RecoveryKitInvalid otherwise.
Result<QByteArray> sealTo(const QByteArray &publicHalf, QByteArrayView plain);

} // namespace cring::backup
