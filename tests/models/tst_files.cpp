// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "tests/models/sample.h"
#include "ui/models/filesmodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <map>

using namespace cring;
using namespace cring::models;
using namespace cring::test;

namespace {

int pick(IRandom &random, int bound)
{
    return static_cast<int>(random.below(static_cast<quint64>(bound)));
}

QJsonObject fileJson(const QString &account, const QString &path, int version = 1)
{
    return {{QStringLiteral("account"), account},
            {QStringLiteral("path"), path},
            {QStringLiteral("folder"), false},
            {QStringLiteral("size"), 10},
            {QStringLiteral("changedMs"), sampleMs},
            {QStringLiteral("version"), version},
            {QStringLiteral("wanted"), 3},
            {QStringLiteral("holders"),
             QJsonArray{QStringLiteral("charm1"), QStringLiteral("charm2"), QStringLiteral("charm3")}},
            {QStringLiteral("backup"), QStringLiteral("stored")}};
}

QJsonObject randomFile(IRandom &random, int version)
{
    QJsonObject file =
        fileJson(QStringLiteral("account%1").arg(pick(random, 3)),
                 QStringLiteral("d%1/f%2").arg(pick(random, 4)).arg(pick(random, 40)), version);
    file.insert(QStringLiteral("size"), pick(random, 5));
    file.insert(QStringLiteral("changedMs"), sampleMs + pick(random, 1'000));
    if (pick(random, 2) == 0)
        file.insert(QStringLiteral("name"), QStringLiteral("Name %1").arg(pick(random, 50)));
    if (pick(random, 3) == 0) {
        file.insert(QStringLiteral("holders"), QJsonArray{QStringLiteral("charm1")});
        file.insert(QStringLiteral("owed"), QJsonArray{QStringLiteral("charm2")});
        file.insert(QStringLiteral("missing"), QJsonArray{QStringLiteral("charm3")});
    }
    return file;
}

FileView randomView(IRandom &random)
{
    FileView view;
    view.sort = static_cast<FileView::Sort>(pick(random, FilesModel::ColumnCount));
    view.descending = pick(random, 2) == 0;
    view.onlyAtRisk = pick(random, 3) == 0;
    view.account = pick(random, 4) - 1;
    view.server = pick(random, 4) - 1;
    if (pick(random, 2) == 0)
        view.words = {QByteArray::number(pick(random, 9))};
    return view;
}

} // namespace

class TestFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void staysTrueUnderRandomStreams_data();
    void staysTrueUnderRandomStreams();
    void keepsWhatIsChosen();
    void dropsWhatAListingLacks();
    void takesOutWhatWentWithItsFolder();
    void showsTheLeastSafeFirst();
    void searchesNamesAndHiddenPaths();
    void saysWhy();

private:
    static QStringList keys(const FilesModel &model)
    {
        QStringList keys;
        for (int row = 0; row < model.rowCount(); ++row)
            keys.append(QString::fromUtf8(model.rowAt(row)->key));
        return keys;
    }
    static bool settle(FilesModel &model)
    {
        return QTest::qWaitFor([&model] { return model.isArranged(); });
    }
};

void TestFiles::staysTrueUnderRandomStreams_data()
{
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 4; ++seed)
        QTest::addRow("%d", seed) << seed;
}

