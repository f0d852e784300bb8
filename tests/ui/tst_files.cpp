// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "ui/models/servicecommands.h"
#include "ui/translation.h"
#include "ui/widgets/theme.h"
#include "ui/window/filespage.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFile>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <ctime>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kMany = 100'000;
constexpr double kLongestMs = 16;

/// What the thread itself has worked: other programs on a busy machine do not count.
double workedMs()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Keeps the longest time for which one event kept all others waiting.
class WatchedApplication : public QApplication
{
public:
    using QApplication::QApplication;

    bool notify(QObject *receiver, QEvent *event) override
    {
        if (m_depth > 0 || QThread::currentThread() != thread())
            return QApplication::notify(receiver, event);
        const auto type = event->type();
        const QByteArray name = receiver->metaObject()->className();
        const double before = workedMs();
        ++m_depth;
        const bool done = QApplication::notify(receiver, event);
        --m_depth;
        if (const double took = workedMs() - before; took > longest) {
            longest = took;
            who = name + ' ' + QByteArray::number(static_cast<int>(type));
        }
        return done;
    }

    double longest = 0;
    QByteArray who;

private:
    int m_depth = 0;
};

QJsonObject fileOf(int number, bool named)
{
    const QByteArray hash = QByteArray::number(static_cast<qulonglong>(number) * 0x9e3779b97f4a7c15ULL, 16)
                                .rightJustified(16, '0');
    QJsonObject file{
        {QStringLiteral("account"), QStringLiteral("0b5f4a52-%1-4c1e-8f00-000000000000").arg(number % 4, 4)},
        {QStringLiteral("path"), QString::fromLatin1(hash + hash + '/' + hash + hash + hash)},
        {QStringLiteral("folder"), false},
        {QStringLiteral("deleted"), false},
        {QStringLiteral("mode"), 420},
        {QStringLiteral("digest"), QString::fromLatin1(hash)},
        {QStringLiteral("size"), number * 37 % 1'000'000},
        {QStringLiteral("changedMs"), sampleMs - number * 1'000LL},
        {QStringLiteral("version"), number + 1},
        {QStringLiteral("wanted"), 3},
        {QStringLiteral("backup"), QStringLiteral("stored")}};
    QJsonArray holders{QStringLiteral("charm1"), QStringLiteral("charm2"), QStringLiteral("charm3")};
    if (number % 1'000 == 7) {
        holders.removeLast();
        file.insert(QStringLiteral("owed"), QJsonArray{QStringLiteral("charm3")});
    }
    file.insert(QStringLiteral("holders"), holders);
    if (named)
        file.insert(QStringLiteral("name"),
                    QStringLiteral("photos/20%1/garden-%2.jpg").arg(number % 30).arg(number));
    return file;
}

/// A service with many files, in a thread of its own as the real one is in another process.
class ManyFiles : public QObject
{
    Q_OBJECT

public:
    ManyFiles(QString path, int count)
        : m_path(std::move(path))
        , m_count(count)
    {
        moveToThread(&m_thread);
        m_thread.start();
        QMetaObject::invokeMethod(this, &ManyFiles::begin, Qt::BlockingQueuedConnection);
    }
    ~ManyFiles() override
    {
        QMetaObject::invokeMethod(
            this, [this] { m_server.reset(); }, Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }

    void change(const QJsonArray &files, const QJsonArray &gone)
    {
        QMetaObject::invokeMethod(
            this,
            [this, files, gone] {
                if (m_subscription)
                    m_subscription->notify(QStringLiteral("blobs"), {{QStringLiteral("blobs"), files},
                                                                     {QStringLiteral("gone"), gone}});
            },
            Qt::BlockingQueuedConnection);
    }
    QList<QPair<QString, QJsonObject>> calls()
    {
        QList<QPair<QString, QJsonObject>> calls;
        QMetaObject::invokeMethod(
            this, [&] { calls = m_calls; }, Qt::BlockingQueuedConnection);
        return calls;
    }

private:
    void begin()
    {
        m_server =
            std::make_unique<control::Server>(control::ServerOptions{.path = m_path, .serviceVersion = {}});
        m_server->addMethod(QStringLiteral("status.subscribe"), [](const control::CallPtr &call) {
            call->reply({});
            control::Snapshot snapshot = wellSnapshot();
            snapshot.copies = {0, 0, 43, kMany - 43};
            snapshot.backends[1].files = 920;
            snapshot.backends[1].missing = 43;
            call->subscribe(QStringLiteral("status"))->notify(QStringLiteral("status"), snapshot.toJson());
        });
        m_server->addMethod(QStringLiteral("blobs.subscribe"), [this](const control::CallPtr &call) {
            call->reply({});
            m_subscription = call->subscribe(QStringLiteral("blobs"));
        });
        m_server->addMethod(QStringLiteral("blobs.list"),
                            [this](const control::CallPtr &call) { list(call); });
        m_server->addMethod(QStringLiteral("blobs.where"), [](const control::CallPtr &call) {
            call->reply({{QStringLiteral("servers"),
                          QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("charm1")},
                                                 {QStringLiteral("copy"), QStringLiteral("holds")}},
                                     QJsonObject{{QStringLiteral("name"), QStringLiteral("charm3")},
                                                 {QStringLiteral("copy"), QStringLiteral("stale")},
                                                 {QStringLiteral("sinceMs"), sampleMs}}}}});
        });
        // In two pages; the last two have no name.
        m_server->addMethod(QStringLiteral("accounts.list"), [](const control::CallPtr &call) {
            const bool isFirst = !call->params().contains(QStringLiteral("after"));
            const int number = isFirst ? 0 : 1;
            QJsonObject answer{
                {QStringLiteral("accounts"),
                 QJsonArray{QJsonObject{
                     {QStringLiteral("id"), fileOf(number, false)[u"account"]},
                     {QStringLiteral("name"), isFirst ? QStringLiteral("anna") : QStringLiteral("ben")}}}}};
            if (isFirst)
                answer.insert(QStringLiteral("next"), QStringLiteral("anna"));
            call->reply(answer);
        });
        m_server->addMethod(QStringLiteral("jobs.start"), [this](const control::CallPtr &call) {
            m_calls.append({QStringLiteral("jobs.start"), call->params()});
            call->reply({});
        });
        QVERIFY(m_server->listen().ok());
    }
    void list(const control::CallPtr &call)
    {
        const int from = call->params().value(QStringLiteral("after")).toString().toInt();
        const int to = std::min(m_count, from + call->params().value(QStringLiteral("limit")).toInt(500));
        QJsonArray files;
        for (int number = from; number < to; ++number)
            files.append(fileOf(number, number % 2 == 0));
        QJsonObject answer{{QStringLiteral("blobs"), files}};
        if (to < m_count)
            answer.insert(QStringLiteral("next"), QString::number(to));
        call->reply(answer);
    }

    const QString m_path;
    const int m_count;
    QThread m_thread;
    std::unique_ptr<control::Server> m_server;
    QPointer<control::Subscription> m_subscription;
    QList<QPair<QString, QJsonObject>> m_calls;
};

