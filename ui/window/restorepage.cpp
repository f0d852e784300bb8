// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/restorepage.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/tables.h"
#include "ui/window/page.h"
#include "ui/window/restorewords.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QDir>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>

namespace cring::ui {

using models::Restore;
using models::RestoreChoice;
using models::ServiceLink;
using models::VersionsModel;
using models::Wording;

namespace {

constexpr std::chrono::milliseconds kAskAfter{300};
/// Below this many characters' widths the cards stand one below the other.
constexpr int kWideChars = 100;

} // namespace

RestorePage::RestorePage(models::RingModels &ring, QWidget *parent)
    : QWidget(parent)
    , m_ring(ring)
    , m_restore(ring.link)
    , m_stack(new QStackedWidget(this))
    , m_cards(new QGridLayout)
{
    auto *content = new QWidget;
    content->setLayout(m_cards);
    m_cards->setContentsMargins(0, 0, 0, 0);
    m_cards->setSpacing(4 * spacingStep);
    m_cards->addWidget(makeWhat(), 0, 0, 1, 2);
    m_when = makeWhen();
    m_where = makeWhere();
    arrange(true);
    m_cards->addWidget(makeResult(), 3, 0, 1, 2);
    m_cards->setRowStretch(0, 1);
    auto *scroll = new QScrollArea(m_stack);
    // Once the layout has room for the new words.
    const auto showResult = [this, scroll] {
        scroll->ensureWidgetVisible(m_result);
    };
    connect(&m_restore, &Restore::changed, scroll, showResult, Qt::QueuedConnection);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(content);
    scroll->setFocusPolicy(Qt::NoFocus);
    m_stack->addWidget(scroll);
    m_stack->addWidget(
        makeEmptyState(tr("No backup yet"),
                       tr("There is no bucket to bring anything back from. What the servers hold is "
                          "repaired from each other: see Files."),
                       m_stack));
    QVBoxLayout *layout = makePage(this, tr("Restore"), makeActionsRow());
    layout->addWidget(m_stack, 1);
    m_ask.setSingleShot(true);
    connect(&m_ask, &QTimer::timeout, this, &RestorePage::askVersions);
    connect(&m_restore, &Restore::changed, this, &RestorePage::showState);
    connect(&m_restore, &Restore::versionsChanged, this, &RestorePage::showVersions);
    connect(&ring.link, &ServiceLink::snapshotChanged, this, &RestorePage::showSnapshot);
    connect(&ring.link, &ServiceLink::stateChanged, this, &RestorePage::showState);
    showSnapshot();
    showVersions();
    showChoice();
}

void RestorePage::arrange(bool wide)
{
    m_cards->removeWidget(m_when);
    m_cards->removeWidget(m_where);
    m_cards->addWidget(m_when, 1, 0, 1, wide ? 1 : 2);
    m_cards->addWidget(m_where, wide ? 1 : 2, wide ? 1 : 0, 1, wide ? 1 : 2);
}

void RestorePage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange(width() >= kWideChars * fontMetrics().averageCharWidth());
}

QWidget *RestorePage::makeActionsRow()
{
    QWidget *actions = makeActions(this);
    m_preview =
        addButton(actions, tr("Pre&view"), tr("Counts what would be brought back, and changes nothing"));
    m_begin = addButton(actions, tr("&Restore…"));
    m_cancel = addButton(actions, tr("&End"), tr("What is brought back stays"));
    connect(m_preview, &QPushButton::clicked, this, &RestorePage::preview);
    connect(m_begin, &QPushButton::clicked, this, &RestorePage::askBegin);
    connect(m_cancel, &QPushButton::clicked, &m_restore, &Restore::cancel);
    return actions;
}

Card *RestorePage::makeWhat()
{
    auto *card = new Card(tr("What"), this);
    auto *row = new QHBoxLayout;
    auto *label = new QLabel(tr("&File or folder:"), card);
    m_path = new QLineEdit(card);
    m_path->setAccessibleName(tr("File or folder"));
    m_path->setPlaceholderText(tr("everything"));
    m_path->setToolTip(tr("As Files shows it on the servers: the account's id, a slash, and the path"));
    m_path->setClearButtonEnabled(true);
    label->setBuddy(m_path);
    auto *find = new QPushButton(tr("Loo&k in Files…"), card);
    find->setAccessibleName(tr("Look in Files"));
    m_backup = new QComboBox(card);
    m_backup->setAccessibleName(tr("Backup"));
    row->addWidget(label);
    row->addWidget(m_path, 1);
    row->addWidget(find);
    row->addWidget(m_backup);
    m_name = new QLabel(card);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setWordWrap(true);
    m_versions = makeTable(tr("Versions"), card);
    m_versions->setModel(&m_restore.versions());
    m_versions->setMinimumHeight(fontMetrics().height() * 7);
    QHeaderView *header = m_versions->horizontalHeader();
    header->resizeSection(VersionsModel::When, fontMetrics().averageCharWidth() * 26);
    header->resizeSection(VersionsModel::What, fontMetrics().averageCharWidth() * 26);
    header->setStretchLastSection(true);
    m_versionsWords = mutedLabel(card);
    card->body()->addLayout(row);
    card->body()->addWidget(m_name);
    card->body()->addWidget(m_versions, 1);
    card->body()->addWidget(m_versionsWords);
    card->body()->addStretch(0); // Below the words while there is no table.
    connect(m_path, &QLineEdit::textChanged, this, [this] {
        showChoice();
        m_ask.start(kAskAfter);
    });
    connect(find, &QPushButton::clicked, this, &RestorePage::filesWanted);
    connect(m_backup, &QComboBox::currentIndexChanged, this, [this] {
        showChoice();
        m_ask.start(kAskAfter);
    });
    connect(m_versions->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &RestorePage::takeVersion);
    return card;
}