/// Against a plain list that is filtered and sorted from the beginning each time.
void TestFiles::staysTrueUnderRandomStreams()
{
    QFETCH(int, seed);
    SeededRandom random(static_cast<quint64>(seed));
    FilesModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    std::map<QString, QJsonObject> truth;
    for (int round = 1; round <= 90; ++round) {
        QJsonArray files;
        QJsonArray gone;
        const int count = pick(random, pick(random, 10) == 0 ? 120 : 6);
        if (pick(random, 3) == 0) {
            const QString account = QStringLiteral("account%1").arg(pick(random, 3));
            const QString folder = QStringLiteral("d%1").arg(pick(random, 4));
            gone.append(QJsonObject{{QStringLiteral("account"), account},
                                    {QStringLiteral("path"), folder},
                                    {QStringLiteral("version"), round}});
            std::erase_if(truth, [&](const auto &entry) {
                return entry.first.startsWith(account + u'/' + folder + u'/');
            });
        }
        for (int i = 0; i < count; ++i) {
            const QJsonObject file = randomFile(random, round);
            files.append(file);
            truth[file.value(QStringLiteral("account")).toString() + u'/' +
                  file.value(QStringLiteral("path")).toString()] = file;
        }
        if (pick(random, 3) == 0)
            model.setView(randomView(random));
        model.change(files, gone);
        if (pick(random, 3) != 0)
            continue;
        QVERIFY(settle(model));
        QCOMPARE(model.total(), static_cast<qsizetype>(truth.size()));
        WordList servers = model.servers();
        WordList accounts = model.accounts();
        QList<FileRow> wanted;
        qint64 bytes = 0;
        for (const auto &[key, file] : truth) {
            const FileRow row = FileRow::fromJson(file, servers, accounts);
            if (!model.view().admits(row))
                continue;
            wanted.append(row);
            bytes += row.size;
        }
        std::ranges::sort(wanted,
                          [&](const FileRow &a, const FileRow &b) { return model.view().before(a, b); });
        QCOMPARE(model.rowCount(), wanted.size());
        for (int row = 0; row < wanted.size(); ++row)
            QVERIFY2(*model.rowAt(row) == wanted.at(row), qPrintable(QString::number(row)));
        QCOMPARE(model.shownBytes(), bytes);
    }
    QCOMPARE(resets.size(), 0);
}

