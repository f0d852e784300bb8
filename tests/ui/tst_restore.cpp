// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "ui/translation.h"
#include "ui/window/restorepage.h"

#include <QApplication>
#include <QDateTimeEdit>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

/// The page that brings files back, before a service that says what a test wants it to.
class TestRestorePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void bringsAnOldVersionBack();
    void asksBeforeItWritesToTheServers();
    void wantsAPreviewOfWhatIsChosen();
    void refusesAFolderThatIsNotWhole();
    void namesWhatWasNotBrought();
    void saysThatThereIsNoBackup();

private:
    template <typename Widget>
    Widget *find(const char *accessibleName) const
    {
        const QList<Widget *> all = m_page->findChildren<Widget *>();
        for (Widget *widget : all) {
            if (widget->accessibleName() == QString::fromUtf8(accessibleName))
                return widget;
        }
        return nullptr;
    }
    QPushButton *button(const char *name) const { return find<QPushButton>(name); }
    QString result() const { return m_page->findChild<QLabel *>(QStringLiteral("result"))->text(); }
    /// The answer of the question that is asked.
    bool answer(QMessageBox::ButtonRole role);
    QJsonObject job(const char *state, qint64 done, const QJsonObject &summary = {}) const;
    void tell(const QJsonObject &job) { m_jobs->notify(QStringLiteral("job"), job); }

    QTemporaryDir m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    control::Snapshot m_snapshot;
    std::unique_ptr<control::Server> m_server;
    QPointer<control::Subscription> m_status;
    QPointer<control::Subscription> m_jobs;
    QList<QJsonObject> m_started;
    std::unique_ptr<RingModels> m_ring;
    std::unique_ptr<RestorePage> m_page;
};

void TestRestorePage::initTestCase()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    installTranslations(*qApp, QLocale());
}