WatchedApplication &app()
{
    return *static_cast<WatchedApplication *>(qApp);
}

qint64 residentMiB()
{
    QFile file(QStringLiteral("/proc/self/status"));
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("VmRSS:"))
            return line.simplified().split(' ').value(1).toLongLong() / 1'024;
    }
    return -1;
}

} // namespace

/// The page of files: what it shows and does, and that a hundred thousand of them hold nobody up.
class TestFilesPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void opensAtOnceAndHoldsNothingUp();
    void filtersByWhatIsChosen();
    void tellsOfTheChosenFile();
    void saysWhenThereIsNothing();

private:
    void open(int files);
    template <typename Widget>
    Widget *find(const char *accessibleName) const
    {
        const QList<Widget *> all = m_page->findChildren<Widget *>();
        for (Widget *widget : all) {
            if (widget->accessibleName() == QLatin1String(accessibleName))
                return widget;
        }
        return nullptr;
    }
    bool settle() const
    {
        return QTest::qWaitFor([this] { return m_ring->files.isArranged() && !m_ring->files.isListing(); },
                               60'000);
    }
    /// The longest event since the last time this was asked.
    static QString longest(double &ms)
    {
        ms = std::exchange(app().longest, 0);
        return QStringLiteral("%1 ms of %2").arg(ms, 0, 'f', 1).arg(QString::fromLatin1(app().who));
    }

    QTemporaryDir m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    std::unique_ptr<ManyFiles> m_service;
    std::unique_ptr<RingModels> m_ring;
    std::unique_ptr<ServiceCommands> m_commands;
    std::unique_ptr<FilesPage> m_page;
};

