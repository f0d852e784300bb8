// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include <memory>

namespace cring {

/// Stable numbers of everything that can go wrong. A number is never reused; docs/errors.md explains each.
/// The thousands name the room: 1 configuration, 2 backends, 3 requests, 4 listening, 5 control API, 6 jobs,
/// 7 accounts, 8 the backup to S3, 9 notices.
enum class Code {
    ConfigSyntax = 1001,
    ConfigUnknownKey = 1002,
    ConfigBadValue = 1003,
    ConfigIncomplete = 1004,
    ConfigFile = 1005,
    TlsFiles = 1006,
    StateFile = 1007,
    StateDirectory = 1008,
    StateDamaged = 1009,
    StateNewer = 1010,
    StateLocked = 1011,
    SecretMissing = 1012,
    SecretUnreadable = 1013,
    SecretTooOpen = 1014,
    KeyUnusable = 1015,
    ServerKeyDiffers = 1016,
    ConflictsFull = 1017,
    SpoolFull = 1018,
    KeychainUnavailable = 1031,
    KeychainLocked = 1032,
    SecretPlaceReadOnly = 1033,
    KeyExists = 1034,

    BackendUnreachable = 2001,
    BackendTimeout = 2002,
    BackendProtocol = 2003,
    BackendKeyDiffers = 2004,
    BackendIssuerDiffers = 2005,
    BackendClock = 2006,
    BackendAnswer = 2007,
    BackendTls = 2008,
    LoginRefused = 2009,
    TooFewServers = 2010,
    HostKeyUnknown = 2021,
    NodeFile = 2022,
    NodeFull = 2023,
    NodeCommand = 2024,
    ReplicaTarget = 2025,
    ReplicaSource = 2026,

    RequestMalformed = 3001,
    TokenMissing = 3003,
    TokenMalformed = 3004,
    TokenSignature = 3005,
    TokenExpired = 3006,
    TokenIssuer = 3007,
    TokenAudience = 3008,
    TokenUnknownKey = 3009,
    NoQuorum = 3010,
    PathInvalid = 3011,
    ListingMalformed = 3012,
    AccountMissing = 3013,
    TokenUnavailable = 3014,
    FileChanged = 3015,

    AddressInUse = 4002,
    AddressUnusable = 4003,

    ControlUnavailable = 5001,
    ControlProtocol = 5002,
    ControlBadParams = 5003,
    ControlUnknownMethod = 5004,
    NotFound = 5005,
    ControlAlreadyRunning = 5006,
    ControlBusy = 5007,
    ControlVersion = 5008,
    ControlForbidden = 5009,
    ControlSocket = 5010,
    ControlTimeout = 5011,

    JobUnderWay = 6001,
    JobEnded = 6002,

    AccountsFile = 7001,
    AccountsForeign = 7002,
    AccountsDamaged = 7003,
    AccountsBusy = 7004,
    AccountsSeen = 7005,
    AccountsStopped = 7006,
    AccountDisabled = 7007,
    AccountTaken = 7008,
    AccountFile = 7009,

    BackupUnreachable = 8001,
    BackupTls = 8002,
    BackupCredentials = 8003,
    BackupDenied = 8004,
    BackupClock = 8005,
    BackupBucket = 8006,
    BackupRegion = 8007,
    BackupMissing = 8008,
    BackupProtocol = 8009,
    BackupDigest = 8010,
    BackupFull = 8011,
    BackupSource = 8012,
    BackupUnsupported = 8013,
    BackupRefused = 8014,
    RestoreFailed = 8015,
    RecoveryKitInvalid = 8016,
    SnapshotInvalid = 8017,

    NoticeUnreachable = 9001,
    NoticeTls = 9002,
    NoticeCredentials = 9003,
    NoticeRefused = 9004,
};

/// What went wrong, for a person: says what, where, why and what to do next, in one or two plain sentences.
/// Never carries a token, a key or a plaintext path (P10). Cheap to move; copies share the cause.
struct [[nodiscard]] Error
{
    Code code;
    QString detail;
    std::shared_ptr<const Error> cause = {};

    /// "CR-2001: charm2 refused the connection", followed by the causes.
    QString toString() const;
};

/// "CR-1002".
QString codeName(Code code);

} // namespace cring
