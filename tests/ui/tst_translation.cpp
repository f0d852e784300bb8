// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/servicephrases.h"
#include "ui/models/servicesentences.h"
#include "ui/translation.h"

#include <QApplication>
#include <QDialogButtonBox>
#include <QDirIterator>
#include <QFile>
#include <QPushButton>
#include <QRegularExpression>
#include <QTest>
#include <QTranslator>
#include <QXmlStreamReader>

using namespace cring;
using namespace cring::models;
using namespace cring::ui;

namespace {

/// One text of the window, and what a translation makes of it; one form, or one a plural.
struct Message
{
    QString context;
    QString source;
    QString state; ///< "unfinished", "obsolete", "vanished"; empty: it is good.
    QStringList forms;
    bool isCounted = false;

    QByteArray where() const
    {
        return QStringLiteral("%1: “%2” is “%3”").arg(context, source, forms.join(u'|')).toUtf8();
    }
};

QString fileOf(const QString &language)
{
    return QStringLiteral(CRING_SOURCE_DIR "/resources/translations/charmedring_%1.ts").arg(language);
}

QList<Message> messagesOf(const QString &language)
{
    QFile file(fileOf(language));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QList<Message> messages;
    QXmlStreamReader reader(&file);
    QString context;
    Message message;
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.isEndElement() && reader.name() == QStringLiteral("message"))
            messages.append(message);
        if (!reader.isStartElement())
            continue;
        const QString name = reader.name().toString();
        if (name == QStringLiteral("name")) {
            context = reader.readElementText();
        } else if (name == QStringLiteral("message")) {
            message = {};
            message.context = context;
            message.isCounted = reader.attributes().hasAttribute(QStringLiteral("numerus"));
        } else if (name == QStringLiteral("source")) {
            message.source = reader.readElementText();
        } else if (name == QStringLiteral("translation")) {
            message.state = reader.attributes().value(QStringLiteral("type")).toString();
            if (!message.isCounted)
                message.forms.append(reader.readElementText());
        } else if (name == QStringLiteral("numerusform")) {
            message.forms.append(reader.readElementText());
        }
    }
    return messages;
}

/// "%1", "%2", … that are in it.
QSet<QString> placesIn(const QString &text)
{
    static const QRegularExpression place(QStringLiteral("%[1-9]"));
    QSet<QString> places;
    for (auto it = place.globalMatch(text); it.hasNext();)
        places.insert(it.next().captured());
    return places;
}

qsizetype mnemonicsIn(const QString &text)
{
    static const QRegularExpression mnemonic(QStringLiteral("&(?=\\S)(?!&)"));
    qsizetype count = 0;
    for (auto it = mnemonic.globalMatch(text); it.hasNext(); it.next())
        ++count;
    return count;
}

