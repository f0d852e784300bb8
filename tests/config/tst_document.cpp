// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/document.h"
#include "core/config/load.h"
#include "core/config/settings.h"

#include <QFile>
#include <QSet>
#include <QTest>

using namespace cring::config;

class TestDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theCommittedFilesAreWhatTheTableGives_data();
    void theCommittedFilesAreWhatTheTableGives();
    void theSampleIsValidAndHoldsTheDefaults();
    void everySampleLineIsValidWhenUncommented();
    void flagsAndVariablesAreUnique();
    void everyFieldRoundTrips();
};

void TestDocument::theCommittedFilesAreWhatTheTableGives_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("text");
    QTest::newRow("sample") << QStringLiteral("config.sample.toml") << sampleFile();
    QTest::newRow("reference") << QStringLiteral("configuration.md") << referencePage();
}

void TestDocument::theCommittedFilesAreWhatTheTableGives()
{
    QFETCH(QString, file);
    QFETCH(QString, text);
    QFile committed(QStringLiteral(CRING_DOCS "/") + file);
    QVERIFY2(committed.open(QIODevice::ReadOnly), qPrintable(committed.errorString()));
    QVERIFY2(committed.readAll() == text.toUtf8(),
             "write them anew: cring config sample > docs/config.sample.toml; "
             "cring config reference > docs/configuration.md");
}

void TestDocument::theSampleIsValidAndHoldsTheDefaults()
{
    Loaded loaded = loadText(sampleFile().toUtf8(), QStringLiteral("sample"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.config.servers.size(), 2);
    loaded.config.servers.clear();
    QCOMPARE(loaded.config, Config{});
}

void TestDocument::everySampleLineIsValidWhenUncommented()
{
    QString text;
    for (const QString &line : sampleFile().split(QLatin1Char('\n'))) {
        const bool setting =
            line.startsWith(QLatin1Char('#')) && !line.startsWith(QLatin1String("# ")) && line.size() > 1;
        text += (setting ? line.mid(1) : line) + QLatin1Char('\n');
    }
    const Loaded loaded = loadText(text.toUtf8(), QStringLiteral("sample"));
    QVERIFY2(loaded.ok(), qPrintable(loaded.problemText()));
    QCOMPARE(loaded.originOf(QStringLiteral("timing.drain_time")), Origin::File);
    QCOMPARE(loaded.config.backups.size(), 1);
}

void TestDocument::flagsAndVariablesAreUnique()
{
    QSet<QString> seen;
    const auto once = [&](const QString &word) {
        const bool fresh = word.isEmpty() || !seen.contains(word);
        seen.insert(word);
        return fresh;
    };
    for (const auto &row : settings()) {
        QVERIFY2(once(row.key()) && once(row.environment()) && once(QLatin1String(row.flag)), row.name);
        QVERIFY2(qstrlen(row.help) > 0, row.name);
    }
    for (const Shorthand &shorthand : shorthands())
        QVERIFY2(once(shorthand.environment()) && once(QLatin1String(shorthand.flag)), shorthand.flag);
    QCOMPARE(findSetting(QStringLiteral("limits.header_bytes"))->environment(),
             QStringLiteral("CRING_LIMITS_HEADER_BYTES"));
}

void TestDocument::everyFieldRoundTrips()
{
    for (const auto &row : settings()) {
        Config config;
        QVERIFY2(row.write(config, row.read(Config{})).ok(), row.name);
        QVERIFY2(row.writeText(config, toPlain(row.read(Config{}))).ok(), row.name);
        QCOMPARE(config, Config{});
    }
}

QTEST_APPLESS_MAIN(TestDocument)
#include "tst_document.moc"