Card *RestorePage::makeWhen()
{
    auto *card = new Card(tr("As of when"), this);
    m_asNow = new QRadioButton(tr("As the backup has it &now"), card);
    m_asNow->setAccessibleName(tr("As the backup has it now"));
    m_asThen = new QRadioButton(tr("As it was &on"), card);
    m_asThen->setAccessibleName(tr("As it was on"));
    auto *group = new QButtonGroup(card);
    group->addButton(m_asNow);
    group->addButton(m_asThen);
    m_then = new QDateTimeEdit(card);
    m_then->setAccessibleName(tr("Date and time"));
    m_then->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    m_then->setCalendarPopup(true);
    auto *row = new QHBoxLayout;
    row->addWidget(m_asThen);
    row->addWidget(m_then);
    row->addStretch(1);
    card->body()->addWidget(m_asNow);
    card->body()->addLayout(row);
    card->body()->addStretch(1);
    m_asNow->setChecked(true);
    connect(m_asNow, &QRadioButton::toggled, this, &RestorePage::showChoice);
    connect(m_then, &QDateTimeEdit::dateTimeChanged, this, &RestorePage::showChoice);
    return card;
}

Card *RestorePage::makeWhere()
{
    auto *card = new Card(tr("Where to"), this);
    m_toServers = new QRadioButton(tr("To the &servers, in its place"), card);
    m_toServers->setAccessibleName(tr("To the servers, in its place"));
    m_toFolder = new QRadioButton(tr("To a fol&der"), card);
    m_toFolder->setAccessibleName(tr("To a folder"));
    m_toFolder->setToolTip(tr("As the servers have it: names and contents stay encrypted"));
    auto *group = new QButtonGroup(card);
    group->addButton(m_toServers);
    group->addButton(m_toFolder);
    m_folder = new QLineEdit(card);
    m_folder->setAccessibleName(tr("Folder"));
    m_folder->setText(QDir::homePath() + QStringLiteral("/charm-restored"));
    m_browse = new QPushButton(tr("C&hoose…"), card);
    m_browse->setAccessibleName(tr("Choose a folder"));
    auto *row = new QHBoxLayout;
    row->addWidget(m_toFolder);
    row->addWidget(m_folder, 1);
    row->addWidget(m_browse);
    card->body()->addWidget(m_toServers);
    card->body()->addLayout(row);
    card->body()->addStretch(1);
    m_toFolder->setChecked(true);
    connect(m_toFolder, &QRadioButton::toggled, this, &RestorePage::showChoice);
    connect(m_folder, &QLineEdit::textChanged, this, &RestorePage::showChoice);
    connect(m_browse, &QPushButton::clicked, this, &RestorePage::browse);
    return card;
}

Card *RestorePage::makeResult()
{
    auto *card = new Card(tr("What it means"), this);
    m_progress = new QProgressBar(card);
    m_progress->setAccessibleName(tr("Progress of the restore"));
    m_progress->setTextVisible(false);
    m_result = new QLabel(card);
    m_result->setObjectName(QStringLiteral("result"));
    m_result->setTextFormat(Qt::PlainText);
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    card->body()->addWidget(m_result);
    card->body()->addWidget(m_progress);
    return card;
}

void RestorePage::showFile(const QString &path, const QString &name)
{
    m_shownPath = path;
    m_name->setText(name);
    m_path->setText(path);
    m_path->setFocus();
}

void RestorePage::showSnapshot()
{
    const models::SnapshotPtr &snapshot = m_ring.link.snapshot();
    QStringList names;
    if (snapshot) {
        for (const control::BackupStatus &backup : snapshot->backups)
            names.append(backup.name);
    }
    m_stack->setCurrentIndex(snapshot && names.isEmpty() ? NoBackup : Choosing);
    QStringList shown;
    for (int i = 0; i < m_backup->count(); ++i)
        shown.append(m_backup->itemText(i));
    if (shown != names) {
        const QString before = m_backup->currentText();
        m_backup->clear();
        m_backup->addItems(names);
        m_backup->setCurrentText(before);
    }
    m_backup->setVisible(names.size() > 1);
    if (snapshot && m_then->property("set").isNull()) {
        m_then->setProperty("set", true);
        m_then->setDateTime(QDateTime::fromMSecsSinceEpoch(snapshot->takenMs));
    }
    showState();
}

