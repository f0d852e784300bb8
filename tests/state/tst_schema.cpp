// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/schema.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace cring;
using namespace cring::state;

class TestSchema : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void bringsAnEmptyDatabaseUpToDate();
    void leavesOneThatIsUpToDateAlone();
    void refusesANewerOne();
    void leavesNothingOfAMigrationThatFails();
    void isDocumentedTableByTable();

private:
    QStringList tables();
    int version();

    std::unique_ptr<Session> m_session;
};

void TestSchema::init()
{
    m_session.reset();
    m_session = std::make_unique<Session>(Session::Place{QStringLiteral("schema"), true});
    QVERIFY(m_session->open().ok());
}

QStringList TestSchema::tables()
{
    QStringList names;
    (void)m_session->each(QStringLiteral("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"),
                          {}, [&](const Row &row) { names << row.text(0); });
    return names;
}

int TestSchema::version()
{
    const Result<int> found = schema::version(*m_session);
    return found.ok() ? *found : -1;
}

void TestSchema::bringsAnEmptyDatabaseUpToDate()
{
    QCOMPARE(version(), 0);
    QVERIFY(tables().isEmpty());
    QVERIFY(schema::migrate(*m_session).ok());
    QCOMPARE(version(), schema::currentVersion());
    for (const char *name : {"meta", "members", "catalogue", "owed", "account_work", "intents", "floors",
                             "accounts", "findings", "conflicts", "jobs", "events", "backup_uploads"})
        QVERIFY2(tables().contains(QLatin1String(name)), name);
}

void TestSchema::leavesOneThatIsUpToDateAlone()
{
    QVERIFY(schema::migrate(*m_session).ok());
    QVERIFY(m_session->run(QStringLiteral("INSERT INTO meta (name) VALUES ('x')")).ok());
    QVERIFY(schema::migrate(*m_session).ok());
    qint64 rows = 0;
    QVERIFY(m_session
                ->each(QStringLiteral("SELECT count(*) FROM meta"), {},
                       [&](const Row &row) { rows = row.int64(0); })
                .ok());
    QCOMPARE(rows, 1);
}

void TestSchema::refusesANewerOne()
{
    const int newer = schema::currentVersion() + 1;
    QVERIFY(m_session->once(QStringLiteral("PRAGMA user_version = %1").arg(newer)).ok());
    const Status refused = schema::migrate(*m_session);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, Code::StateNewer);
    QVERIFY2(refused.error().detail.contains(QStringLiteral("newer release")),
             qPrintable(refused.error().detail));
    QVERIFY(tables().isEmpty());
    QCOMPARE(version(), newer);
}

void TestSchema::leavesNothingOfAMigrationThatFails()
{
    // What the migration makes last is there already.
    QVERIFY(m_session->once(QStringLiteral("CREATE TABLE events (x)")).ok());
    QVERIFY(!schema::migrate(*m_session).ok());
    QCOMPARE(version(), 0);
    QCOMPARE(tables(), QStringList{QStringLiteral("events")});
    QVERIFY(m_session->once(QStringLiteral("DROP TABLE events")).ok());
    QVERIFY(schema::migrate(*m_session).ok());
}

void TestSchema::isDocumentedTableByTable()
{
    QVERIFY(schema::migrate(*m_session).ok());
    QFile page(QStringLiteral(CRING_DOCS "/state.md"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    auto rows = QRegularExpression(QStringLiteral("^\\| `(\\w+)` \\|"), QRegularExpression::MultilineOption)
                    .globalMatch(QString::fromUtf8(page.readAll()).section(QStringLiteral("## Tables"), 1));
    QStringList documented;
    while (rows.hasNext())
        documented << rows.next().captured(1);
    documented.sort();
    QCOMPARE(documented, tables());
}

QTEST_GUILESS_MAIN(TestSchema)
#include "tst_schema.moc"
