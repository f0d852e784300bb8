// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"
#include "ui/window/kitdialog.h"

#include <QApplication>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPrinter>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kLimit = 20'000;

} // namespace

/// With the real program, and no service: it keeps what it seals with in its state directory.
class TestKit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void makesAKitAndLeavesNothingOfIt();
    void checksWhatWasTyped();
    void goesFromPaperToPaper();
    void saysWhatIsWrong();

private:
    Cring cring() const
    {
        return Cring(CringProcess::program(), m_folder->filePath(QStringLiteral("c.toml")));
    }

    QStringList filesWith(const QByteArray &text) const;
    static QPushButton *button(const QDialog &dialog, const QString &name);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestKit::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    for (const char *name : {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_folder->path()));
    QFile config(m_folder->filePath(QStringLiteral("c.toml")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write("[[server]]\nname = \"charm1\"\nurl = \"http://127.0.0.1:9\"\n"
                 "[[backup]]\nurl = \"https://s3.example.org\"\nbucket = \"charm\"\n"
                 "access_key = \"env\"\nsecret_key = \"env\"\n");
}

QStringList TestKit::filesWith(const QByteArray &text) const
{
    QStringList found;
    QDirIterator files(m_folder->path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (file.open(QIODevice::ReadOnly) && file.readAll().contains(text))
            found.append(file.fileName());
    }
    return found;
}

QPushButton *TestKit::button(const QDialog &dialog, const QString &name)
{
    const QList<QPushButton *> all = dialog.findChildren<QPushButton *>();
    for (QPushButton *one : all) {
        if (one->accessibleName() == name)
            return one;
    }
    return nullptr;
}

void TestKit::makesAKitAndLeavesNothingOfIt()
{
    KitMaker maker(cring());
    QSignalSpy made(&maker, &KitMaker::made);
    QSignalSpy failed(&maker, &KitMaker::failed);
    maker.make();
    QVERIFY(spinUntil([&] { return !made.isEmpty() || !failed.isEmpty(); }, kLimit));
    QVERIFY2(failed.isEmpty(), qPrintable(failed.value(0).value(0).toString()));
    const QString name = made.at(0).at(0).toString();
    QVERIFY(maker.page().view().toByteArray().contains(name.toUtf8()));
    QVERIFY(maker.picture().view().toByteArray().contains("<svg"));
    // Its two lines are nowhere on the disk any more.
    int secrets = 0;
    const QByteArrayList lines = maker.page().view().toByteArray().split('\n');
    for (const QByteArray &line : lines) {
        if (!line.startsWith("    1: ") && !line.startsWith("    2: "))
            continue;
        ++secrets;
        QVERIFY2(filesWith(line.mid(7)).isEmpty(), line.constData());
    }
    QCOMPARE(secrets, 2);
    maker.forget();
    QVERIFY(maker.page().isEmpty() && maker.picture().isEmpty());
}

void TestKit::checksWhatWasTyped()
{
    KitMaker maker(cring());
    QSignalSpy made(&maker, &KitMaker::made);
    QSignalSpy checked(&maker, &KitMaker::checked);
    QSignalSpy failed(&maker, &KitMaker::failed);
    maker.make();
    QVERIFY(spinUntil([&] { return !made.isEmpty(); }, kLimit));
    maker.check(Secret(QByteArray("not a kit\nat all\n")));
    QVERIFY(spinUntil([&] { return failed.size() == 1; }, kLimit));
    QVERIFY(failed.at(0).at(0).toString().size() > 10);
    maker.check(Secret(maker.page().view().toByteArray()));
    QVERIFY(spinUntil([&] { return checked.size() == 1 || failed.size() == 2; }, kLimit));
    QCOMPARE(checked.size(), 1);
    QCOMPARE(checked.at(0).at(0), made.at(0).at(0));
}

void TestKit::goesFromPaperToPaper()
{
    auto *dialog = new KitDialog(cring(), {});
    dialog->show();
    QVERIFY(button(*dialog, QStringLiteral("Make the kit")));
    button(*dialog, QStringLiteral("Make the kit"))->click();
    QVERIFY(spinUntil([&] { return button(*dialog, QStringLiteral("Print…")); }, kLimit));
    const auto labels = dialog->findChildren<QLabel *>();
    QString page;
    for (const QLabel *label : labels) {
        if (label->focusPolicy() == Qt::TabFocus)
            page = label->text();
    }
    QVERIFY(page.size() > 50);
    // On paper.
    QPrinter printer;
    const QString pdf = m_folder->filePath(QStringLiteral("kit.pdf"));
    printer.setOutputFormat(QPrinter::PdfFormat);
    printer.setOutputFileName(pdf);
    dialog->paintOn(printer);
    QVERIFY(QFile(pdf).size() > 2000);
    // And from paper.
    button(*dialog, QStringLiteral("I have it on paper"))->click();
    auto *typed = dialog->findChild<QPlainTextEdit *>();
    typed->setPlainText(QStringLiteral("nothing"));
    button(*dialog, QStringLiteral("Check"))->click();
    QVERIFY(spinUntil([&] { return button(*dialog, QStringLiteral("Check"))->isEnabled(); }, kLimit));
    typed->setPlainText(page);
    button(*dialog, QStringLiteral("Check"))->click();
    QVERIFY(spinUntil([&] { return button(*dialog, QStringLiteral("Done")); }, kLimit));
    // What was shown is gone.
    for (const QLabel *label : labels)
        QVERIFY(label->focusPolicy() != Qt::TabFocus || label->text().isEmpty());
    QVERIFY(typed->toPlainText().isEmpty());
    button(*dialog, QStringLiteral("Done"))->click();
}

void TestKit::saysWhatIsWrong()
{
    KitMaker maker(Cring(QStringLiteral("/nonexistent/cring")));
    QSignalSpy failed(&maker, &KitMaker::failed);
    maker.make();
    QVERIFY(spinUntil([&] { return failed.size() == 1; }, kLimit));
    QVERIFY(!failed.at(0).at(0).toString().isEmpty());
    QVERIFY(!maker.isBusy());
    maker.check(Secret(QByteArray("x")));
    QVERIFY(spinUntil([&] { return failed.size() == 2; }, kLimit));
}

QTEST_MAIN(TestKit)
#include "tst_kit.moc"
