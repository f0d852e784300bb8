// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/diagnosis.h"

#include "app/cring/effectivetoml.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QDirIterator>
#include <QLocale>
#include <QStorageInfo>
#include <QSysInfo>
#include <QTimeZone>

#include <libssh/libssh.h>
#include <openssl/crypto.h>
#include <sodium/version.h>
#include <sqlite3.h>
#include <sys/utsname.h>

namespace cring::app {

namespace {

/// Of the log, its end.
constexpr qint64 kLongestLog = 256 * 1024;
/// The spool may have many files: what they are is not of interest, and their number is.
constexpr int kMostFiles = 200;

QString programText()
{
    utsname kernel{};
    ::uname(&kernel);
    const QDateTime now = QDateTime::currentDateTime();
    const QList<std::pair<const char *, QString>> facts{
        {"cring", QStringLiteral(CRING_VERSION)},
        {"Qt",
         QStringLiteral("%1, built with %2").arg(QLatin1String(qVersion()), QLatin1String(QT_VERSION_STR))},
        {"OpenSSL", QLatin1String(OpenSSL_version(OPENSSL_VERSION))},
        {"libssh", QLatin1String(ssh_version(0))},
        {"libsodium", QLatin1String(sodium_version_string())},
        {"SQLite", QLatin1String(sqlite3_libversion())},
        {"system", QSysInfo::prettyProductName()},
        {"kernel", QLatin1String(kernel.release)},
        {"architecture", QSysInfo::currentCpuArchitecture()},
        {"locale", QLocale::system().name()},
        {"time", now.toString(Qt::ISODate) + u' ' + QString::fromLatin1(now.timeZone().id())},
    };
    QString text;
    for (const auto &[name, value] : facts)
        text += QStringLiteral("%1 %2\n").arg(QLatin1String(name), -13).arg(value);
    return text;
}

QString problemsText(const config::Loaded &loaded)
{
    QStringList lines;
    for (const config::Problem &problem : loaded.problems)
        lines << QStringLiteral("error: ") + problem.toString();
    for (const QString &warning : loaded.warnings)
        lines << QStringLiteral("warning: ") + warning;
    return lines.isEmpty() ? QStringLiteral("Nothing is wrong with the configuration.\n")
                           : lines.join(u'\n') + u'\n';
}

/// Whether a variable is there says enough where its value may be a key.
QString environmentText(const QProcessEnvironment &environment)
{
    QStringList lines;
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        const bool tells = name.startsWith(QLatin1String("CRING_")) ||
                           name.startsWith(QLatin1String("CHARM_")) ||
                           name.startsWith(QLatin1String("XDG_")) || name.startsWith(QLatin1String("QT_")) ||
                           name.startsWith(QLatin1String("LC_")) || name == QLatin1String("LANG");
        const bool isThere =
            name.startsWith(QLatin1String("AWS_")) || name == QLatin1String("CREDENTIALS_DIRECTORY") ||
            name == QLatin1String("NOTIFY_SOCKET") || name == QLatin1String("JOURNAL_STREAM") ||
            name == QLatin1String("DBUS_SESSION_BUS_ADDRESS");
        if (tells)
            lines << name + u'=' + environment.value(name);
        else if (isThere)
            lines << name + QStringLiteral(" is set");
    }
    lines.sort();
    return lines.isEmpty() ? QStringLiteral("No variable that matters is set.\n") : lines.join(u'\n') + u'\n';
}

QString stateText(const QString &folder)
{
    if (!QFileInfo(folder).isDir())
        return QStringLiteral("%1 is not there.\n").arg(folder);
    const QStorageInfo disk(folder);
    QString text = QStringLiteral("%1, on %2 with %3 of %4 free\n")
                       .arg(folder, QString::fromLatin1(disk.fileSystemType()),
                            words::bytes(disk.bytesAvailable()), words::bytes(disk.bytesTotal()));
    int count = 0;
    qint64 bytes = 0;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        const QFileInfo file = files.fileInfo();
        bytes += file.size();
        if (++count > kMostFiles)
            continue;
        text += QStringLiteral("%1 %2 %3 %4\n")
                    .arg(static_cast<int>(file.permissions()), 4, 16)
                    .arg(file.size(), 12)
                    .arg(file.lastModified().toString(Qt::ISODate),
                         QDir(folder).relativeFilePath(file.filePath()));
    }
    if (count > kMostFiles)
        text += QStringLiteral("and %1 more\n").arg(count - kMostFiles);
    return text + QStringLiteral("%1, %2\n").arg(words::counted(count, "file"), words::bytes(bytes));
}

/// Empty when there is none.
QByteArray logEnd(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    if (file.size() > kLongestLog) {
        file.seek(file.size() - kLongestLog);
        file.readLine(); // Half of one.
    }
    return file.read(kLongestLog);
}

} // namespace

QList<TextFile> localDiagnosis(const config::Loaded &loaded, const QProcessEnvironment &environment,
                               const QString &stateDirectory)
{
    QList<TextFile> files{
        {QStringLiteral("program.txt"), QStringLiteral("this program, its libraries and the system"),
         programText().toUtf8()},
        {QStringLiteral("config.toml"), QStringLiteral("the settings that hold; they name no key"),
         effectiveToml(loaded).toUtf8()},
        {QStringLiteral("problems.txt"), QStringLiteral("what is wrong with the settings"),
         problemsText(loaded).toUtf8()},
        {QStringLiteral("environment.txt"), QStringLiteral("variables that matter to the program"),
         environmentText(environment).toUtf8()},
        {QStringLiteral("state.txt"), QStringLiteral("names and sizes in the state directory"),
         stateText(stateDirectory).toUtf8()},
    };
    if (const QByteArray log = logEnd(stateDirectory + QStringLiteral("/serve.log")); !log.isEmpty())
        files.append(
            {QStringLiteral("serve.log"), QStringLiteral("the end of the log that the window keeps"), log});
    return files;
}

} // namespace cring::app
