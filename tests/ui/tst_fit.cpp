// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "tests/support/cringprocess.h"
#include "tests/ui/cuttexts.h"
#include "ui/settings/backupdialog.h"
#include "ui/settings/settingsdialog.h"
#include "ui/translation.h"
#include "ui/tray/stopquestion.h"
#include "ui/window/kitdialog.h"
#include "ui/window/mainwindow.h"
#include "ui/window/serverdialog.h"
#include "ui/wizard/wizard.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QPushButton>
#include <QSettings>
#include <QTest>
#include <QTranslator>

using namespace cring;
using namespace cring::models;
using namespace cring::test;
using namespace cring::ui;

namespace {

constexpr int kLimit = 20'000;
/// Less a panel, and a frame.
constexpr QSize kScreen{1900, 1000};

control::JobStatus job(qint64 id, const char *kind, const char *state, qint64 done,
                       std::optional<qint64> total)
{
    return {id,   QString::fromLatin1(kind), QString::fromLatin1(state), QStringLiteral("comparing"), done,
            total};
}

/// With something in every corner.
control::Snapshot fullSnapshot()
{
    control::Snapshot snapshot = wellSnapshot();
    takeDown(snapshot, 1, 6 * 60'000);
    snapshot.backends[0].primary = true;
    for (control::BackendStatus &backend : snapshot.backends) {
        backend.files = 12'841;
        backend.missing = 0;
    }
    snapshot.backends[1].files = 12'798;
    snapshot.backends[1].missing = 43;
    snapshot.backends[1].owed = 43;
    snapshot.copies = {0, 0, 43, 12'798};
    snapshot.countedMs = snapshot.takenMs - 60'000;
    snapshot.httpAddress = QStringLiteral("localhost:35354");
    snapshot.findings = 3;
    snapshot.conflicts = 1;
    snapshot.requests = {{QStringLiteral("upload"), 812, 3, 0, 0, 2},
                         {QStringLiteral("download"), 4'012, 0, 0, 0, 1}};
    snapshot.jobs = {job(1, "scrub", "running", 120, 12'841), job(2, "deep-verify", "paused", 5'000, 12'841)};
    control::BackupStatus backup = idleBackup(QStringLiteral("offsite"));
    backup.url = QStringLiteral("https://s3.eu-central-1.example.org");
    backup.objects = 12'810;
    backup.owed = 31;
    backup.oldestMs = snapshot.takenMs - 40'000;
    backup.verifiedMs = snapshot.takenMs - 240'000;
    snapshot.backups.append(backup);
    return snapshot;
}

} // namespace

/// Every page, dialog and step of the wizard can be read in full, with letters twice as large as well, on a
/// screen of an ordinary size, and in each language that the window speaks. The service is a control server
/// that says what there is; the configuration is read by the real program.
class TestFit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { installTranslations(*qApp, QLocale::c()); } // The rows are of what it brings.
    void init();
    void cleanup();
    void pages_data() { rows(); }
    void pages();
    void emptyPages_data() { rows(); }
    void emptyPages();
    void settings_data() { rows(); }
    void settings();
    void dialogs_data() { rows(); }
    void dialogs();
    void wizard_data() { rows(); }
    void wizard();
    void theTestCanFail();

private:
    static void rows();
    void begin(const control::Snapshot &snapshot);
    void fits(QWidget &window, const QString &where);
    QString path(const char *name) const { return m_folder->filePath(QLatin1String(name)); }

    std::unique_ptr<QTemporaryDir> m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    QFont m_font;
    QStringList m_cut;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<RingModels> m_ring;
    std::unique_ptr<ServiceCommands> m_commands;
    std::unique_ptr<Configuration> m_configuration;
};

#define FITS() QVERIFY2(m_cut.isEmpty(), qPrintable(m_cut.join(u'\n')))

void TestFit::rows()
{
    QTest::addColumn<QString>("language");
    QTest::addColumn<double>("scale");
    QStringList languages{QStringLiteral("en_GB")};
    if (QFile::exists(QStringLiteral(":/charmedring/translations/charmedring_de.qm")))
        languages.append(QStringLiteral("de_DE"));
    for (const QString &language : std::as_const(languages)) {
        for (const double scale : {1.0, 2.0})
            QTest::addRow("%s %d %%", qPrintable(language), static_cast<int>(scale * 100))
                << language << scale;
    }
}

void TestFit::init()
{
    m_cut.clear();
    m_font = QApplication::font();
    m_folder = std::make_unique<QTemporaryDir>();
    for (const char *name : {"XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"})
        qputenv(name, QFile::encodeName(m_folder->path()));
    QFile config(path("c.toml"));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write("[[server]]\nname = \"charm1\"\nurl = \"http://charm1.example.org:35354\"\n"
                 "[[server]]\nname = \"charm2\"\nurl = \"http://charm2.example.org:35354\"\n"
                 "[[backup]]\nname = \"offsite\"\nurl = \"https://s3.example.org\"\nbucket = \"charm\"\n"
                 "access_key = \"env\"\nsecret_key = \"env\"\n");
}

void TestFit::cleanup()
{
    m_configuration.reset();
    m_commands.reset();
    m_ring.reset();
    m_server.reset();
    QApplication::setFont(m_font);
}

/// In the row's language, with letters of its size.
void TestFit::begin(const control::Snapshot &snapshot)
{
    const QList<QTranslator *> before = qApp->findChildren<QTranslator *>();
    qDeleteAll(before);
    QFETCH(QString, language);
    QFETCH(double, scale);
    QLocale::setDefault(QLocale(language));
    installTranslations(*qApp, QLocale());
    QFont font = m_font;
    font.setPointSizeF(font.pointSizeF() * scale);
    QApplication::setFont(font);
    m_server =
        std::make_unique<control::Server>(control::ServerOptions{.path = path("s"), .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this, snapshot](const control::CallPtr &call) {
        call->reply({});
        call->subscribe(QStringLiteral("status"))->notify(QStringLiteral("status"), snapshot.toJson());
    });
    QVERIFY(m_server->listen().ok());
    m_ring = std::make_unique<RingModels>([this] { return QStringList{path("s")}; }, m_clock, m_random);
    m_commands = std::make_unique<ServiceCommands>(m_ring->link);
    m_configuration = std::make_unique<Configuration>(
        m_ring->link, Cring(CringProcess::program(), path("c.toml"), path("s")));
    m_ring->start();
    QTRY_VERIFY_WITH_TIMEOUT(m_ring->link.snapshot(), kLimit);
    m_configuration->refresh();
    QTRY_VERIFY_WITH_TIMEOUT(m_configuration->isKnown(), kLimit);
}

void TestFit::fits(QWidget &window, const QString &where)
{
    for (int turn = 0; turn < 2; ++turn)
        QTest::qWait(1); // Layouts are made in the next turns; there is no other sign of it.
    const QStringList cut = cutTexts(window, kScreen);
    for (const QString &line : cut)
        m_cut.append(where + QStringLiteral(" | ") + line);
}

void TestFit::pages()
{
    begin(fullSnapshot());
    MainWindow window(*m_ring, *m_commands, *m_configuration);
    window.resize(QSize(window.fontMetrics().averageCharWidth() * 178, window.fontMetrics().height() * 46)
                      .boundedTo(kScreen));
    window.show();
    for (int page = 0; page < window.pageCount(); ++page) {
        window.showPage(page);
        fits(window, QStringLiteral("page %1").arg(page + 1));
    }
    FITS();
}

void TestFit::emptyPages()
{
    control::Snapshot nothing;
    nothing.takenMs = sampleMs;
    nothing.replicas = 3;
    begin(nothing);
    MainWindow window(*m_ring, *m_commands, *m_configuration);
    window.resize(QSize(window.fontMetrics().averageCharWidth() * 178, window.fontMetrics().height() * 46)
                      .boundedTo(kScreen));
    window.show();
    for (int page = 0; page < window.pageCount(); ++page) {
        window.showPage(page);
        fits(window, QStringLiteral("empty page %1").arg(page + 1));
    }
    FITS();
}

void TestFit::settings()
{
    begin(fullSnapshot());
    QSettings file(path("window.conf"), QSettings::IniFormat);
    NotificationChoices notices(file);
    DesktopChoices desktop(file);
    SettingsDialog dialog(*m_configuration, Autostart::ofThisProcess());
    dialog.addChoices(notices, desktop);
    dialog.show();
    dialog.resize(QSize(dialog.fontMetrics().averageCharWidth() * 125, dialog.fontMetrics().height() * 34)
                      .boundedTo(kScreen));
    for (int section = 0; section < dialog.sectionCount(); ++section) {
        dialog.showSection(section);
        fits(dialog, QStringLiteral("settings %1").arg(section + 1));
    }
    FITS();
}

void TestFit::dialogs()
{
    begin(fullSnapshot());
    ServerDialog add(*m_configuration, {}, nullptr);
    ServerDialog edit(*m_configuration, QStringLiteral("charm1"), nullptr);
    BackupDialog bucket(*m_configuration, {}, nullptr);
    BackupDialog change(*m_configuration, QStringLiteral("offsite"), nullptr);
    KitDialog kit(m_configuration->cring(), {});
    const std::unique_ptr<QMessageBox> stop(makeStopQuestion(m_ring->link.snapshot(), nullptr));
    for (QWidget *dialog : QList<QWidget *>{&add, &edit, &bucket, &change, &kit, stop.get()}) {
        dialog->show();
        // As a window manager on a larger screen has it: the one of the platform is small.
        dialog->resize(dialog->sizeHint().expandedTo(dialog->minimumSizeHint()).boundedTo(kScreen));
        fits(*dialog, dialog->windowTitle());
        dialog->hide();
    }
    FITS();
}

void TestFit::wizard()
{
    begin(fullSnapshot());
    for (int place = SetupWizard::ModePlace; place <= SetupWizard::TryPlace; ++place) {
        SetupWizard wizard(*m_configuration, Autostart::ofThisProcess());
        wizard.setAttribute(Qt::WA_DeleteOnClose, false);
        wizard.setStartId(place);
        wizard.show();
        wizard.resize(QSize(wizard.fontMetrics().averageCharWidth() * 105, wizard.fontMetrics().height() * 42)
                          .boundedTo(kScreen));
        fits(wizard, QStringLiteral("wizard %1").arg(place));
        wizard.hide();
    }
    FITS();
}

void TestFit::theTestCanFail()
{
    QWidget window;
    window.resize(300, 200);
    auto *narrow = new QPushButton(QStringLiteral("Much longer than that"), &window);
    narrow->setGeometry(10, 10, 40, 30);
    auto *outside = new QPushButton(QStringLiteral("A"), &window);
    outside->setGeometry(250, 50, 80, 30);
    window.show();
    QCOMPARE(cutTexts(window, {200, 100}).size(), 3);
    narrow->adjustSize();
    outside->move(100, 50);
    QCOMPARE(cutTexts(window, {800, 800}), QStringList());
}

QTEST_MAIN(TestFit)
#include "tst_fit.moc"