void TestFiles::keepsWhatIsChosen()
{
    FilesModel model;
    QJsonArray files;
    for (int i = 0; i < 500; ++i)
        files.append(fileJson(QStringLiteral("a"), QStringLiteral("f%1").arg(i, 3, 10, QLatin1Char('0'))));
    model.sort(FilesModel::Name, Qt::AscendingOrder);
    model.change(files, {});
    QVERIFY(settle(model));
    const QPersistentModelIndex chosen = model.index(123, 1);
    const auto stillThere = [&] {
        return chosen.isValid() && model.rowAt(chosen.row())->key == "a/f123" && chosen.column() == 1;
    };
    model.sort(FilesModel::Name, Qt::DescendingOrder);
    QVERIFY(settle(model));
    QCOMPARE(chosen.row(), 500 - 1 - 123);
    FileView view = model.view();
    view.words = {"f12"};
    model.setView(view);
    QVERIFY(settle(model));
    QCOMPARE(model.rowCount(), 10);
    QVERIFY(stillThere());
    view.words.clear();
    model.setView(view);
    QVERIFY(settle(model));
    QVERIFY(stillThere());
    // One change, which moves it, is placed at once.
    model.sort(FilesModel::Size, Qt::AscendingOrder);
    QVERIFY(settle(model));
    QJsonObject grown = fileJson(QStringLiteral("a"), QStringLiteral("f123"), 2);
    grown.insert(QStringLiteral("size"), 1'000);
    model.change({grown}, {});
    QVERIFY(model.isArranged());
    QVERIFY(stillThere());
    QCOMPARE(chosen.row(), 499);
    view = model.view();
    view.words = {"f4"};
    model.setView(view);
    QVERIFY(settle(model));
    QVERIFY(!chosen.isValid());
}

void TestFiles::dropsWhatAListingLacks()
{
    FilesModel model;
    const auto file = [](const char *path) {
        return fileJson(QStringLiteral("a"), QString::fromLatin1(path));
    };
    model.beginListing();
    model.add({file("f"), file("g")});
    model.endListing();
    model.beginListing();
    model.add({file("g")});
    model.change({file("h")}, {}); // New, while it lists.
    QVERIFY(model.isListing());
    model.endListing();
    QVERIFY(settle(model));
    model.sort(FilesModel::Name, Qt::AscendingOrder);
    QVERIFY(settle(model));
    QCOMPARE(keys(model), (QStringList{QStringLiteral("a/g"), QStringLiteral("a/h")}));
    QCOMPARE(model.total(), 2);
    QCOMPARE(model.hiddenNames(), 2);
}

void TestFiles::takesOutWhatWentWithItsFolder()
{
    FilesModel model;
    model.change({fileJson(QStringLiteral("a"), QStringLiteral("d/old"), 1),
                  fileJson(QStringLiteral("a"), QStringLiteral("d/new"), 9),
                  fileJson(QStringLiteral("a"), QStringLiteral("d2"), 1),
                  fileJson(QStringLiteral("b"), QStringLiteral("d/old"), 1)},
                 {});
    QVERIFY(settle(model));
    model.change({}, {QJsonObject{{QStringLiteral("account"), QStringLiteral("a")},
                                  {QStringLiteral("path"), QStringLiteral("d")},
                                  {QStringLiteral("version"), 5}}});
    QVERIFY(settle(model));
    QCOMPARE(keys(model),
             (QStringList{QStringLiteral("a/d/new"), QStringLiteral("a/d2"), QStringLiteral("b/d/old")}));
}

void TestFiles::showsTheLeastSafeFirst()
{
    FilesModel model;
    QJsonObject newer = fileJson(QStringLiteral("a"), QStringLiteral("whole-newer"));
    newer.insert(QStringLiteral("changedMs"), sampleMs + 1);
    QJsonObject waiting = fileJson(QStringLiteral("a"), QStringLiteral("waits"));
    waiting.insert(QStringLiteral("backup"), QStringLiteral("waiting"));
    QJsonObject one = fileJson(QStringLiteral("a"), QStringLiteral("one-copy"));
    one.insert(QStringLiteral("holders"), QJsonArray{QStringLiteral("charm1")});
    QJsonObject none = fileJson(QStringLiteral("a"), QStringLiteral("no-copy"));
    none.insert(QStringLiteral("holders"), QJsonArray{});
    model.change({fileJson(QStringLiteral("a"), QStringLiteral("whole")), newer, waiting, one, none}, {});
    QVERIFY(settle(model));
    QCOMPARE(keys(model), (QStringList{QStringLiteral("a/no-copy"), QStringLiteral("a/one-copy"),
                                       QStringLiteral("a/waits"), QStringLiteral("a/whole-newer"),
                                       QStringLiteral("a/whole")}));
    FileView view = model.view();
    view.onlyAtRisk = true;
    model.setView(view);
    QVERIFY(settle(model));
    QCOMPARE(model.rowCount(), 3);
}

void TestFiles::searchesNamesAndHiddenPaths()
{
    FilesModel model;
    QJsonObject known = fileJson(QStringLiteral("a"), QStringLiteral("cafe"));
    known.insert(QStringLiteral("name"), QStringLiteral("Fotos/Ärger im Garten.jpg"));
    model.change({known, fileJson(QStringLiteral("a"), QStringLiteral("c0ffee"))}, {});
    const auto found = [&](const char *words) {
        FileView view = model.view();
        view.words = QByteArray(words).split(' ');
        model.setView(view);
        return settle(model) ? keys(model) : QStringList();
    };
    QCOMPARE(found("garten fotos"), QStringList(QStringLiteral("a/cafe")));
    QCOMPARE(found("ärger"), QStringList(QStringLiteral("a/cafe")));
    QCOMPARE(found("cafe"), QStringList()); // It is called otherwise.
    QCOMPARE(found("c0ff"), QStringList(QStringLiteral("a/c0ffee")));
}

void TestFiles::saysWhy()
{
    FilesModel model;
    QJsonObject file = fileJson(QStringLiteral("0b5f4a52-1111"), QStringLiteral("0123456789abcdef/0123"));
    file.insert(QStringLiteral("holders"), QJsonArray{QStringLiteral("charm1")});
    file.insert(QStringLiteral("owed"), QJsonArray{QStringLiteral("charm2")});
    file.insert(QStringLiteral("missing"), QJsonArray{QStringLiteral("charm3")});
    model.change({file}, {});
    QVERIFY(settle(model));
    const auto text = [&](int column) {
        return model.index(0, column).data().toString();
    };
    QCOMPARE(text(FilesModel::Name), QStringLiteral("01234567…/0123"));
    QCOMPARE(text(FilesModel::Account), QStringLiteral("0b5f4a52…"));
    QCOMPARE(text(FilesModel::Copies), QStringLiteral("1 of 3"));
    QCOMPARE(text(FilesModel::Why), QStringLiteral("owed to charm2, missing on charm3"));
    QCOMPARE(text(FilesModel::Backup), QStringLiteral("in the bucket"));
    QVERIFY(
        model.index(0, FilesModel::Name).data(Qt::ToolTipRole).toString().contains(QStringLiteral("hidden")));
}

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
