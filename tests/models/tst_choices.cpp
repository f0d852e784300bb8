// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/desktopchoices.h"
#include "ui/models/notificationchoices.h"

#include <QSet>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring::models;
using namespace std::chrono_literals;

class TestChoices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsFewThingsByDefault();
    void remembersWhatWasChosen();
    void bearsNonsenseInTheFile();
    void restsNothingByItself();

private:
    QString file() const { return m_folder.filePath(QStringLiteral("window.conf")); }

    QTemporaryDir m_folder;
};

void TestChoices::tellsFewThingsByDefault()
{
    QSettings settings(file(), QSettings::IniFormat);
    const NotificationChoices choices(settings);
    for (const Topic topic : {Topic::WritesRefused, Topic::Degraded, Topic::BackupOverdue, Topic::DamageFound,
                              Topic::KeychainLocked})
        QVERIFY2(choices.isWanted(topic), qPrintable(topicName(topic)));
    QCOMPARE(choices.degradedAfter(), 5min);
    QSet<QString> words;
    for (int i = 0; i < cring::control::topicCount; ++i)
        words.insert(topicWords(static_cast<Topic>(i)));
    QCOMPARE(words.size(), cring::control::topicCount);
}

void TestChoices::remembersWhatWasChosen()
{
    {
        QSettings settings(file(), QSettings::IniFormat);
        NotificationChoices choices(settings);
        const QSignalSpy changed(&choices, &NotificationChoices::changed);
        choices.setWanted(Topic::Degraded, false);
        choices.setWanted(Topic::Degraded, false);
        choices.setDegradedAfter(0min);
        QCOMPARE(changed.size(), 2);
    }
    QSettings settings(file(), QSettings::IniFormat);
    NotificationChoices choices(settings);
    QVERIFY(!choices.isWanted(Topic::Degraded));
    QVERIFY(choices.isWanted(Topic::WritesRefused));
    QCOMPARE(choices.degradedAfter(), 0min);
    choices.reset();
    QVERIFY(choices.isWanted(Topic::Degraded));
    QCOMPARE(choices.degradedAfter(), 5min);
}

void TestChoices::bearsNonsenseInTheFile()
{
    QSettings settings(file(), QSettings::IniFormat);
    const NotificationChoices choices(settings);
    const QString key = QStringLiteral("notifications/degraded-after-minutes");
    settings.setValue(key, QStringLiteral("soon"));
    QCOMPARE(choices.degradedAfter(), 5min);
    settings.setValue(key, -7);
    QCOMPARE(choices.degradedAfter(), 0min);
    settings.setValue(key, 2'000'000'000);
    QCOMPARE(choices.degradedAfter(), NotificationChoices::longestDegradedAfter);
}

void TestChoices::restsNothingByItself()
{
    QSettings settings(file(), QSettings::IniFormat);
    DesktopChoices choices(settings);
    QVERIFY(!choices.pausesOnMetered());
    QVERIFY(choices.delaysShutdown());
    QCOMPARE(choices.closing(), DesktopChoices::Closing::Asks);
    const QSignalSpy changed(&choices, &DesktopChoices::changed);
    choices.setPausesOnMetered(true);
    choices.setDelaysShutdown(false);
    choices.setClosing(DesktopChoices::Closing::Hides);
    choices.setClosing(DesktopChoices::Closing::Hides);
    QCOMPARE(changed.size(), 3);
    QVERIFY(choices.pausesOnMetered() && !choices.delaysShutdown());
    QCOMPARE(choices.closing(), DesktopChoices::Closing::Hides);
    settings.setValue(QStringLiteral("desktop/closing"), QStringLiteral("explodes"));
    QCOMPARE(choices.closing(), DesktopChoices::Closing::Asks);
}

QTEST_GUILESS_MAIN(TestChoices)
#include "tst_choices.moc"
