// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/session.h"

#include <QTest>

#include <limits>

using namespace cring;
using namespace cring::state;

class TestSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void givesBackWhatWasBound_data();
    void givesBackWhatWasBound();
    void tellsNullFromEmpty();
    void visitsEachRowInOrder();
    void runsAnotherStatementDuringAVisit();
    void keepsAnErrorThatNobodyLookedAt();
    void tellsMistakesFromTroubleWithTheDatabase();
    void sharesADatabaseInMemoryByName();

private:
    /// "integer", "text", …: as what SQLite has stored it.
    QString storedType();

    std::unique_ptr<Session> m_session;
};

void TestSession::init()
{
    m_session = std::make_unique<Session>(Session::Place{QStringLiteral("session"), true});
    QVERIFY(m_session->open().ok());
    QVERIFY(m_session->run(QStringLiteral("CREATE TABLE t (v)")).ok());
}

QString TestSession::storedType()
{
    QString type;
    (void)m_session->each(QStringLiteral("SELECT typeof(v) FROM t"), {},
                          [&](const Row &row) { type = row.text(0); });
    return type;
}

void TestSession::givesBackWhatWasBound_data()
{
    QTest::addColumn<QVariant>("value");
    QTest::addColumn<QString>("type");
    QTest::addColumn<qint64>("number");
    const auto integer = [](const char *name, const QVariant &value, qint64 number) {
        QTest::newRow(name) << value << QStringLiteral("integer") << number;
    };
    integer("bool", true, 1);
    integer("int", -5, -5);
    integer("unsigned", 4'000'000'000U, 4'000'000'000);
    integer("long", QVariant::fromValue(-7L), -7);
    integer("unsigned long", QVariant::fromValue(7UL), 7);
    integer("qint64", std::numeric_limits<qint64>::min(), std::numeric_limits<qint64>::min());
    // A version or a seed comes back with all its bits when it is read as unsigned again.
    integer("quint64", std::numeric_limits<quint64>::max(), -1);
    QTest::newRow("double") << QVariant(0.5) << QStringLiteral("real") << qint64(0);
    QTest::newRow("text") << QVariant(QStringLiteral("3 \u00e4")) << QStringLiteral("text") << qint64(0);
    QTest::newRow("blob") << QVariant(QByteArray("\0\xff\0", 3)) << QStringLiteral("blob") << qint64(0);
}

void TestSession::givesBackWhatWasBound()
{
    QFETCH(QVariant, value);
    QFETCH(QString, type);
    QFETCH(qint64, number);
    QVERIFY(m_session->run(QStringLiteral("INSERT INTO t VALUES (?)"), {value}).ok());
    QCOMPARE(storedType(), type);
    int rows = 0;
    QVERIFY(m_session
                ->each(QStringLiteral("SELECT v FROM t WHERE v = ?"), {value},
                       [&](const Row &row) {
                           ++rows;
                           if (type == u"integer")
                               QCOMPARE(row.int64(0), number);
                           else if (type == u"real")
                               QCOMPARE(row.real(0), value.toDouble());
                           else if (type == u"text")
                               QCOMPARE(row.text(0), value.toString());
                           else
                               QCOMPARE(row.blob(0), value.toByteArray());
                       })
                .ok());
    QCOMPARE(rows, 1);
}

void TestSession::tellsNullFromEmpty()
{
    for (const QVariant &value : {QVariant(QString()), QVariant(QByteArray()), QVariant()}) {
        QVERIFY(m_session->run(QStringLiteral("DELETE FROM t")).ok());
        QVERIFY(m_session->run(QStringLiteral("INSERT INTO t VALUES (?)"), {value}).ok());
        bool isNull = false;
        QVERIFY(m_session
                    ->each(QStringLiteral("SELECT v FROM t"), {},
                           [&](const Row &row) {
                               isNull = row.isNull(0);
                               QVERIFY(row.text(0).isEmpty() && row.blob(0).isEmpty());
                           })
                    .ok());
        QCOMPARE(isNull, !value.isValid());
    }
}

