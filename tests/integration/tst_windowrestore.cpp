// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "tests/integration/backupring.h"
#include "tests/support/spin.h"
#include "ui/models/restore.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;

/// The window's restore, before a real ring with a real bucket.
class TestWindowRestore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void countsAndBringsAnOlderVersionToAFolder();
    void bringsBackToTheServersWhatWasDeleted();
    void saysWhatTheBucketHasNot();

private:
    bool reaches(Restore::State state) const;
    QString key(const QString &path) { return m_backup.ring().cluster().charmId() + u'/' + path; }

    BackupRing m_backup{3};
    SeededRandom m_random{1};
    std::unique_ptr<ServiceLink> m_link;
    std::unique_ptr<Restore> m_restore;
};

namespace {

constexpr int Limit = 30'000;

} // namespace

void TestWindowRestore::initTestCase()
{
    CRING_OK(m_backup.startServers());
    const auto versions = await<backup::Nothing>([&](backup::Done<backup::Nothing> done) {
        m_backup.client().setVersioning(true, &m_backup.client(), std::move(done));
    });
    QVERIFY(versions);
    CRING_OK(m_backup.startRing());
    QCOMPARE(m_backup.ring().upload("letters/one", "the first").status, 200);
    QCOMPARE(m_backup.differenceAfter(Limit), QByteArray());
    QTest::qWait(1'100); // The bucket knows the time of a version to the second alone.
    QCOMPARE(m_backup.ring().upload("letters/one", "the second, longer").status, 200);
    QCOMPARE(m_backup.differenceAfter(Limit), QByteArray());
    const QString socket =
        m_backup.ring().ring().options().home + QStringLiteral("/run/charmedring/control.sock");
    m_link = std::make_unique<ServiceLink>([socket] { return QStringList{socket}; }, m_random);
    m_restore = std::make_unique<Restore>(*m_link);
    connect(m_link.get(), &ServiceLink::opened, this, [this] {
        m_link->call(QStringLiteral("jobs.subscribe"), {{QStringLiteral("all"), true}}, this,
                     [](const Result<QJsonObject> &) {});
    });
    m_link->start();
    QVERIFY(spinUntil([&] { return m_link->state() == ServiceLink::State::Connected; }, Limit));
}

bool TestWindowRestore::reaches(Restore::State state) const
{
    const bool there = spinUntil([&] { return m_restore->state() == state; }, Limit);
    if (!there)
        qWarning().noquote() << m_restore->state() << m_restore->problem();
    return there;
}

void TestWindowRestore::countsAndBringsAnOlderVersionToAFolder()
{
    m_restore->askVersions(key(QStringLiteral("letters/one")), {});
    QVERIFY(spinUntil([&] { return !m_restore->isAsking(); }, Limit));
    QVERIFY2(m_restore->versionsProblem().isEmpty(), qPrintable(m_restore->versionsProblem()));
    QCOMPARE(m_restore->versions().rowCount(), 2);
    QVERIFY(m_restore->versions().rowAt(0)->current);
    const models::VersionRow &first = *m_restore->versions().rowAt(1);
    QCOMPARE(first.size, 9);
    QTemporaryDir folder;
    const RestoreChoice choice{{}, key(QStringLiteral("letters/one")), first.modifiedMs + 999, folder.path()};
    m_restore->count(choice);
    QVERIFY(reaches(Restore::State::Counted));
    QCOMPARE(m_restore->outcome().files, 1);
    QCOMPARE(m_restore->outcome().bytes, 9);
    QVERIFY(!QFile::exists(folder.filePath(choice.path)));
    m_restore->begin(choice);
    QVERIFY(reaches(Restore::State::Ended));
    QVERIFY2(m_restore->problem().isEmpty(), qPrintable(m_restore->problem()));
    QCOMPARE(m_restore->outcome().brought, 1);
    QFile brought(folder.filePath(choice.path));
    QVERIFY(brought.open(QIODevice::ReadOnly));
    QCOMPARE(brought.readAll(), QByteArray("the first"));
}

void TestWindowRestore::bringsBackToTheServersWhatWasDeleted()
{
    m_restore->askVersions(key(QStringLiteral("letters/one")), {});
    QVERIFY(spinUntil([&] { return m_restore->versions().rowCount() == 2; }, Limit));
    const qint64 before = m_restore->versions().rowAt(0)->modifiedMs + 999;
    QTest::qWait(1'100); // So that the delete is in another second.
    QCOMPARE(m_backup.ring().remove("letters/one").status, 200);
    QCOMPARE(m_backup.differenceAfter(Limit), QByteArray());
    const RestoreChoice choice{{}, key(QStringLiteral("letters/one")), before, {}};
    m_restore->count(choice);
    QVERIFY(reaches(Restore::State::Counted));
    QCOMPARE(m_restore->outcome().files, 1);
    m_restore->begin(choice);
    QVERIFY(reaches(Restore::State::Ended));
    QVERIFY2(m_restore->problem().isEmpty() && m_restore->outcome().brought == 1,
             qPrintable(m_restore->problem() + m_restore->outcome().failures.join(u' ')));
    QCOMPARE(m_backup.ring().get("letters/one").body, QByteArray("the second, longer"));
}

void TestWindowRestore::saysWhatTheBucketHasNot()
{
    m_restore->count({{}, key(QStringLiteral("never/there")), {}, {}});
    QVERIFY(reaches(Restore::State::Counted));
    QCOMPARE(m_restore->outcome().files, 0);
    m_restore->askVersions(key(QStringLiteral("never/there")), {});
    QVERIFY(spinUntil([&] { return !m_restore->isAsking(); }, Limit));
    QCOMPARE(m_restore->versions().rowCount(), 0);
}

QTEST_GUILESS_MAIN(TestWindowRestore)
#include "tst_windowrestore.moc"