void TestRestorePage::init()
{
    m_started.clear();
    m_snapshot = wellSnapshot();
    m_snapshot.backups.append(idleBackup(QStringLiteral("offsite")));
    const QString path = m_folder.filePath(QStringLiteral("s"));
    m_server = std::make_unique<control::Server>(control::ServerOptions{.path = path, .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_status = call->subscribe(QStringLiteral("status"));
        m_status->notify(QStringLiteral("status"), m_snapshot.toJson());
    });
    m_server->addMethod(QStringLiteral("jobs.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_jobs = call->subscribe(QStringLiteral("jobs"));
    });
    m_server->addMethod(QStringLiteral("jobs.start"), [this](const control::CallPtr &call) {
        m_started.append(call->params().value(QStringLiteral("parameters")).toObject());
        call->reply({{QStringLiteral("job"), job("running", 0)}});
    });
    m_server->addMethod(QStringLiteral("backup.versions"), [](const control::CallPtr &call) {
        QJsonArray versions;
        for (int i = 0; i < 3; ++i)
            versions.append(QJsonObject{{QStringLiteral("version"), QString::number(i)},
                                        {QStringLiteral("current"), i == 0},
                                        {QStringLiteral("deleted"), false},
                                        {QStringLiteral("modifiedMs"), sampleMs - i * 60'000},
                                        {QStringLiteral("size"), 10}});
        call->reply({{QStringLiteral("versions"), versions}});
    });
    QVERIFY(m_server->listen().ok());
    m_ring = std::make_unique<RingModels>([path] { return QStringList{path}; }, m_clock, m_random);
    m_page = std::make_unique<RestorePage>(*m_ring);
    m_page->resize(1'000, 700);
    m_ring->start();
    m_page->show();
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    QTRY_VERIFY(m_ring->link.state() == ServiceLink::State::Connected && m_jobs);
}

void TestRestorePage::cleanup()
{
    m_page.reset();
    m_ring.reset();
    m_server.reset();
}

QJsonObject TestRestorePage::job(const char *state, qint64 done, const QJsonObject &summary) const
{
    QJsonObject object{{QStringLiteral("id"), 7},
                       {QStringLiteral("kind"), QStringLiteral("backup-restore")},
                       {QStringLiteral("state"), QLatin1String(state)},
                       {QStringLiteral("done"), done}};
    if (!summary.isEmpty())
        object.insert(QStringLiteral("summary"), summary);
    return object;
}

bool TestRestorePage::answer(QMessageBox::ButtonRole role)
{
    auto *box = m_page->findChild<QMessageBox *>();
    if (!box)
        return false;
    const QList<QAbstractButton *> buttons = box->buttons();
    for (QAbstractButton *each : buttons) {
        if (box->buttonRole(each) == role) {
            each->click();
            return QTest::qWaitFor([this] { return !m_page->findChild<QMessageBox *>(); });
        }
    }
    return false;
}

void TestRestorePage::bringsAnOldVersionBack()
{
    m_page->showFile(QStringLiteral("acct/abcd"), QStringLiteral("photos/garden.jpg"));
    auto *versions = find<QTableView>("Versions");
    QTRY_COMPARE(versions->model()->rowCount(), 3);
    QTRY_VERIFY(versions->isVisible());
    versions->setFocus();
    versions->selectRow(0);
    QTest::keyClick(versions, Qt::Key_Down);
    QVERIFY(find<QRadioButton>("As it was on")->isChecked());
    QCOMPARE(find<QDateTimeEdit>("Date and time")->dateTime().toMSecsSinceEpoch(), sampleMs - 60'000);
    find<QLineEdit>("Folder")->setText(QStringLiteral("/tmp/back/"));
    QTest::keyClick(m_page.get(), Qt::Key_V, Qt::AltModifier); // Preview
    QTRY_COMPARE(m_started.size(), 1);
    QCOMPARE(m_started.last(),
             (QJsonObject{{QStringLiteral("paths"), QJsonArray{QStringLiteral("acct/abcd")}},
                          {QStringLiteral("atMs"), sampleMs - 60'000 + 999},
                          {QStringLiteral("to"), QStringLiteral("/tmp/back")},
                          {QStringLiteral("dryRun"), true}}));
    QTRY_VERIFY(result().startsWith(QStringLiteral("Counting")));
    tell(job("done", 1, {{QStringLiteral("files"), 1}, {QStringLiteral("bytes"), 10}}));
    QTRY_VERIFY2(result().startsWith(QStringLiteral("1 file, 10 bytes would be brought to /tmp/back.")),
                 qPrintable(result()));
    QTRY_VERIFY(button("Restore…")->isEnabled());
    button("Restore…")->click();
    QVERIFY(answer(QMessageBox::AcceptRole));
    QTRY_COMPARE(m_started.size(), 2);
    QVERIFY(!m_started.last().contains(QStringLiteral("dryRun")));
    QTRY_VERIFY(find<QProgressBar>("Progress of the restore")->isVisible());
    QVERIFY(button("End")->isEnabled());
    tell(job("done", 1, {{QStringLiteral("brought"), 1}, {QStringLiteral("broughtBytes"), 10}}));
    QTRY_COMPARE(result(), QStringLiteral("Brought back: 1 file, 10 bytes. 0 were there already."));
    QVERIFY(!find<QProgressBar>("Progress of the restore")->isVisible());
}

void TestRestorePage::asksBeforeItWritesToTheServers()
{
    find<QRadioButton>("To the servers, in its place")->click();
    button("Preview")->click();
    QTRY_COMPARE(m_started.size(), 1);
    QCOMPARE(m_started.last().value(QStringLiteral("toBackends")).toBool(), true);
    tell(job("done", 3, {{QStringLiteral("files"), 3}, {QStringLiteral("bytes"), 30}}));
    QTRY_VERIFY(button("Restore…")->isEnabled());
    button("Restore…")->click();
    auto *box = m_page->findChild<QMessageBox *>();
    QVERIFY(box && box->text().contains(QStringLiteral("3 files")));
    QVERIFY(box->informativeText().contains(QStringLiteral("written over")));
    QTest::keyClick(box, Qt::Key_Return); // The safe way is the one that Enter takes.
    QTRY_VERIFY(!m_page->findChild<QMessageBox *>());
    QCOMPARE(m_started.size(), 1);
}

void TestRestorePage::wantsAPreviewOfWhatIsChosen()
{
    QVERIFY(!button("Restore…")->isEnabled());
    button("Preview")->click();
    QTRY_COMPARE(m_started.size(), 1);
    tell(job("done", 3, {{QStringLiteral("files"), 3}}));
    QTRY_VERIFY(button("Restore…")->isEnabled());
    find<QLineEdit>("File or folder")->setText(QStringLiteral("acct/other"));
    QVERIFY(!button("Restore…")->isEnabled());
    find<QLineEdit>("File or folder")->clear();
    QVERIFY(button("Restore…")->isEnabled()); // That is what was counted.
}

void TestRestorePage::refusesAFolderThatIsNotWhole()
{
    find<QLineEdit>("Folder")->setText(QStringLiteral("somewhere"));
    QVERIFY(!button("Preview")->isEnabled());
    QVERIFY2(result().contains(QStringLiteral("from / on")), qPrintable(result()));
    find<QLineEdit>("Folder")->setText(QStringLiteral("/somewhere"));
    QVERIFY(button("Preview")->isEnabled());
}

void TestRestorePage::namesWhatWasNotBrought()
{
    button("Preview")->click();
    QTRY_COMPARE(m_started.size(), 1);
    tell(job("done", 2, {{QStringLiteral("files"), 2}}));
    QTRY_VERIFY(button("Restore…")->isEnabled());
    button("Restore…")->click();
    QVERIFY(answer(QMessageBox::AcceptRole));
    QTRY_COMPARE(m_started.size(), 2);
    QTRY_VERIFY(button("End")->isEnabled());
    tell(job("done", 2,
             {{QStringLiteral("brought"), 1},
              {QStringLiteral("failed"), 1},
              {QStringLiteral("failures"), QJsonArray{QStringLiteral("acct/f: it is damaged")}}}));
    QTRY_VERIFY(result().contains(QStringLiteral("Not brought back: 1 file.")));
    QVERIFY(result().contains(QStringLiteral("acct/f: it is damaged")));
}

void TestRestorePage::saysThatThereIsNoBackup()
{
    QVERIFY(!find<QWidget>("No backup yet")->isVisible());
    m_snapshot.backups.clear();
    m_status->notify(QStringLiteral("status"), m_snapshot.toJson());
    QTRY_VERIFY(find<QWidget>("No backup yet")->isVisible());
}

QTEST_MAIN(TestRestorePage)
#include "tst_restore.moc"
