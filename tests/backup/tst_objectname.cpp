// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectname.h"
#include "core/base/random.h"

#include <QCryptographicHash>
#include <QSet>
#include <QTest>

using namespace cring;
using namespace cring::backup;

class TestObjectName : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesFilesAndFolders();
    void refusesWhatIsNoPath_data();
    void refusesWhatIsNoPath();
    void refusesWhatIsNoId_data();
    void refusesWhatIsNoId();
    void longKeysAreHashed();
    void unprintableKeysAreHashed();
    void pathsAreNotTakenOnTrust();
    void foreignKeysAreTold_data();
    void foreignKeysAreTold();
    void goesThereAndBack();
    void everyKeyIsUnderstoodOrForeign();
};

namespace {

const QByteArray Id = "8e5c6a4e-3f1b-4c1e-9a53-0d9e1f1a2b3c";

QByteArray sha256(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

} // namespace

void TestObjectName::namesFilesAndFolders()
{
    QCOMPARE(makeObjectName(Id, "a/b%20c", ObjectKind::File)->key, Id + "/a/b%20c");
    const ObjectName folder = *makeObjectName(Id, "a/b", ObjectKind::Folder);
    QCOMPARE(folder.key, Id + ".folders/" + sha256("a/b"));
    QCOMPARE(folder.body, QByteArray("a/b"));
    QCOMPARE(pathOf(parseKey(folder.key), folder.pathField, false), std::optional(QByteArray("a/b")));
    const ObjectName root = *makeObjectName(Id, "", ObjectKind::Folder);
    QCOMPARE(pathOf(parseKey(root.key), root.body, true), std::optional(QByteArray("")));
    QCOMPARE(*foldersPrefix(Id), Id + ".folders/");
    QVERIFY(makeObjectName(Id, "a", ObjectKind::File)->pathField.isEmpty());
    QVERIFY(makeObjectName(Id, "a", ObjectKind::File)->nameKey.isEmpty());
    QCOMPARE(*plainPrefix(Id), Id + "/");
    QCOMPARE(*hashedPrefix(Id), Id + ".long/");
}

void TestObjectName::refusesWhatIsNoPath_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const QByteArray &path :
         {QByteArray(""), QByteArray("/a"), QByteArray("a/"), QByteArray("a//b"), QByteArray("."),
          QByteArray(".."), QByteArray("../b"), QByteArray("a/../b"), QByteArray("a/.."), QByteArray("a/./b"),
          QByteArray("a\0b", 3), QByteArray(256, 'a'), QByteArray("a/").repeated(2047) + "aaa"})
        QTest::newRow(path.left(20).replace('\0', '0').constData()) << path;
}

void TestObjectName::refusesWhatIsNoPath()
{
    QFETCH(QByteArray, path);
    const auto name = makeObjectName(Id, path, ObjectKind::File);
    QVERIFY(!name);
    QCOMPARE(name.error().code, Code::PathInvalid);
}

void TestObjectName::refusesWhatIsNoId_data()
{
    QTest::addColumn<QByteArray>("id");
    for (const QByteArray &id : {QByteArray(""), QByteArray(".."), QByteArray("a/b"), QByteArray("a.long"),
                                 QByteArray(".charmedring"), QByteArray("a b"), QByteArray(65, 'a')})
        QTest::newRow(id.left(20).constData()) << id;
}

void TestObjectName::refusesWhatIsNoId()
{
    QFETCH(QByteArray, id);
    QVERIFY(!makeObjectName(id, "a", ObjectKind::File));
    QVERIFY(!plainPrefix(id));
    QVERIFY(!hashedPrefix(id));
}

void TestObjectName::longKeysAreHashed()
{
    const QByteArray most = (QByteArray(200, 'x') + '/').repeated(5).left(kMaxKey - Id.size() - 1);
    QCOMPARE(makeObjectName(Id, most, ObjectKind::File)->key.size(), kMaxKey);
    const QByteArray path = most + 'y';
    const ObjectName name = *makeObjectName(Id, path, ObjectKind::File);
    QCOMPARE(name.key, Id + ".long/" + sha256(path));
    QVERIFY(name.nameKey.isEmpty());
    const ParsedKey parsed = parseKey(name.key);
    QCOMPARE(parsed.form, ParsedKey::Form::Hashed);
    QCOMPARE(parsed.charmId, Id);
    QCOMPARE(pathOf(parsed, name.pathField, false), std::optional(path));

    const QByteArray huge = (QByteArray(200, 'z') + '/').repeated(20) + 'z';
    const ObjectName far = *makeObjectName(Id, huge, ObjectKind::File);
    QVERIFY(far.pathField.isEmpty());
    QCOMPARE(far.nameKey, Id + ".long/" + sha256(huge) + ".name");
    const ObjectName folder = *makeObjectName(Id, huge, ObjectKind::Folder);
    QVERIFY(folder.pathField.isEmpty() && folder.nameKey.isEmpty());
    QCOMPARE(parseKey(folder.key).kind, ObjectKind::Folder);
    QCOMPARE(pathOf(parseKey(folder.key), folder.body, true), std::optional(huge));
    QCOMPARE(parseKey(far.nameKey).form, ParsedKey::Form::Name);
    QCOMPARE(pathOf(parseKey(far.key), huge, true), std::optional(huge));
    QCOMPARE(pathOf(parseKey(far.nameKey), huge, true), std::optional(huge));
}

