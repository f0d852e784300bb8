// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/json.h"

#include <QJsonDocument>
#include <QTest>

#include <random>

using namespace cring::charm;

class TestJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void handsOutValuesAsTheyCame();
    void refusesWhatIsNoJson_data();
    void refusesWhatIsNoJson();
    void boundsDepthAndMembers();
    void keepsIntegersWhole();
    void readsStrings();
    void agreesWithQtOnRandomText();
};

void TestJson::handsOutValuesAsTheyCame()
{
    const QByteArray text = R"( { "a" : [ 1, {"b":2} ] , "c\u00e9":"x\"y", "":-1.5e+3 } )";
    const auto members = json::members(text);
    QVERIFY(members);
    QCOMPARE(members->size(), size_t(3));
    QCOMPARE(members->at(0).value, QByteArrayView("[ 1, {\"b\":2} ]"));
    QCOMPARE(members->at(1).key, QByteArray("c\xc3\xa9"));
    QCOMPARE(members->at(1).value, QByteArrayView("\"x\\\"y\""));
    QCOMPARE(members->at(2).value, QByteArrayView("-1.5e+3"));
    const auto elements = json::elements(members->at(0).value);
    QVERIFY(elements);
    QCOMPARE(*elements, (std::vector<QByteArrayView>{"1", "{\"b\":2}"}));
    QCOMPARE(json::members("{}")->size(), size_t(0));
    QCOMPARE(json::elements(" [ ] ")->size(), size_t(0));
    QVERIFY(json::find(*members, "a"));
    QVERIFY(!json::find(*members, "A"));
}

void TestJson::refusesWhatIsNoJson_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"",
                             " ",
                             "null",
                             "[]",
                             "{",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{\"a\":1 \"b\":2}",
                             "{\"a\":1}}",
                             "{\"a\":1} x",
                             "{a:1}",
                             "{'a':1}",
                             "{\"a\":01}",
                             "{\"a\":+1}",
                             "{\"a\":1.}",
                             "{\"a\":.5}",
                             "{\"a\":1e}",
                             "{\"a\":nul}",
                             "{\"a\":tru\"e\"}",
                             "{\"a\":\"\n\"}",
                             "{\"a\":\"\\x\"}",
                             "{\"a\":\"\\u12g4\"}",
                             "{\"a\":\"",
                             "{\"a\":\"\\",
                             "{\"a\":[1,]}",
                             "{\"a\":[1}",
                             "{\"a\":1,\"a\":1}",
                             "{\"a\":1,\"\\u0061\":2}",
                             "\xef\xbb\xbf{}"})
        QTest::addRow("%s", text) << QByteArray(text);
    QTest::addRow("NUL") << QByteArray("{\"a\":1}\0", 8);
}

void TestJson::refusesWhatIsNoJson()
{
    QFETCH(QByteArray, text);
    QVERIFY(!json::members(text));
}

void TestJson::boundsDepthAndMembers()
{
    const auto nested = [](int levels) {
        return "{\"a\":" + QByteArray(levels, '[') + QByteArray(levels, ']') + '}';
    };
    QVERIFY(json::members(nested(31)));
    QVERIFY(!json::members(nested(32)));
    QVERIFY(!json::members(nested(1'000'000)));
    QByteArray many = "{";
    for (int i = 0; i < 256; ++i)
        many += "\"k" + QByteArray::number(i) + "\":0,";
    QVERIFY(json::members(many.chopped(1) + '}'));
    QVERIFY(!json::members(many + "\"x\":0}"));
}

void TestJson::keepsIntegersWhole()
{
    QCOMPARE(json::unsignedInteger("18446744073709551615"), std::optional<quint64>(18446744073709551615u));
    QCOMPARE(json::unsignedInteger("9007199254740993"), std::optional<quint64>(9007199254740993u));
    QCOMPARE(json::unsignedInteger("0"), std::optional<quint64>(0));
    for (const char *bad :
         {"18446744073709551616", "99999999999999999999999", "-1", "1.0", "1e3", "00", "", "\"1\""})
        QVERIFY2(!json::unsignedInteger(bad), bad);
    QCOMPARE(json::integer("-9223372036854775807"), std::optional<qint64>(-9223372036854775807));
    QVERIFY(!json::integer("9223372036854775808"));
    QVERIFY(!json::integer("--1"));
    QVERIFY(!json::integer("-"));
}

void TestJson::readsStrings()
{
    QCOMPARE(json::string("\"ab\""), std::optional<QByteArray>("ab"));
    QCOMPARE(json::string("\"a\\n\\u00e9\\ud83d\\ude00/\""),
             std::optional<QByteArray>("a\n\xc3\xa9\xf0\x9f\x98\x80/"));
    QVERIFY(!json::string("ab"));
    QVERIFY(!json::string("\"ab\" "));
    QVERIFY(!json::string("\"\xff\""));
    QCOMPARE(json::string(json::quoted("q\"\\\n\xc3\xa9")), std::optional<QByteArray>("q\"\\\n\xc3\xa9"));
    const QByteArray escaped = "\"\\u003ca\\u003e\\u0026\\\"\\u2028\"";
    QCOMPARE(json::quotedAsGo("<a>&\"\xe2\x80\xa8"), escaped);
}

void TestJson::agreesWithQtOnRandomText()
{
    std::mt19937 random(7);
    const QList<QByteArray> pieces{"{",     "}", "[",    "]",    ",",    ":", "\"a\"",
                                   "\"b\"", "1", "-2.5", "true", "null", " ", "0"};
    int accepted = 0;
    for (int i = 0; i < 200'000; ++i) {
        QByteArray text = "{";
        for (auto n = random() % 10; n > 0; --n)
            text += pieces[static_cast<qsizetype>(random() % static_cast<unsigned>(pieces.size()))];
        text += '}';
        QJsonParseError error;
        const QJsonDocument document = QJsonDocument::fromJson(text, &error);
        const bool duplicates = text.count("\"a\"") > 1 || text.count("\"b\"") > 1;
        if (duplicates)
            continue;
        QVERIFY2(document.isObject() == json::members(text).has_value(), text.constData());
        accepted += document.isObject();
    }
    QVERIFY(accepted > 100);
}

QTEST_APPLESS_MAIN(TestJson)
#include "tst_json.moc"
