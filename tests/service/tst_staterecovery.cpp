// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"
#include "core/charm/serverkey.h"
#include "core/service/staterecovery.h"
#include "tests/support/charmcluster.h"
#include "tests/support/smalldisk.h"

#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::service;
using namespace cring::test;

class TestStateRecovery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAwayWhatItCouldNotFinish_data();
    void takesAwayWhatItCouldNotFinish();
};

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
    const SystemClock clock;
    SystemRandom random;
    accounts::Synchronised state;
    CRING_OK(accounts::edit::create(state, "11111111-2222-4333-8444-555555555555", "ssh-ed25519 AAAA", {},
                                    "2026-01-01 00:00:00"));
    backup::AccountSnapshot snapshot;
    snapshot.accounts = state.toBytes();
    snapshot.issuer = "http://charm";
    snapshot.serverKey =
        std::make_shared<const Secret>(charm::ServerKey::fromSeed(QByteArray(32, 'k'))->openSsh());
    const auto recovered = recoverState(snapshot, backup::RecoveryKit::make(), directory, clock, random);
    QVERIFY(!recovered.ok());
    QVERIFY2(recovered.error().code == Code::StateFile, qPrintable(recovered.error().toString()));
    QCOMPARE(QDir(directory).exists(), wasThere);
    QCOMPARE(QDir(directory).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList());
}

QTEST_GUILESS_MAIN(TestStateRecovery)
#include "tst_staterecovery.moc"
