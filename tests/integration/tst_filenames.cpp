// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "tests/support/cringprocess.h"
#include "tests/support/spin.h"
#include "ui/models/filesfeed.h"

#include <QDirIterator>
#include <QFile>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;

/// The window's list of files, filled by a real service in front of real servers, with names that the real
/// client has encrypted.
class TestFileNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void showsNamesWithTheOwnIdentity();
    void followsWhatClientsDo();
    void writesNamesNowhere();
    void hidesNamesWithoutAnIdentity();

private:
    static QString nameOf(int number) { return QStringLiteral("letters/secret-plan-%1.txt").arg(number); }
    bool store(CharmClient &client, const QString &name) const;
    QStringList names() const;
    void open(const QString &identity);

    CharmCluster m_cluster{3};
    SeededRandom m_random{1};
    std::unique_ptr<CringProcess> m_ring;
    std::unique_ptr<ServiceLink> m_link;
    FilesModel m_files;
    std::unique_ptr<FilesFeed> m_feed;
};

namespace {

constexpr int Limit = 20'000;

} // namespace

void TestFileNames::open(const QString &identity)
{
    m_feed.reset();
    m_link.reset();
    if (m_ring)
        m_ring->stop();
    else
        m_ring = std::make_unique<CringProcess>(m_cluster);
    m_ring->options().configLines = QStringLiteral("[identity]\nkey = \"%1\"\n").arg(identity);
    CRING_OK(m_ring->start());
    const QString socket = m_ring->options().home + QStringLiteral("/run/charmedring/control.sock");
    m_link = std::make_unique<ServiceLink>([socket] { return QStringList{socket}; }, m_random);
    m_feed = std::make_unique<FilesFeed>(*m_link, m_files);
    m_link->start();
    m_feed->start();
    QVERIFY(spinUntil([&] { return m_link->state() == ServiceLink::State::Connected; }, Limit));
}

void TestFileNames::initTestCase()
{
    CRING_OK(m_cluster.start());
    QVERIFY(m_cluster.client().run({QStringLiteral("id")}).exitCode != -1); // The key is there from now on.
    open(QStringLiteral("file:") + m_cluster.client().keyFile());
}

bool TestFileNames::store(CharmClient &client, const QString &name) const
{
    QFile file(client.home() + QStringLiteral("/file"));
    if (!file.open(QIODevice::WriteOnly) || file.write(name.toUtf8()) <= 0)
        return false;
    file.close();
    const auto output = client.run(
        {QStringLiteral("fs"), QStringLiteral("cp"), file.fileName(), QStringLiteral("charm:") + name});
    if (!output.ok())
        qWarning().noquote() << output.text();
    return output.ok();
}

QStringList TestFileNames::names() const
{
    QStringList names;
    for (int row = 0; row < m_files.rowCount(); ++row)
        names.append(QString::fromUtf8(m_files.rowAt(row)->name));
    names.sort();
    return names;
}

void TestFileNames::showsNamesWithTheOwnIdentity()
{
    QVERIFY(store(m_cluster.client(), nameOf(1)));
    QVERIFY2(spinUntil([&] { return names() == QStringList(nameOf(1)); }, Limit),
             qPrintable(m_files.whyHidden()));
    const FileRow &row = *m_files.rowAt(0);
    QCOMPARE(row.wanted, 3);
    QCOMPARE(m_files.accounts().at(row.account), m_cluster.charmId());
    QVERIFY(!row.path().contains("secret"));
    QVERIFY(spinUntil([&] { return m_files.rowAt(0)->copies() == 3 && m_files.rowAt(0)->owed == 0; }, Limit));
}

void TestFileNames::followsWhatClientsDo()
{
    QVERIFY(store(m_cluster.client(), nameOf(2)));
    QVERIFY(spinUntil([&] { return names() == (QStringList{nameOf(1), nameOf(2)}); }, Limit));
    const auto output = m_cluster.client().run(
        {QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:") + nameOf(1)});
    QVERIFY2(output.ok(), output.text().constData());
    QVERIFY(spinUntil([&] { return names() == QStringList(nameOf(2)); }, Limit));
    // A folder goes with all that is in it.
    QVERIFY(m_cluster.client()
                .run({QStringLiteral("fs"), QStringLiteral("rm"), QStringLiteral("charm:letters")})
                .ok());
    QVERIFY(spinUntil([&] { return names().isEmpty(); }, Limit));
    QVERIFY(store(m_cluster.client(), nameOf(3)));
    QVERIFY(spinUntil([&] { return names() == QStringList(nameOf(3)); }, Limit));
}

void TestFileNames::writesNamesNowhere()
{
    int files = 0;
    QDirIterator it(m_ring->options().home, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile file(it.next());
        if (!file.open(QIODevice::ReadOnly))
            continue; // The socket.
        ++files;
        QVERIFY2(!file.readAll().contains("secret-plan"), qPrintable(file.fileName()));
    }
    QVERIFY(files >= 3); // Its log, its configuration, its database.
    const auto listed =
        m_ring->runCommand({QStringLiteral("blobs"), QStringLiteral("list"), QStringLiteral("--json")});
    QCOMPARE(listed.exitCode, 0);
    QVERIFY(!listed.out.contains("secret-plan")); // Nobody asked for names.
}

void TestFileNames::hidesNamesWithoutAnIdentity()
{
    open(QStringLiteral("auto")); // In the ring's own home there is none.
    QVERIFY(spinUntil([&] { return m_files.rowCount() == 1 && m_files.hiddenNames() == 1; }, Limit));
    QVERIFY2(m_files.whyHidden().contains(QStringLiteral("identity")), qPrintable(m_files.whyHidden()));
    // Another person's does not open them either.
    CharmClient *stranger = m_cluster.addStranger();
    stranger->pointAt(m_cluster.at(0).address(), m_cluster.at(0).sshPort(), m_cluster.at(0).httpPort());
    QVERIFY(stranger->run({QStringLiteral("id")}).ok());
    open(QStringLiteral("file:") + stranger->keyFile());
    QVERIFY(spinUntil([&] { return !m_files.isListing() && m_files.isArranged() && m_files.rowCount() == 1; },
                      Limit));
    QVERIFY(spinUntil([&] { return !m_files.whyHidden().isEmpty(); }, Limit));
    QCOMPARE(m_files.hiddenNames(), 1);
}

QTEST_GUILESS_MAIN(TestFileNames)
#include "tst_filenames.moc"
