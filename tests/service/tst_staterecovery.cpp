// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"
#include "core/charm/serverkey.h"
#include "core/service/staterecovery.h"
#include "core/service/store.h"
#include "core/state/directorylock.h"
#include "tests/support/charmcluster.h"
#include "tests/support/smalldisk.h"

#include <QDir>
#include <QDirIterator>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace cring;
using namespace cring::service;
using namespace cring::test;

class TestStateRecovery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAwayWhatItCouldNotFinish_data();
    void takesAwayWhatItCouldNotFinish();
    void leavesTheDirectoryWhatItIs_data();
    void leavesTheDirectoryWhatItIs();
    void twoAtATimeDoNotMeet();
    void isBegunAnewAfterAKill();
    void putsNothingOverAServicesState();

private:
    static Result<RecoveredState> recover(const QString &directory);
    static QStringList entries(const QString &directory);
    static void write(const QString &path, const QByteArray &text);
};

namespace {

const QStringList Whole{QStringLiteral("accounts"),     QStringLiteral("charm_server_ed25519"),
                        QStringLiteral("keys.json"),    QStringLiteral("lock"),
                        QStringLiteral("recovery.pub"), QStringLiteral("state.db")};

/// Of another user when this one may do that, as root may who recovers for a service.
uid_t giveAway(const QString &directory)
{
    const uid_t nobody = 65534;
    return ::chown(QFile::encodeName(directory).constData(), nobody, nobody) == 0 ? nobody : ::geteuid();
}

} // namespace

QStringList TestStateRecovery::entries(const QString &directory)
{
    return QDir(directory).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
}

void TestStateRecovery::write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
}

Result<RecoveredState> TestStateRecovery::recover(const QString &directory)
{
    const SystemClock clock;
    SystemRandom random;
    accounts::Synchronised state;
    const Status made = accounts::edit::create(state, "11111111-2222-4333-8444-555555555555",
                                               "ssh-ed25519 AAAA", {}, "2026-01-01 00:00:00");
    if (!made)
        return made.error();
    backup::AccountSnapshot snapshot;
    snapshot.accounts = state.toBytes();
    snapshot.issuer = "http://charm";
    snapshot.serverKey =
        std::make_shared<const Secret>(charm::ServerKey::fromSeed(QByteArray(32, 'k'))->openSsh());
    return recoverState(snapshot, backup::RecoveryKit::make(), directory, clock, random);
}

void TestStateRecovery::takesAwayWhatItCouldNotFinish_data()
{
    QTest::addColumn<bool>("wasThere");
    QTest::newRow("new folder") << false;
    QTest::newRow("empty folder") << true;
}

/// There is room for accounts and key, and none for the database.
void TestStateRecovery::takesAwayWhatItCouldNotFinish()
{
    QFETCH(bool, wasThere);
    SmallDisk disk(48 * 1024);
    CRING_OK(disk.made());
    const QString directory = disk.path() + QStringLiteral("/state");
    if (wasThere)
        QVERIFY(QDir().mkdir(directory));
    const auto recovered = recover(directory);
    QVERIFY(!recovered.ok());
    QVERIFY2(recovered.error().code == Code::StateFile, qPrintable(recovered.error().toString()));
    QCOMPARE(QDir(directory).exists(), wasThere);
    QCOMPARE(entries(directory), QStringList());
}

void TestStateRecovery::leavesTheDirectoryWhatItIs_data()
{
    QTest::addColumn<bool>("isLink");
    QTest::newRow("mount point") << false;
    QTest::newRow("link to another disk") << true;
}

void TestStateRecovery::leavesTheDirectoryWhatItIs()
{
    QFETCH(bool, isLink);
    SmallDisk disk(20'000'000);
    CRING_OK(disk.made());
    const uid_t owner = giveAway(disk.path());
    const QTemporaryDir folder;
    QString directory = disk.path();
    if (isLink) {
        directory = folder.filePath(QStringLiteral("state"));
        QVERIFY(QFile::link(disk.path(), directory));
    }
    const auto recovered = recover(directory);
    CRING_OK(recovered);
    QCOMPARE(recovered->accounts, 1);
    QCOMPARE(entries(directory), Whole);
    QCOMPARE(QFileInfo(directory).isSymLink(), isLink);
    for (const QString &name : Whole) {
        struct stat found = {};
        QCOMPARE(::stat(QFile::encodeName(directory + u'/' + name).constData(), &found), 0);
        QCOMPARE(found.st_uid, owner);
    }
    const SystemClock clock;
    SystemRandom random;
    const auto store = service::Store::open(directory, clock, random);
    CRING_OK(store);
    QVERIFY((*store)->opened.closed && !(*store)->opened.powerCut);
}

void TestStateRecovery::twoAtATimeDoNotMeet()
{
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir(QStringLiteral(".recovering")));
    const QString half = folder.filePath(QStringLiteral(".recovering/accounts"));
    write(half, "half");
    const auto first = state::DirectoryLock::take(folder.path());
    CRING_OK(first);
    const auto second = recover(folder.path());
    QVERIFY(!second.ok());
    QVERIFY2(second.error().code == Code::StateLocked, qPrintable(second.error().toString()));
    QVERIFY(QFile::exists(half));
}

/// In the middle of the last step, at worst.
void TestStateRecovery::isBegunAnewAfterAKill()
{
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir(QStringLiteral(".recovering")));
    write(folder.filePath(QStringLiteral(".recovering/accounts")), "half");
    write(folder.filePath(QStringLiteral("lock")), {});
    write(folder.filePath(QStringLiteral("state.db")), "old");
    CRING_OK(checkUnused(folder.path()));
    CRING_OK(recover(folder.path()));
    QCOMPARE(entries(folder.path()), Whole);
    QVERIFY(QFileInfo(folder.filePath(QStringLiteral("state.db"))).size() > 1000);
}

void TestStateRecovery::putsNothingOverAServicesState()
{
    const QTemporaryDir folder;
    CRING_OK(recover(folder.path()));
    // Of one that was killed before the service came.
    QVERIFY(QDir(folder.path()).mkdir(QStringLiteral(".recovering")));
    const auto again = recover(folder.path());
    QVERIFY(!again.ok());
    QVERIFY2(again.error().code == Code::StateDirectory, qPrintable(again.error().toString()));
    QVERIFY(entries(folder.path()).size() > Whole.size());
}

QTEST_GUILESS_MAIN(TestStateRecovery)
#include "tst_staterecovery.moc"
