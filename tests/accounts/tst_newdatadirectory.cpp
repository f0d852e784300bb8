// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/charmfolder.h"
#include "core/accounts/newdatadirectory.h"
#include "tests/support/charmcluster.h"
#include "tests/support/smalldisk.h"

#include <QDir>
#include <QTest>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

class TestNewDataDirectory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAwayWhatItCouldNotFinish_data();
    void takesAwayWhatItCouldNotFinish();
};

void TestNewDataDirectory::takesAwayWhatItCouldNotFinish_data()
{
    QTest::addColumn<bool>("wasThere");
    QTest::newRow("new folder") << false;
    QTest::newRow("empty folder") << true;
}

/// There is room for the key, and none for the database.
void TestNewDataDirectory::takesAwayWhatItCouldNotFinish()
{
    QFETCH(bool, wasThere);
    SmallDisk disk(200 * 1024);
    CRING_OK(disk.made());
    const QString path = disk.path() + QStringLiteral("/charm");
    if (wasThere)
        QVERIFY(QDir().mkdir(path));
    disk.fill();
    const QString ballast = disk.path() + QStringLiteral("/ballast");
    QVERIFY(QFile::resize(ballast, QFileInfo(ballast).size() - 16 * 1024));
    const SystemClock clock;
    const auto key = charm::ServerKey::fromSeed(QByteArray(32, 'k'));
    CRING_OK(key);
    const Status full = makeDataDirectory(path, *key, {}, clock);
    QVERIFY(!full.ok());
    QVERIFY2(full.error().code == Code::NodeFull && full.error().detail.contains(charmfolder::kDatabase),
             qPrintable(full.error().toString()));
    QCOMPARE(QDir(path).exists(), wasThere);
    QCOMPARE(QDir(path).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), QStringList());
    disk.release();
    CRING_OK(makeDataDirectory(path, *key, {}, clock));
    for (const QString &file : {charmfolder::kKey, charmfolder::kPublicKey, charmfolder::kDatabase})
        QVERIFY2(QFile::exists(path + u'/' + file), qPrintable(file));
}

QTEST_GUILESS_MAIN(TestNewDataDirectory)
#include "tst_newdatadirectory.moc"
