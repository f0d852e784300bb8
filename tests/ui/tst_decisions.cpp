// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "core/service/findingmethods.h"
#include "tests/models/mirror.h"
#include "tests/models/sample.h"
#include "tests/support/spin.h"
#include "ui/translation.h"
#include "ui/window/decisionspage.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QJsonArray>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kLimit = 10'000;
constexpr qint64 kDay = 24 * 3'600'000LL;

service::FindingInfo finding(qint64 id, const char *kind, const QByteArray &path, qint64 size)
{
    service::FindingInfo info;
    info.id = id;
    info.kind = QString::fromLatin1(kind);
    info.key = state::objectKey("0b5f", path);
    info.server = QStringLiteral("charm2");
    info.size = size;
    info.sinceMs = sampleMs;
    return info;
}

service::ConflictInfo conflict()
{
    service::ConflictInfo info;
    info.key = state::objectKey("0b5f", "file");
    info.current = state::Record();
    info.current->size = 8192;
    info.current->digest = QByteArray(16, 'c');
    info.holders = {QStringLiteral("charm1"), QStringLiteral("charm3")};
    info.kept = {{7, 4096, QByteArray(16, 'k'), 0, QStringLiteral("charm2"), sampleMs - 3 * kDay}};
    return info;
}

} // namespace

/// The page before the service's own methods, with what a test wants to be found.
class TestDecisions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void missesNoSignal();
    void saysThatNothingWaits();
    void choosesAVersionAndTakesItBack();
    void throwsAwayOnlyWhenToldSo();
    void takesOverWhatNobodyRecorded();
    void offersOnlyWhatFits();
    void showsAccountsThatClash();
    void everythingHasANameForAScreenReader();

private:
    void tell();
    template <typename Widget>
    Widget *find(const QString &accessibleName) const;
    QMessageBox *question() const { return m_page->findChild<QMessageBox *>(); }
    void answer(QMessageBox::ButtonRole role);
    void chooseRow(QTableView *table, int column, const QString &text);

    QTemporaryDir m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    control::Snapshot m_snapshot;
    QList<service::FindingInfo> m_findings;
    QList<service::ConflictInfo> m_conflicts;
    QStringList m_clashes;
    QStringList m_did;
    QJsonObject m_job;
    QPointer<control::Subscription> m_subscription;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<RingModels> m_ring;
    std::unique_ptr<ServiceCommands> m_commands;
    std::unique_ptr<DecisionsPage> m_page;
};

void TestDecisions::initTestCase()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    installTranslations(*qApp, QLocale());
}

void TestDecisions::init()
{
    m_snapshot = wellSnapshot();
    m_findings.clear();
    m_conflicts.clear();
    m_clashes.clear();
    m_did.clear();
    const QString path = m_folder.filePath(QStringLiteral("s"));
    m_server = std::make_unique<control::Server>(control::ServerOptions{.path = path, .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_subscription = call->subscribe(QStringLiteral("status"));
        tell();
    });
    m_server->addMethod(QStringLiteral("jobs.start"), [this](const control::CallPtr &call) {
        m_job = call->params();
        call->reply({});
    });
    service::FindingHooks findings;
    findings.list = [this](const state::ObjectKey &, qsizetype) {
        return m_findings;
    };
    findings.count = [this] {
        return static_cast<qint64>(m_findings.size());
    };
    findings.overflow = [] {
        return 5;
    };
    findings.clashes = [this] {
        return m_clashes;
    };
    service::addFindingMethods(*m_server, findings);
    service::ConflictHooks conflicts;
    conflicts.list = [this](const state::ObjectKey &, qsizetype) {
        return m_conflicts;
    };
    conflicts.choose = [this](qint64 id, QObject *, const service::ConflictHooks::Done &done) {
        m_did << QStringLiteral("choose %1").arg(id);
        // What held is kept aside from now on.
        service::ConflictInfo &one = m_conflicts.first();
        const service::ConflictInfo::Version before{id + 1, one.current->size,        one.current->digest,
                                                    0,      QStringLiteral("charm1"), sampleMs};
        one.current->size = one.kept.first().size;
        one.current->digest = one.kept.first().digest;
        one.kept = {before};
        done({});
    };
    conflicts.discard = [this](qint64 id, QObject *, const service::ConflictHooks::Done &done) {
        m_did << QStringLiteral("discard %1").arg(id);
        m_conflicts.clear();
        done({});
    };
    service::addConflictMethods(*m_server, conflicts, this);
    QVERIFY(m_server->listen().ok());
    m_ring = std::make_unique<RingModels>([path] { return QStringList{path}; }, m_clock, m_random);
    m_commands = std::make_unique<ServiceCommands>(m_ring->link);
    m_page = std::make_unique<DecisionsPage>(*m_ring, *m_commands);
    m_ring->start();
    m_page->show();
    QVERIFY(spinUntil([&] { return m_ring->link.state() == ServiceLink::State::Connected; }, kLimit));
}

void TestDecisions::cleanup()
{
    m_page.reset();
    m_commands.reset();
    m_ring.reset();
    m_server.reset();
}

