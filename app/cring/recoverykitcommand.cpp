// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/recoverykitcommand.h"

#include "app/cring/standardinput.h"
#include "core/backup/qrpicture.h"
#include "core/config/secretfile.h"
#include "core/control/snapshot.h"
#include "core/service/recoverykitmethods.h"
#include "core/service/statedirectory.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>

#include <unistd.h>

namespace cring::app {

using backup::KitRecord;
using backup::RecoveryKit;

namespace {

constexpr const char *kSet = "recoverykit.set";
constexpr const char *kConfirm = "recoverykit.confirm";
const QString kPictureSuffix = QStringLiteral(".svg");

QString dayOf(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString nameOf(const QByteArray &publicHalf)
{
    return QString::fromLatin1(backup::kitName(publicHalf));
}

} // namespace

Result<RecoveryKit> readKit(const QString &place, Terminal &terminal, bool quiet)
{
    if (place == QLatin1String("-")) {
        if (::isatty(STDIN_FILENO) != 0 && !quiet)
            terminal.advise(QStringLiteral("Type the two lines of the kit, then Ctrl-D."));
        const auto text = readStandardInput(RecoveryKit::kLongestText + 1);
        if (!text)
            return text.error();
        return RecoveryKit::parse(text->view());
    }
    QFile file(place);
    Secret text(RecoveryKit::kLongestText + 1);
    const qint64 size =
        file.open(QIODevice::ReadOnly | QIODevice::Unbuffered) ? file.read(text.data(), text.size()) : -1;
    if (size < 0)
        return Error{Code::SecretUnreadable,
                     QStringLiteral("%1 cannot be read: %2").arg(place, file.errorString())};
    text.truncate(size);
    return RecoveryKit::parse(text.view());
}

// ---- what all share ----

void RecoveryKitCommand::handleRing(const Ring &ring)
{
    if (!hasService()) {
        const auto state = service::stateDirectory();
        const auto record = state ? KitRecord::read(*state) : Result<std::optional<KitRecord>>(state.error());
        if (!record)
            fail(record.error());
        else
            handleKit(ring, *record);
        return;
    }
    m_asked = true;
    call(QStringLiteral("recoverykit.show"), {}, [this, ring](const QJsonObject &answer) {
        m_asked = false;
        const QByteArray key =
            QByteArray::fromBase64(answer.value(QLatin1String("publicKey")).toString().toLatin1());
        std::optional<KitRecord> record;
        if (!key.isEmpty())
            record = KitRecord{key, answer.value(QLatin1String("madeMs")).toInteger(),
                               answer.value(QLatin1String("checkedMs")).toInteger()};
        handleKit(ring, record);
    });
}

void RecoveryKitCommand::handleServiceGone()
{
    if (m_asked)
        fail({Code::ControlUnavailable, QStringLiteral("the service has stopped meanwhile; run this again")});
}

void RecoveryKitCommand::change(const char *method, const QByteArray &publicHalf,
                                const std::function<void()> &then)
{
    if (hasService()) {
        m_asked = true;
        // A person has agreed to replace one that is there.
        call(QString::fromLatin1(method),
             {{QStringLiteral("publicKey"), QString::fromLatin1(publicHalf.toBase64())},
              {QStringLiteral("replace"), true}},
             [this, then](const QJsonObject &) {
                 m_asked = false;
                 then();
             });
        return;
    }
    if (const Status status = changeFile(method, publicHalf); !status)
        fail(status.error());
    else
        then();
}

Status RecoveryKitCommand::changeFile(const char *method, const QByteArray &publicHalf) const
{
    const auto state = service::stateDirectory();
    if (!state)
        return state.error();
    const qint64 now = m_clock.wall().count();
    if (qstrcmp(method, kSet) == 0)
        return KitRecord{publicHalf, now, 0}.write(*state);
    auto record = KitRecord::read(*state);
    if (!record)
        return record.error();
    if (const Status same = backup::checkKit(*record, publicHalf); !same)
        return same;
    (*record)->confirmedMs = now;
    return (*record)->write(*state);
}

// ---- create ----

RecoveryKitCreateCommand::RecoveryKitCreateCommand(ServiceCommandContext context, config::Config configured,
                                                   QString file, bool yes)
    : RecoveryKitCommand(std::move(context), std::move(configured))
    , m_file(file.isEmpty() ? QString() : QFileInfo(file).absoluteFilePath())
    , m_yes(yes)
{
}

void RecoveryKitCreateCommand::handleKit(const Ring &ring, const std::optional<KitRecord> &record)
{
    if (m_file.isEmpty() && json()) {
        fail({Code::ControlBadParams,
              QStringLiteral("say with --out which file the kit goes into: --json prints no "
                             "secret")});
        return;
    }
    if (record &&
        !isConfirmed(QStringLiteral("There is a recovery kit already, %1. With a new one, snapshots that "
                                    "were made until now are opened by the old one alone: keep both. Make "
                                    "a new one?")
                         .arg(nameOf(record->publicHalf)),
                     m_yes))
        return;
    QList<backup::KitPlace> places;
    for (const config::Backup &backup : ring.config.backups)
        places.append({backup.url, backup.bucket, backup.region, backup.addressing, backup.caFile});
    const auto kit = std::make_shared<const RecoveryKit>(RecoveryKit::make());
    const auto page = std::make_shared<const Secret>(backup::kitPage(*kit, places, clock().wall()));
    const auto picture = backup::QrPicture::of(kit->lines(false).view());
    if (const Status written = writeFiles(*page, picture ? picture->svg() : QByteArray()); !written) {
        fail(written.error());
        return;
    }
    // Only what a person has can be sealed to.
    change(kSet, kit->publicHalf(), [this, kit, page, blocks = picture ? picture->halfBlocks() : QString()] {
        report(*kit, *page, blocks);
    });
}

Status RecoveryKitCreateCommand::writeFiles(const Secret &page, const QByteArray &svg) const
{
    if (m_file.isEmpty())
        return {};
    Status status = config::writeSecretFile(m_file, page.view(), config::Existing::Kept);
    if (!status)
        return status;
    status = config::writeSecretFile(m_file + kPictureSuffix, svg, config::Existing::Kept);
    if (!status)
        (void)config::removeSecretFile(m_file);
    return status;
}

void RecoveryKitCreateCommand::report(const RecoveryKit &kit, const Secret &page, const QString &picture)
{
    if (json()) {
        printJson({{QStringLiteral("kit"), nameOf(kit.publicHalf())},
                   {QStringLiteral("file"), m_file},
                   {QStringLiteral("picture"), m_file + kPictureSuffix}});
        finish(Ok);
        return;
    }
    if (m_file.isEmpty()) {
        print(QString::fromUtf8(page.view()));
        if (::isatty(STDOUT_FILENO) != 0)
            print(u'\n' + picture);
        advise(QStringLiteral(
            "Print this page now, it is shown once. Then type it in again, to see that it can be "
            "read: `cring identity recovery-kit check -`"));
    } else {
        print(QStringLiteral("The recovery kit %1 is in %2, and as a picture in %3\n")
                  .arg(nameOf(kit.publicHalf()), plain(m_file), plain(m_file + kPictureSuffix)));
        advise(QStringLiteral(
            "Print both, and remove the files. Then type it in from the paper, to see that it can "
            "be read: `cring identity recovery-kit check -`"));
    }
    finish(Ok);
}

// ---- check ----

RecoveryKitCheckCommand::RecoveryKitCheckCommand(ServiceCommandContext context, config::Config configured,
                                                 QString place)
    : RecoveryKitCommand(std::move(context), std::move(configured))
    , m_place(std::move(place))
{
}

void RecoveryKitCheckCommand::handleKit(const Ring &, const std::optional<KitRecord> &record)
{
    const auto kit = readKit(m_place, terminal(), quiet() || json());
    const Status same = kit ? backup::checkKit(record, kit->publicHalf()) : kit.error();
    if (!same) {
        fail(same.error());
        return;
    }
    change(kConfirm, kit->publicHalf(), [this, name = nameOf(kit->publicHalf())] {
        if (json())
            printJson({{QStringLiteral("kit"), name}, {QStringLiteral("ok"), true}});
        else
            print(QStringLiteral("This is the recovery kit %1, and it opens what is saved.\n").arg(name));
        finish(Ok);
    });
}

// ---- show-status ----

void RecoveryKitStatusCommand::handleKit(const Ring &, const std::optional<KitRecord> &record)
{
    const control::RecoveryKitStatus status = service::recoveryKitStatus(record);
    const QString reminder = service::kitReminder(status);
    if (json()) {
        QJsonObject object{{QStringLiteral("kit"), status.name}};
        if (status.madeMs)
            object.insert(QStringLiteral("madeMs"), *status.madeMs);
        if (status.checkedMs)
            object.insert(QStringLiteral("checkedMs"), *status.checkedMs);
        printJson(object);
    } else {
        if (record)
            print(QStringLiteral("Recovery kit %1, made %2, %3\n")
                      .arg(status.name, dayOf(record->madeMs),
                           status.checkedMs ? QStringLiteral("checked ") + dayOf(*status.checkedMs)
                                            : QStringLiteral("never checked")));
        else
            print(QStringLiteral("There is no recovery kit.\n"));
        if (!reminder.isEmpty())
            advise(reminder);
    }
    finish(reminder.isEmpty() ? Ok : DoneWithFindings);
}

} // namespace cring::app