void RestorePage::askVersions()
{
    // An account alone has no versions.
    const QString path = m_path->text().trimmed();
    const bool isFile = path.indexOf(u'/') > 0 && !path.endsWith(u'/');
    if (m_ring.link.state() == ServiceLink::State::Connected)
        m_restore.askVersions(isFile ? path : QString(), m_backup->currentText());
}

void RestorePage::showVersions()
{
    const bool any = m_restore.versions().rowCount() > 0;
    QString words;
    if (!m_restore.versionsProblem().isEmpty())
        words = m_restore.versionsProblem();
    else if (m_restore.isAsking())
        words = tr("Asking the backup…");
    else if (m_path->text().trimmed().isEmpty())
        words = tr("All files of all accounts. For the versions of one file, look for it in Files.");
    else if (!any)
        words =
            tr("The backup has no version of a file there. If it is a folder, Preview counts what is in it.");
    else
        words = tr("Choose a version to bring the file back as it was then.");
    m_versionsWords->setText(words);
    m_versions->setVisible(any);
}

void RestorePage::takeVersion()
{
    const QModelIndexList rows = m_versions->selectionModel()->selectedRows();
    const models::VersionRow *row = rows.isEmpty() ? nullptr : m_restore.versions().rowAt(rows.first().row());
    if (!row)
        return;
    m_then->setDateTime(QDateTime::fromMSecsSinceEpoch(row->modifiedMs));
    (row->current ? m_asNow : m_asThen)->setChecked(true);
}

std::optional<RestoreChoice> RestorePage::choice()
{
    RestoreChoice choice;
    choice.backup = m_backup->count() > 1 ? m_backup->currentText() : QString();
    choice.path = m_path->text().trimmed();
    m_problem.clear();
    if (m_asThen->isChecked()) {
        // To the end of that second: the bucket knows no finer time, and we show none.
        constexpr qint64 kSecond = 1'000;
        choice.atMs = m_then->dateTime().toMSecsSinceEpoch() / kSecond * kSecond + kSecond - 1;
    }
    if (m_toFolder->isChecked()) {
        choice.folder = QDir::cleanPath(m_folder->text().trimmed());
        if (!QDir::isAbsolutePath(choice.folder))
            m_problem = tr("The folder has to be written whole, from / on.");
    }
    return m_problem.isEmpty() ? std::optional(choice) : std::nullopt;
}

void RestorePage::showChoice()
{
    m_then->setEnabled(m_asThen->isChecked());
    m_folder->setEnabled(m_toFolder->isChecked());
    m_browse->setEnabled(m_toFolder->isChecked());
    if (m_path->text().trimmed() != m_shownPath)
        m_name->clear();
    m_name->setVisible(!m_name->text().isEmpty());
    showState();
}

void RestorePage::showState()
{
    const auto wanted = choice();
    const Restore::State state = m_restore.state();
    const bool busy = state == Restore::State::Counting || state == Restore::State::Running;
    const bool connected = m_ring.link.state() == ServiceLink::State::Connected;
    const bool counted = wanted && state == Restore::State::Counted && m_restore.choice() == *wanted;
    m_preview->setEnabled(connected && wanted && !busy);
    m_begin->setEnabled(connected && counted && m_restore.outcome().files + m_restore.outcome().folders > 0);
    m_begin->setToolTip(counted ? QString() : tr("Look at the preview first"));
    m_cancel->setEnabled(connected && busy);
    m_progress->setVisible(busy);
    const auto fraction = m_restore.fraction();
    constexpr int kWhole = 1'000;
    m_progress->setRange(0, fraction ? kWhole : 0);
    m_progress->setValue(fraction ? static_cast<int>(*fraction * kWhole) : 0);
    m_result->setText(m_problem.isEmpty() ? RestoreWords::of(m_restore) : m_problem);
}

void RestorePage::browse()
{
    auto *dialog = new QFileDialog(this, tr("Where to"), m_folder->text());
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, m_folder, &QLineEdit::setText);
    dialog->open();
}

void RestorePage::preview()
{
    if (const auto wanted = choice())
        m_restore.count(*wanted);
}

/// A folder that is new gets what is asked for; on the servers something may be written over.
void RestorePage::askBegin()
{
    const auto wanted = choice();
    if (!wanted)
        return;
    auto *box = new QMessageBox(QMessageBox::Question, tr("Restore"),
                                tr("Bring back %1?").arg(Wording::files(m_restore.outcome().files)),
                                QMessageBox::Cancel, this);
    box->setInformativeText(RestoreWords::counted(m_restore));
    QPushButton *yes = box->addButton(tr("&Bring back"), QMessageBox::AcceptRole);
    if (wanted->folder.isEmpty())
        box->setDefaultButton(QMessageBox::Cancel);
    else
        box->setDefaultButton(yes);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(yes, &QPushButton::clicked, this, [this, choice = *wanted] { m_restore.begin(choice); });
    box->open();
}

} // namespace cring::ui