void TestSession::visitsEachRowInOrder()
{
    for (int i = 0; i < 5; ++i)
        QVERIFY(m_session->run(QStringLiteral("INSERT INTO t VALUES (?)"), {i}).ok());
    QList<qint64> seen;
    QVERIFY(m_session
                ->each(QStringLiteral("SELECT v FROM t WHERE v < ? ORDER BY v DESC"), {4},
                       [&](const Row &row) { seen.append(row.int64(0)); })
                .ok());
    QCOMPARE(seen, (QList<qint64>{3, 2, 1, 0}));
}

void TestSession::runsAnotherStatementDuringAVisit()
{
    for (int i = 0; i < 3; ++i)
        QVERIFY(m_session->run(QStringLiteral("INSERT INTO t VALUES (?)"), {i}).ok());
    QVERIFY(m_session->run(QStringLiteral("CREATE TABLE other (v)")).ok());
    QVERIFY(
        m_session
            ->each(
                QStringLiteral("SELECT v FROM t"), {},
                [&](const Row &row) {
                    QVERIFY(
                        m_session->run(QStringLiteral("INSERT INTO other VALUES (?)"), {row.int64(0)}).ok());
                })
            .ok());
    qint64 count = 0;
    QVERIFY(m_session
                ->each(QStringLiteral("SELECT count(*) FROM other"), {},
                       [&](const Row &row) { count = row.int64(0); })
                .ok());
    QCOMPARE(count, 3);
}

void TestSession::keepsAnErrorThatNobodyLookedAt()
{
    QCOMPARE(m_session->failure(), Session::Failure::None);
    (void)m_session->run(QStringLiteral("INSERT INTO nowhere VALUES (1)"));
    QVERIFY(m_session->run(QStringLiteral("INSERT INTO t VALUES (1)")).ok());
    QCOMPARE(m_session->failure(), Session::Failure::Fault);
    QVERIFY(!m_session->failed().ok());
    m_session->forgetFailure();
    QCOMPARE(m_session->failure(), Session::Failure::None);
    QVERIFY(m_session->failed().ok());
}

void TestSession::tellsMistakesFromTroubleWithTheDatabase()
{
    QVERIFY(m_session->run(QStringLiteral("CREATE TABLE u (v UNIQUE NOT NULL)")).ok());
    const QString insert = QStringLiteral("INSERT INTO u VALUES (?)");
    QVERIFY(m_session->run(insert, {1}).ok());
    for (const QVariantList &values : {QVariantList{1}, QVariantList{QVariant()}, QVariantList{1, 2}}) {
        m_session->forgetFailure();
        QVERIFY(!m_session->run(insert, values).ok());
        QCOMPARE(m_session->failure(), Session::Failure::Fault);
    }
    m_session->forgetFailure();
    QVERIFY(m_session->once(QStringLiteral("PRAGMA max_page_count = 4")).ok());
    const Status full = m_session->run(QStringLiteral("INSERT INTO t VALUES (zeroblob(100000))"));
    QCOMPARE(m_session->failure(), Session::Failure::Full);
    QVERIFY2(full.error().detail.contains(QStringLiteral("full")), qPrintable(full.error().detail));
}

void TestSession::sharesADatabaseInMemoryByName()
{
    QVERIFY(m_session->run(QStringLiteral("INSERT INTO t VALUES (7)")).ok());
    Session second(m_session->place());
    QVERIFY(second.open().ok());
    qint64 value = 0;
    QVERIFY(second.each(QStringLiteral("SELECT v FROM t"), {}, [&](const Row &row) { value = row.int64(0); })
                .ok());
    QCOMPARE(value, 7);
    Session other({QStringLiteral("another"), true});
    QVERIFY(other.open().ok());
    QVERIFY(!other.each(QStringLiteral("SELECT v FROM t"), {}, [](const Row &) {}).ok());
}

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