void TestDecisions::tell()
{
    m_snapshot.findings = m_findings.size();
    m_snapshot.conflicts = m_conflicts.size();
    m_snapshot.accounts.clashes = m_clashes;
    if (m_subscription)
        m_subscription->notify(QStringLiteral("status"), m_snapshot.toJson());
}

template <typename Widget>
Widget *TestDecisions::find(const QString &accessibleName) const
{
    const QList<Widget *> all = m_page->findChildren<Widget *>();
    for (Widget *widget : all) {
        if (widget->accessibleName() == accessibleName)
            return widget;
    }
    return nullptr;
}

void TestDecisions::answer(QMessageBox::ButtonRole role)
{
    QMessageBox *box = question();
    QVERIFY(box);
    const QList<QAbstractButton *> buttons = box->buttons();
    for (QAbstractButton *button : buttons) {
        if (box->buttonRole(button) == role)
            button->click();
    }
    QVERIFY(spinUntil([&] { return !question(); }, kLimit));
}

void TestDecisions::chooseRow(QTableView *table, int column, const QString &text)
{
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        if (table->model()->index(row, column).data().toString() == text) {
            table->selectRow(row);
            return;
        }
    }
    QFAIL(qPrintable(text));
}

void TestDecisions::missesNoSignal()
{
    FindingsModel findings;
    KeptVersionsModel versions;
    const QAbstractItemModelTester one(&findings, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QAbstractItemModelTester two(&versions, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const Mirror findingsMirror(findings);
    const Mirror versionsMirror(versions);
    const QStringList kinds{QStringLiteral("unexplained"), QStringLiteral("lost"), QStringLiteral("new")};
    for (int round = 0; round < 400; ++round) {
        QList<FindingRow> found;
        QList<KeptVersionRow> kept;
        for (int id = 0; id < 10; ++id) {
            if (pick(m_random, 3) == 0)
                continue;
            found.append({id,
                          kinds.at(pick(m_random, 3)),
                          QStringLiteral("a"),
                          QStringLiteral("p%1").arg(id),
                          {},
                          pick(m_random, 9),
                          sampleMs,
                          0});
            kept.append({QStringLiteral("a"),
                         QStringLiteral("p"),
                         id,
                         pick(m_random, 9),
                         {},
                         {},
                         sampleMs,
                         false,
                         0});
        }
        shuffle(found, m_random);
        shuffle(kept, m_random);
        findings.setFindings(found, sampleMs + round * 60'000);
        versions.setVersions(kept, sampleMs + round * 60'000);
        QVERIFY(findingsMirror.isTrue() && versionsMirror.isTrue());
    }
    QCOMPARE(findingsMirror.resets + versionsMirror.resets, 0);
}

void TestDecisions::saysThatNothingWaits()
{
    auto *nothing = find<QWidget>(QStringLiteral("Nothing waits for you"));
    QVERIFY(nothing && nothing->isVisible());
    m_findings = {finding(1, "unexplained", "x", 10)};
    tell();
    QVERIFY(spinUntil([&] { return !nothing->isVisible(); }, kLimit));
    QVERIFY(find<QTableView>(QStringLiteral("What the checks have found"))->isVisible());
    QVERIFY(!find<QTableView>(QStringLiteral("Versions of files"))->isVisible());
    m_findings.clear();
    tell();
    QVERIFY(spinUntil([&] { return nothing->isVisible(); }, kLimit));
}

void TestDecisions::choosesAVersionAndTakesItBack()
{
    m_conflicts = {conflict()};
    tell();
    auto *table = find<QTableView>(QStringLiteral("Versions of files"));
    QVERIFY(spinUntil([&] { return table->model()->rowCount() == 2; }, kLimit));
    auto *choose = find<QPushButton>(QStringLiteral("Make it hold…"));
    auto *undo = find<QPushButton>(QStringLiteral("Undo the choice"));
    chooseRow(table, KeptVersionsModel::Version, QStringLiteral("Holds now"));
    QVERIFY(!choose->isEnabled()); // It does already.
    QVERIFY(!undo->isVisible());
    chooseRow(table, KeptVersionsModel::Version, QStringLiteral("Kept aside"));
    choose->click();
    QVERIFY(question());
    // It says what each version is.
    const QString detail = question()->informativeText();
    for (const char *words :
         {"4.0 KiB from charm2, kept aside 3 d ago", "8.0 KiB on charm1 and charm3", "can be chosen again"})
        QVERIFY2(detail.contains(QString::fromLatin1(words)), qPrintable(detail));
    answer(QMessageBox::RejectRole);
    QVERIFY(m_did.isEmpty());
    choose->click();
    answer(QMessageBox::AcceptRole);
    QVERIFY(spinUntil([&] { return undo->isVisible(); }, kLimit));
    QCOMPARE(m_did, QStringList{QStringLiteral("choose 7")});
    undo->click();
    QVERIFY(spinUntil([&] { return m_did.size() == 2; }, kLimit));
    QCOMPARE(m_did.last(), QStringLiteral("choose 8"));
    QVERIFY(spinUntil([&] { return !undo->isVisible(); }, kLimit));
}

void TestDecisions::throwsAwayOnlyWhenToldSo()
{
    m_conflicts = {conflict()};
    tell();
    auto *table = find<QTableView>(QStringLiteral("Versions of files"));
    QVERIFY(spinUntil([&] { return table->model()->rowCount() == 2; }, kLimit));
    chooseRow(table, KeptVersionsModel::Version, QStringLiteral("Kept aside"));
    auto *discard = find<QPushButton>(QStringLiteral("Throw away…"));
    discard->click();
    QCOMPARE(question()->defaultButton(), question()->button(QMessageBox::Cancel));
    QVERIFY(question()->informativeText().contains(QStringLiteral("cannot be undone")));
    QTest::keyClick(question(), Qt::Key_Return);
    QVERIFY(spinUntil([&] { return !question(); }, kLimit));
    QVERIFY(m_did.isEmpty());
    discard->click();
    answer(QMessageBox::DestructiveRole);
    QVERIFY(spinUntil([&] { return m_did == QStringList{QStringLiteral("discard 7")}; }, kLimit));
    QVERIFY(spinUntil([&] { return table->model()->rowCount() == 0; }, kLimit));
}

void TestDecisions::takesOverWhatNobodyRecorded()
{
    m_findings = {finding(1, "unexplained", "x", 1024), finding(2, "unexplained", "y", 2048)};
    tell();
    auto *table = find<QTableView>(QStringLiteral("What the checks have found"));
    QVERIFY(spinUntil([&] { return table->model()->rowCount() == 2; }, kLimit));
    table->selectAll();
    find<QPushButton>(QStringLiteral("Take over…"))->click();
    QVERIFY2(question()->text().contains(QStringLiteral("2 files (3.0 KiB)")),
             qPrintable(question()->text()));
    QVERIFY(question()->informativeText().contains(QStringLiteral("x, 1.0 KiB, on charm2")));
    answer(QMessageBox::AcceptRole);
    QVERIFY(spinUntil([&] { return !m_job.isEmpty(); }, kLimit));
    QCOMPARE(m_job.value(QStringLiteral("kind")).toString(), QStringLiteral("repair"));
    const QJsonObject parameters = m_job.value(QStringLiteral("parameters")).toObject();
    QVERIFY(parameters.value(QStringLiteral("adopt")).toBool());
    QCOMPARE(parameters.value(QStringLiteral("paths")).toArray(),
             (QJsonArray{QStringLiteral("0b5f/x"), QStringLiteral("0b5f/y")}));
}

void TestDecisions::offersOnlyWhatFits()
{
    m_findings = {finding(1, "unexplained", "x", 1), finding(2, "damage", "y", 1),
                  finding(3, "lost", "z", 1)};
    tell();
    auto *table = find<QTableView>(QStringLiteral("What the checks have found"));
    QVERIFY(spinUntil([&] { return table->model()->rowCount() == 3; }, kLimit));
    const auto offered = [&] {
        QString letters;
        for (const char *name : {"Take over…", "Bring back…", "It was deleted…"})
            letters += find<QPushButton>(QString::fromUtf8(name))->isEnabled() ? u'+' : u'-';
        return letters;
    };
    QCOMPARE(offered(), QStringLiteral("---"));
    chooseRow(table, FindingsModel::File, QStringLiteral("x"));
    QCOMPARE(offered(), QStringLiteral("+-+"));
    chooseRow(table, FindingsModel::File, QStringLiteral("y"));
    QCOMPARE(offered(), QStringLiteral("-+-"));
    chooseRow(table, FindingsModel::File, QStringLiteral("z"));
    QCOMPARE(offered(), QStringLiteral("-++"));
    table->selectAll();
    QCOMPARE(offered(), QStringLiteral("---"));
}

void TestDecisions::showsAccountsThatClash()
{
    m_clashes = {QStringLiteral("the name anna belongs to account 1, and on charm2 to another one")};
    tell();
    auto *words = m_page->findChild<QLabel *>(QStringLiteral("clashes"));
    QVERIFY(spinUntil([&] { return words->isVisible(); }, kLimit));
    QCOMPARE(words->text(),
             QStringLiteral("The name anna belongs to account 1, and on charm2 to another one."));
}

void TestDecisions::everythingHasANameForAScreenReader()
{
    const QList<QPushButton *> buttons = m_page->findChildren<QPushButton *>();
    QVERIFY(buttons.size() >= 6);
    QSet<QString> mnemonics;
    for (const QPushButton *button : buttons) {
        QVERIFY(!button->accessibleName().isEmpty());
        const QString mnemonic = button->text().mid(button->text().indexOf(u'&') + 1, 1).toLower();
        QVERIFY2(button->text().contains(u'&') && !mnemonics.contains(mnemonic), qPrintable(button->text()));
        mnemonics.insert(mnemonic);
    }
    const QList<QTableView *> tables = m_page->findChildren<QTableView *>();
    for (const QTableView *table : tables)
        QVERIFY(!table->accessibleName().isEmpty());
}

QTEST_MAIN(TestDecisions)
#include "tst_decisions.moc"