void TestObjectName::unprintableKeysAreHashed()
{
    for (const QByteArray &path : {QByteArray("a\xff"), QByteArray("a\x01z"), QByteArray("\xed\xa0\x80"),
                                   QByteArray("a\xc2\x85"), QByteArray("\xef\xbf\xbf")}) {
        const ObjectName name = *makeObjectName(Id, path, ObjectKind::File);
        QCOMPARE(name.key, Id + ".long/" + sha256(path));
        QCOMPARE(pathOf(parseKey(name.key), name.pathField, false), std::optional(path));
    }
    QCOMPARE(makeObjectName(Id, "\xc3\xa4", ObjectKind::File)->key, Id + "/\xc3\xa4");
}

void TestObjectName::pathsAreNotTakenOnTrust()
{
    const ParsedKey key = parseKey(Id + ".long/" + sha256("a/b"));
    QVERIFY(pathOf(key, "a/b", true));
    QVERIFY(!pathOf(key, "a/c", true));
    QVERIFY(!pathOf(key, "not base64!", false));
    const ParsedKey climbing = parseKey(Id + ".long/" + sha256("../b"));
    QVERIFY(!pathOf(climbing, "../b", true));
}

void TestObjectName::foreignKeysAreTold_data()
{
    QTest::addColumn<QByteArray>("key");
    for (const QByteArray &key : {QByteArray(""),
                                  QByteArray("file"),
                                  Id,
                                  QByteArray("/a"),
                                  QByteArray("a b/c"),
                                  Id + "//",
                                  Id + "/",
                                  Id + "/a/",
                                  Id + ".folders/",
                                  Id + ".folders/" + sha256("a") + ".name",
                                  Id + "/a//b",
                                  Id + "/../x",
                                  Id + "/a/..",
                                  Id + "/./",
                                  Id + ".long/",
                                  Id + ".long/abc",
                                  Id + ".long/" + sha256("a").toUpper(),
                                  Id + ".long/" + sha256("a") + "/name",
                                  Id + ".long/" + sha256("a") + "//",
                                  Id + ".other/a",
                                  QByteArray("x.long.long/") + sha256("a"),
                                  Id + '/' + QByteArray(300, 'a'),
                                  Id + "/a\xff",
                                  QByteArray("../") + Id})
        QTest::newRow(QByteArray(key.left(60)).replace('\xff', '?').constData()) << key;
}

void TestObjectName::foreignKeysAreTold()
{
    QFETCH(QByteArray, key);
    QCOMPARE(parseKey(key).form, ParsedKey::Form::Foreign);
    QCOMPARE(parseKey(QByteArray(kOwnPrefix) + key).form, ParsedKey::Form::Own);
}

void TestObjectName::goesThereAndBack()
{
    SeededRandom random(7);
    QSet<QByteArray> keys;
    QSet<QByteArray> files;
    for (int i = 0; i < 20'000; ++i) {
        QByteArray path;
        const quint64 parts = 1 + random.below(i % 50 == 0 ? 20 : 5);
        for (quint64 part = 0; part < parts; ++part) {
            QByteArray name;
            for (quint64 size = 1 + random.below(i % 50 == 0 ? 200 : 12); size > 0; --size) {
                const bool any = random.below(20) == 0;
                const auto byte = static_cast<char>(any ? 1 + random.below(255) : 33 + random.below(94));
                name += byte == '/' ? '%' : byte;
            }
            if (name == "." || name == "..")
                name += '_';
            path += (part == 0 ? "" : "/") + name;
        }
        const ObjectKind kind = random.below(3) == 0 ? ObjectKind::Folder : ObjectKind::File;
        const auto name = makeObjectName(Id, path, kind);
        QVERIFY2(name.ok(), path.constData());
        QVERIFY(name->key.size() <= kMaxKey);
        QVERIFY(name->key.startsWith(Id + '/') || name->key.startsWith(Id + ".long/") ||
                name->key.startsWith(Id + ".folders/"));
        QVERIFY(name->pathField.size() <= 1'600);
        const ParsedKey parsed = parseKey(name->key);
        QCOMPARE(parsed.charmId, Id);
        QCOMPARE(parsed.kind, kind);
        if (parsed.form == ParsedKey::Form::Plain) {
            QCOMPARE(parsed.path, path);
        } else {
            QCOMPARE(parsed.form, ParsedKey::Form::Hashed);
            QCOMPARE(name->pathField.isEmpty() ? pathOf(parsed, path, true)
                                               : pathOf(parsed, name->pathField, false),
                     std::optional(path));
        }
        files.insert(path + (kind == ObjectKind::Folder ? "/" : ""));
        keys.insert(name->key);
    }
    QCOMPARE(keys.size(), files.size());
}

void TestObjectName::everyKeyIsUnderstoodOrForeign()
{
    SeededRandom random(11);
    static const QList<QByteArray> kPieces{Id,   "/", ".folders/", ".long/", sha256("a"),     ".name", "a",
                                           "..", ".", "\xff",      "%2e",    ".charmedring/", "\n",    " "};
    for (int i = 0; i < 50'000; ++i) {
        QByteArray key;
        for (quint64 n = random.below(7); n > 0; --n)
            key += kPieces.at(static_cast<qsizetype>(random.below(static_cast<quint64>(kPieces.size()))));
        const ParsedKey parsed = parseKey(key);
        if (parsed.form == ParsedKey::Form::Plain)
            QCOMPARE(makeObjectName(parsed.charmId, parsed.path, parsed.kind)->key, key);
        if (parsed.form == ParsedKey::Form::Hashed)
            QVERIFY(key == parsed.charmId + (parsed.kind == ObjectKind::Folder ? ".folders/" : ".long/") +
                               parsed.hash);
    }
}

QTEST_APPLESS_MAIN(TestObjectName)
#include "tst_objectname.moc"