/// Every text in quotation marks of the service, one a line, with what stands in several pieces as one.
QString wordsOfTheService()
{
    static const QRegularExpression texts(
        QStringLiteral(R"("(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*)"));
    static const QRegularExpression seam(QStringLiteral("(?<!\\\\)\"\\s*\""));
    QString words;
    for (const char *folder : {"/core", "/app/cring"}) {
        QDirIterator files(QStringLiteral(CRING_SOURCE_DIR) + QLatin1String(folder),
                           {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (!file.open(QIODevice::ReadOnly))
                return {};
            const QString source = QString::fromUtf8(file.readAll());
            for (auto it = texts.globalMatch(source); it.hasNext();) {
                QString text = it.next().captured();
                text = text.mid(1, text.size() - 2).remove(seam);
                words += text.replace(QStringLiteral("\\\""), QStringLiteral("\"")) + u'\n';
            }
        }
    }
    return words;
}

/// In how few pieces a text is found there; a piece is some words in a row.
int piecesOf(const QString &text, const QString &in)
{
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    int pieces = 0;
    for (qsizetype from = 0; from < words.size();) {
        qsizetype count = words.size() - from;
        while (count > 0 && !in.contains(words.mid(from, count).join(u' ')))
            --count;
        if (count == 0)
            return -1;
        ++pieces;
        from += count;
    }
    return pieces;
}

} // namespace

/// The window in another language: whether all of it is said, and in such a way that it works.
class TestTranslation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void saysEverything();
    void keepsWhatATextWorksBy();
    void englishHasItsPlurals();
    void isPartOfTheProgram();
    void speaksOfButtonsAsQtDoes();
    void saysWhatTheServiceSays_data();
    void saysWhatTheServiceSays();
    void leavesAloneWhatNobodyKnows();
    void knowsWhatTheServiceStillSays();

private:
    QList<Message> m_german;
};

void TestTranslation::initTestCase()
{
    m_german = messagesOf(QStringLiteral("de"));
    QVERIFY(m_german.size() > 900);
    installTranslations(*qApp, QLocale(QStringLiteral("de_DE")));
}

void TestTranslation::saysEverything()
{
    for (const Message &message : m_german) {
        QVERIFY2(message.state.isEmpty(), (message.where() + " is " + message.state.toUtf8()).constData());
        QCOMPARE(message.forms.size(), message.isCounted ? 2 : 1);
        for (const QString &form : message.forms)
            QVERIFY2(!form.trimmed().isEmpty() || message.source.trimmed().isEmpty(),
                     message.where().constData());
    }
}

void TestTranslation::keepsWhatATextWorksBy()
{
    for (const Message &message : m_german) {
        for (const QString &form : message.forms) {
            QVERIFY2(placesIn(form) == placesIn(message.source), message.where().constData());
            QVERIFY2(mnemonicsIn(form) == mnemonicsIn(message.source), message.where().constData());
            QVERIFY2(form.endsWith(u'…') == message.source.endsWith(u'…'), message.where().constData());
            QVERIFY2(form.endsWith(u':') == message.source.endsWith(u':'), message.where().constData());
            QVERIFY2(form.endsWith(u' ') == message.source.endsWith(u' '), message.where().constData());
            QVERIFY2(form.startsWith(u' ') == message.source.startsWith(u' '), message.where().constData());
            QVERIFY2(form.count(u'\n') == message.source.count(u'\n'), message.where().constData());
        }
        // What is one may say so without its number; more than one are told.
        if (message.isCounted && message.source.contains(QStringLiteral("%n")))
            QVERIFY2(message.forms.last().contains(QStringLiteral("%n")), message.where().constData());
    }
}

void TestTranslation::englishHasItsPlurals()
{
    const QList<Message> english = messagesOf(QStringLiteral("en"));
    QList<QString> counted;
    for (const Message &message : m_german) {
        if (message.isCounted)
            counted.append(message.context + message.source);
    }
    QCOMPARE(english.size(), counted.size());
    for (const Message &message : english) {
        QVERIFY2(message.state.isEmpty() && message.forms.size() == 2, message.where().constData());
        QVERIFY2(counted.contains(message.context + message.source), message.where().constData());
        QVERIFY2(!message.forms.join(QString()).contains(QStringLiteral("(s)")), message.where().constData());
    }
}

void TestTranslation::isPartOfTheProgram()
{
    QCOMPARE(QCoreApplication::translate("cring::ui::MainWindow", "Overview"), QStringLiteral("Übersicht"));
    QCOMPARE(QCoreApplication::translate("cring::models::Wording", "%1 files", nullptr, 1),
             QStringLiteral("%1 Datei"));
    QCOMPARE(QCoreApplication::translate("cring::models::Wording", "%1 files", nullptr, 2),
             QStringLiteral("%1 Dateien"));
}

/// From Debian's qt6-translations-l10n.
void TestTranslation::speaksOfButtonsAsQtDoes()
{
    QDialogButtonBox box(QDialogButtonBox::Cancel | QDialogButtonBox::Close);
    QCOMPARE(box.button(QDialogButtonBox::Cancel)->text().remove(u'&'), QStringLiteral("Abbrechen"));
    QCOMPARE(box.button(QDialogButtonBox::Close)->text().remove(u'&'), QStringLiteral("Schließen"));
}

void TestTranslation::saysWhatTheServiceSays_data()
{
    QTest::addColumn<QString>("english");
    QTest::addColumn<QString>("german");
    const auto row = [](const char *english, const char *german) {
        QTest::newRow(english) << QString::fromUtf8(english) << QString::fromUtf8(german);
    };
    row("refused the connection", "hat die Verbindung abgelehnt");
    row("is down: refused the connection", "ist ausgefallen: hat die Verbindung abgelehnt");
    row("charm2 refused the connection", "charm2 hat die Verbindung abgelehnt");
    row("stored on 1 of 3 servers, need 2: charm2 refused the connection, charm3 did not answer within 500 "
        "ms",
        "auf 1 von 3 Servern gespeichert, nötig sind 2: charm2 hat die Verbindung abgelehnt, charm3 hat "
        "binnen "
        "500 ms nicht geantwortet");
    row("its signing key differs from charm1's (CR-1042)",
        "its signing key differs from charm1's (CR-1042)"); // Not whole: it is left alone.
    row("its signing key differs from charm1's (SHA256:abc) (CR-1042)",
        "sein Signaturschlüssel ist ein anderer als der von charm1 (SHA256:abc) (CR-1042)");
    row("versioning: off: what is overwritten or deleted is gone for good, in the bucket too. `cring backup "
        "check "
        "--enable-versioning` switches it on",
        "Versionierung: aus: Was überschrieben oder gelöscht ist, ist endgültig weg, auch im Bucket. `cring "
        "backup "
        "check --enable-versioning` schaltet es ein");
    row("gone through 12 paths: 3 copies were missing, 1 are looked into",
        "12 Pfade durchgesehen: 3 Kopien fehlten, 1 werden untersucht");
    row("serving 3 servers: HTTP on 127.0.0.1:1, SSH on 127.0.0.1:2",
        "bedient 3 Server: HTTP auf 127.0.0.1:1, SSH auf 127.0.0.1:2");
    row("got what others know of accounts: 2 changes",
        "hat bekommen, was andere über Konten wissen: 2 Änderungen");
    row("", "");
}

void TestTranslation::saysWhatTheServiceSays()
{
    QFETCH(QString, english);
    QTEST(serviceSentence(english), "german");
    // Twice, as a snapshot says it each second.
    QTEST(serviceSentence(english), "german");
}

void TestTranslation::leavesAloneWhatNobodyKnows()
{
    for (const char *text : {"charm1", "https://s3.example.org:9000/a%1b", "50 % off and %n and %1",
                             "500 Internal Server Error", "ein Satz: mit Teilen, und noch einem; fertig. Ja"})
        QCOMPARE(serviceSentence(QString::fromUtf8(text)), QString::fromUtf8(text));
    QCOMPARE(serviceSentence(QStringLiteral("is down: %1 100% %2")),
             QStringLiteral("ist ausgefallen: %1 100% %2"));
    const QString flood(100'000, u'x');
    QCOMPARE(serviceSentence(flood), flood);
}

/// A sentence that the service says in other words now would come in English, and nobody would notice.
void TestTranslation::knowsWhatTheServiceStillSays()
{
    static const QRegularExpression place(QStringLiteral("%[1-9]"));
    const QString words = wordsOfTheService();
    QVERIFY(words.size() > 50'000);
    QStringList gone;
    for (const char *phrase : servicePhrases()) {
        const QStringList parts = QString::fromUtf8(phrase).split(place);
        for (const QString &part : parts) {
            constexpr int kMostPieces = 3; // As the service puts a few of them together.
            const int pieces = piecesOf(part, words);
            if (pieces < 0 || pieces > kMostPieces)
                gone.append(QStringLiteral("%1: “%2”").arg(QString::fromUtf8(phrase), part));
        }
    }
    QVERIFY2(gone.isEmpty(), qPrintable(gone.join(u'\n')));
}

QTEST_MAIN(TestTranslation)
#include "tst_translation.moc"
