// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/powercut.h"

#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QTest>

using namespace cring;
using cring::test::PowerCut;

/// A shell works in a directory, with sync(1), which calls fsync(2); then the power goes.
class TestPowerCut : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void keepsWhatWasSynced_data();
    void keepsWhatWasSynced();
    void keepsSomeSectorsOfWhatWasNot();
    void countsWhatWasSynced();
    void isAnotherStartOfTheMachine();

private:
    QString directory() const { return m_folder->filePath(QStringLiteral("work")); }
    QByteArray run(const PowerCut &power, const QString &script);
    /// "a=1 folder/b=2": names and contents, sorted.
    QString tree() const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestPowerCut::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir().mkdir(directory()));
}

QByteArray TestPowerCut::run(const PowerCut &power, const QString &script)
{
    QProcess shell;
    shell.setWorkingDirectory(directory());
    shell.setProcessEnvironment(power.environment());
    shell.start(QStringLiteral("sh"), {QStringLiteral("-ec"), script});
    if (!shell.waitForFinished() || shell.exitCode() != 0)
        QTest::qFail(shell.readAllStandardError().constData(), __FILE__, __LINE__);
    return shell.readAllStandardOutput();
}

QString TestPowerCut::tree() const
{
    QStringList names;
    QDirIterator walk(directory(), QDir::AllEntries | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QString path = walk.next();
        QFile file(path);
        const bool folder = walk.fileInfo().isDir();
        const QString content = !folder && file.open(QIODevice::ReadOnly)
                                    ? u'=' + QString::fromUtf8(file.readAll()).trimmed()
                                    : QStringLiteral("/");
        names << QDir(directory()).relativeFilePath(path) + content;
    }
    names.sort();
    return names.join(u' ');
}

void TestPowerCut::keepsWhatWasSynced_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("after");
    const auto row = [](const char *name, const char *before, const char *script, const char *after) {
        QTest::newRow(name) << QString::fromLatin1(before) << QString::fromLatin1(script)
                            << QString::fromLatin1(after);
    };
    row("a file and its name", "", "echo 1 > a; sync a; sync .", "a=1");
    row("a file without its name", "", "echo 1 > a; sync a", "");
    row("a name without its file", "", "echo 1 > a; sync .", "a=");
    row("neither", "", "echo 1 > a", "");
    row("what was there before", "echo 1 > a; mkdir f; echo 2 > f/b", "echo 3 > c", "a=1 f/ f/b=2");
    row("an overwritten file", "echo 1 > a", "echo 2 > a", "a=1");
    row("an overwritten file that was synced", "echo 1 > a", "echo 2 > a; sync -d a", "a=2");
    row("more behind what was synced", "echo 1 > a", "echo 2 >> a; sync a; echo 3 >> a", "a=1\n2");
    row("a file cut short", "echo 1234 > a", "truncate -s 2 a; sync a", "a=12");
    row("a deleted file", "echo 1 > a", "rm a", "a=1");
    row("a deleted file whose folder was synced", "echo 1 > a", "rm a; sync .", "");
    row("another file under a deleted one's name", "echo 1 > a", "rm a; echo 2 > a; sync a", "a=1");
    row("a renamed file", "echo 1 > a", "mv a b", "a=1");
    row("a renamed file whose folder was synced", "echo 1 > a", "mv a b; sync .", "b=1");
    row("a file that replaced another", "echo 1 > a", "echo 2 > b; sync b; mv b a", "a=1");
    row("the same, and the folder synced", "echo 1 > a", "echo 2 > b; sync b; mv b a; sync .", "a=2");
    row("the same, but never the file", "echo 1 > a", "echo 2 > b; mv b a; sync .", "a=");
    row("a folder", "", "mkdir f; echo 1 > f/a; sync f/a; sync f; sync .", "f/ f/a=1");
    row("a folder's files without its name", "", "mkdir f; echo 1 > f/a; sync f/a; sync f", "");
    row("a folder without its files", "", "mkdir f; echo 1 > f/a; sync f/a; sync .", "f/");
}

void TestPowerCut::keepsWhatWasSynced()
{
    QFETCH(QString, before);
    QFETCH(QString, script);
    QFETCH(QString, after);
    PowerCut power(directory());
    run(power, before);
    QVERIFY(power.prepare().ok());
    run(power, script);
    const Status cut = power.cut(PowerCut::Keep::Nothing);
    QVERIFY2(cut.ok(), cut.ok() ? "" : qPrintable(cut.error().toString()));
    QCOMPARE(tree(), after);
    // What it found is on the disk from now on.
    run(power, QStringLiteral("echo more > more"));
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QCOMPARE(tree(), after);
}

void TestPowerCut::keepsSomeSectorsOfWhatWasNot()
{
    constexpr qsizetype Sector = 512;
    PowerCut power(directory(), 1);
    run(power, QStringLiteral("head -c 51200 /dev/zero | tr '\\0' o > a"));
    QVERIFY(power.prepare().ok());
    run(power, QStringLiteral("head -c 51200 /dev/zero | tr '\\0' n | dd of=a conv=notrunc status=none"));
    QVERIFY(power.cut(PowerCut::Keep::Some).ok());
    QFile file(directory() + QStringLiteral("/a"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QCOMPARE(bytes.size(), 51'200);
    int newer = 0;
    for (qsizetype at = 0; at < bytes.size(); at += Sector) {
        const QByteArray sector = bytes.mid(at, Sector);
        QCOMPARE(sector.count(sector.at(0)), Sector);
        newer += sector.at(0) == 'n' ? 1 : 0;
    }
    QVERIFY2(newer > 10 && newer < 90, qPrintable(QString::number(newer)));
}

void TestPowerCut::countsWhatWasSynced()
{
    PowerCut power(directory());
    QVERIFY(power.prepare().ok());
    run(power,
        QStringLiteral("mkdir f; echo 1 > f/a; sync f/a; sync -d f/a; sync f; sync .; sync /etc/passwd"));
    QCOMPARE(power.syncs(), (QStringList{QStringLiteral("f/a"), QStringLiteral("f/a"), QStringLiteral("f"),
                                         QStringLiteral(".")}));
}

void TestPowerCut::isAnotherStartOfTheMachine()
{
    PowerCut power(directory());
    QVERIFY(power.prepare().ok());
    const QString ask = QStringLiteral("cat /proc/sys/kernel/random/boot_id");
    const QByteArray first = run(power, ask);
    QVERIFY(!first.isEmpty());
    QCOMPARE(run(power, ask), first);
    QVERIFY(power.cut(PowerCut::Keep::Nothing).ok());
    QVERIFY(run(power, ask) != first);
}

QTEST_GUILESS_MAIN(TestPowerCut)
#include "tst_powercut.moc"