void TestFilesPage::initTestCase()
{
    QLocale::setDefault(QLocale(QStringLiteral("en_GB")));
    installTranslations(*qApp, QLocale());
    QApplication::setPalette(Theme::light().palette());
}

void TestFilesPage::open(int files)
{
    const QString path = m_folder.filePath(QStringLiteral("s"));
    m_service = std::make_unique<ManyFiles>(path, files);
    m_ring = std::make_unique<RingModels>([path] { return QStringList{path}; }, m_clock, m_random);
    m_commands = std::make_unique<ServiceCommands>(m_ring->link);
    m_page = std::make_unique<FilesPage>(*m_ring, *m_commands);
    m_page->resize(1'100, 780);
    m_ring->start();
    QTRY_VERIFY(m_ring->link.state() == ServiceLink::State::Connected);
}

void TestFilesPage::cleanup()
{
    m_page.reset();
    m_commands.reset();
    m_ring.reset();
    m_service.reset();
}

void TestFilesPage::opensAtOnceAndHoldsNothingUp()
{
    open(kMany);
    double ms = 0;
    longest(ms);
    QElapsedTimer watch;
    watch.start();
    m_page->show();
    auto *table = find<QTableView>("Files");
    QVERIFY(QTest::qWaitFor([&] { return m_ring->files.rowCount() > 0 && table->isVisible(); }, 1'000));
    qInfo("first rows after %lld ms", watch.elapsed());
    QVERIFY(watch.elapsed() < 1'000);
    QVERIFY(settle());
    qInfo("all %d after %lld ms; longest event: %s", kMany, watch.elapsed(), qPrintable(longest(ms)));
    QCOMPARE(m_ring->files.rowCount(), kMany);
    QVERIFY(ms <= kLongestMs);

    for (int i = 0; i <= 100; ++i) {
        table->verticalScrollBar()->setValue(table->verticalScrollBar()->maximum() * i / 100);
        QApplication::processEvents();
    }
    qInfo("scrolling: %s", qPrintable(longest(ms)));
    QVERIFY(ms <= kLongestMs);

    table->selectRow(40'000);
    for (const char key : QByteArray("garden-77")) {
        QTest::keyClick(find<QLineEdit>("Search the files"), key);
        QApplication::processEvents();
    }
    QVERIFY(settle());
    QVERIFY(m_ring->files.rowCount() > 0 && m_ring->files.rowCount() < kMany / 10);
    find<QLineEdit>("Search the files")->clear();
    QVERIFY(settle());
    QCOMPARE(m_ring->files.rowCount(), kMany);
    qInfo("filtering: %s", qPrintable(longest(ms)));
    QVERIFY(ms <= kLongestMs);

    for (int column = 0; column < FilesModel::ColumnCount; ++column) {
        table->sortByColumn(column, column % 2 == 0 ? Qt::DescendingOrder : Qt::AscendingOrder);
        QVERIFY(settle());
    }
    qInfo("sorting: %s", qPrintable(longest(ms)));
    QVERIFY(ms <= kLongestMs);

    for (int i = 0; i < 50; ++i)
        m_service->change({fileOf(i * 991, true), fileOf(kMany + i, true)}, {});
    QTRY_COMPARE(m_ring->files.total(), kMany + 50);
    QVERIFY(settle());
    qInfo("changes: %s", qPrintable(longest(ms)));
    QVERIFY(ms <= kLongestMs);
    qInfo("resident: %lld MiB", residentMiB());
    QVERIFY(residentMiB() <= 250);
}

void TestFilesPage::filtersByWhatIsChosen()
{
    open(3'000);
    m_page->show();
    QVERIFY(settle());
    QCOMPARE(m_ring->files.rowCount(), 3'000);
    auto *count = m_page->findChild<QLabel *>(QStringLiteral("count"));
    QVERIFY2(count->text().startsWith(QStringLiteral("3,000 files")), qPrintable(count->text()));
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    // By keyboard: the box has a mnemonic, the lists take the arrows.
    QTest::keyClick(m_page.get(), Qt::Key_K, Qt::AltModifier);
    QTRY_VERIFY(
        find<QCheckBox>("Only at risk")->isChecked()); // A button that is pressed by key stays down a moment.
    QVERIFY(settle());
    QCOMPARE(m_ring->files.rowCount(), 3);
    QCOMPARE(m_ring->files.index(0, FilesModel::Why).data().toString(), QStringLiteral("owed to charm3"));
    find<QCheckBox>("Only at risk")->click();
    auto *accounts = find<QComboBox>("Account");
    QStringList names;
    for (int i = 0; i < accounts->count(); ++i)
        names.append(accounts->itemText(i));
    names.sort();
    QCOMPARE(names,
             (QStringList{QStringLiteral("0b5f4a52…"), QStringLiteral("0b5f4a52…"),
                          QStringLiteral("All accounts"), QStringLiteral("anna"), QStringLiteral("ben")}));
    QTest::keyClick(find<QComboBox>("Account"), Qt::Key_Down);
    QVERIFY(settle());
    QCOMPARE(m_ring->files.rowCount(), 750);
    find<QComboBox>("Account")->setCurrentIndex(0);
    m_page->showServer(QStringLiteral("charm2"));
    QVERIFY(settle());
    QCOMPARE(m_ring->files.rowCount(), 3'000);
    find<QLineEdit>("Search the files")->setText(QStringLiteral("no such file"));
    QVERIFY(settle());
    QTRY_VERIFY(find<QWidget>("No file is like that")->isVisible());
}

void TestFilesPage::tellsOfTheChosenFile()
{
    open(10);
    m_page->show();
    QVERIFY(settle());
    QVERIFY(!find<QPushButton>("Repair this")->isEnabled());
    auto *table = find<QTableView>("Files");
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Down);
    auto *details = m_page->findChild<QLabel *>(QStringLiteral("details"));
    QTRY_VERIFY(details->text().contains(QStringLiteral("charm3 missed a change, since")));
    QVERIFY(details->text().contains(QStringLiteral("charm1 has it")));
    QTest::keySequence(table, QKeySequence::Copy);
    const QString path = QApplication::clipboard()->text();
    QVERIFY2(path.startsWith(QStringLiteral("0b5f4a52-")), qPrintable(path));
    QTest::keySequence(table, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    QVERIFY2(QApplication::clipboard()->text().contains(QStringLiteral("Account: anna (0b5f4a52-")),
             qPrintable(QApplication::clipboard()->text()));
    find<QPushButton>("Repair this")->click();
    QTRY_COMPARE(m_service->calls().size(), 1);
    const QJsonObject job = m_service->calls().at(0).second;
    QCOMPARE(job.value(QStringLiteral("kind")).toString(), QStringLiteral("repair"));
    QCOMPARE(job.value(QStringLiteral("parameters")).toObject().value(QStringLiteral("paths")).toArray(),
             QJsonArray{path});
    QSignalSpy versions(m_page.get(), &FilesPage::versionsWanted);
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(versions.size(), 1);
    QCOMPARE(versions.at(0).at(0).toString(), path);
}

void TestFilesPage::saysWhenThereIsNothing()
{
    open(0);
    m_page->show();
    QTRY_VERIFY(find<QWidget>("No files yet")->isVisible());
    m_service->change({fileOf(1, false)}, {});
    QTRY_VERIFY(find<QTableView>("Files")->isVisible());
}

int main(int argc, char **argv)
{
    WatchedApplication application(argc, argv);
    TestFilesPage test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_files.moc"
