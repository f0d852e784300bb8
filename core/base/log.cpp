// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include "core/base/journal.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMutex>
#include <QRegularExpression>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cring::log {

namespace {

struct LevelNames
{
    const char *column; ///< As wide as the others.
    const char *word;   ///< levelOf()
    char priority;      ///< sd-daemon(3)
};

LevelNames namesOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {"debug", "debug", '7'};
    case QtInfoMsg:
        return {"info ", "info", '6'};
    case QtWarningMsg:
        return {"warn ", "warning", '4'};
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return {"error", "error", '3'};
}

std::atomic<Format> chosenFormat{Format::Auto};
thread_local const Field *innermost = nullptr;

/// What is to be written, whatever the format.
struct Message
{
    LevelNames level;
    const char *category; ///< nullptr: none of ours.
    QString text;
};

/// The file that stderr is, when toFile() was called. Locked while it is used.
struct LogFile
{
    QMutex mutex;
    QByteArray path; ///< Empty: stderr is something else.
    qint64 largest = 0;
    qint64 bytes = 0;
};

LogFile &logFile()
{
    static LogFile file;
    return file;
}

bool redirect(LogFile &file)
{
    const int descriptor = ::open(file.path.constData(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return false;
    struct stat info = {};
    file.bytes = ::fstat(descriptor, &info) == 0 ? info.st_size : 0;
    std::fflush(stdout);
    std::fflush(stderr);
    const bool done = ::dup2(descriptor, STDERR_FILENO) >= 0 && ::dup2(descriptor, STDOUT_FILENO) >= 0;
    ::close(descriptor);
    return done;
}

/// Once the file is full. What cannot be opened is not lost: the one that is open goes on.
void countBytes(qsizetype bytes)
{
    LogFile &file = logFile();
    const QMutexLocker lock(&file.mutex);
    if (file.path.isEmpty())
        return;
    file.bytes += bytes;
    if (file.bytes < file.largest)
        return;
    const QByteArray kept = file.path + ".1";
    if (::rename(file.path.constData(), kept.constData()) != 0 || !redirect(file))
        file.bytes = 0; // Tried again after as much.
}

QByteArray asText(const Message &message, bool inJournal)
{
    QByteArray line;
    if (inJournal) {
        line += '<';
        line += message.level.priority;
        line += '>';
    } else {
        line += QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzz ")).toLatin1();
        line += message.level.column;
        line += ' ';
    }
    if (message.category) {
        line += message.category;
        line += ": ";
    }
    line += message.text.toUtf8();
    for (const Field *field = innermost; field; field = field->outer()) {
        if (qstrcmp(field->name(), Field::kRequest) == 0 && !field->value().isEmpty())
            line += " [request " + field->value().toUtf8() + ']';
    }
    return line;
}

QByteArray asJson(const Message &message)
{
    QJsonObject object{{QStringLiteral("time"), QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs)},
                       {QStringLiteral("level"), QLatin1String(message.level.word)},
                       {QStringLiteral("message"), message.text}};
    if (message.category)
        object.insert(QStringLiteral("category"), QLatin1String(message.category));
    for (const Field *field = innermost; field; field = field->outer()) {
        if (!field->value().isEmpty())
            object.insert(QLatin1String(field->name()), field->value());
    }
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

bool sendToJournal(const Message &message)
{
    QList<QByteArray> fields{"MESSAGE=" + message.text.toUtf8(),
                             QByteArray("PRIORITY=") + message.level.priority,
                             QByteArray("SYSLOG_IDENTIFIER=") + program_invocation_short_name};
    if (message.category)
        fields << QByteArray("CRING_CATEGORY=") + message.category;
    for (const Field *field = innermost; field; field = field->outer()) {
        if (!field->value().isEmpty())
            fields << "CRING_" + QByteArray(field->name()).toUpper() + '=' + field->value().toUtf8();
    }
    return journal::send(fields);
}

void write(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    const bool isOurs = context.category && qstrcmp(context.category, "default") != 0;
    const Message message{namesOf(type), isOurs ? context.category : nullptr, oneLine(redacted(text))};
    const Format format = chosenFormat;
    const bool inJournal = format != Format::Json && journal::isStderr();
    if (!inJournal || format == Format::Text || !sendToJournal(message)) {
        const QByteArray line =
            (format == Format::Json ? asJson(message) : asText(message, inJournal)) + '\n';
        // One fwrite a line: lines of several threads do not mix.
        std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stderr);
        countBytes(line.size());
    }
    if (type == QtFatalMsg)
        std::abort();
}

} // namespace

void setLevel(Level level)
{
    QString rules = QStringLiteral("*.debug=%1\n*.info=%2\n*.warning=%3")
                        .arg(level <= Level::Debug ? QStringLiteral("true") : QStringLiteral("false"))
                        .arg(level <= Level::Info ? QStringLiteral("true") : QStringLiteral("false"))
                        .arg(level <= Level::Warning ? QStringLiteral("true") : QStringLiteral("false"));
    if (level <= Level::Debug)
        rules += QStringLiteral("\nqt.*.debug=false");
    QLoggingCategory::setFilterRules(rules);
}

Field::Field(const char *name, QString value)
    : m_name(name)
    , m_value(std::move(value))
    , m_outer(std::exchange(innermost, this))
{
}

Field::~Field()
{
    innermost = m_outer;
}

void install(Level level, Format format)
{
    setLevel(level);
    setFormat(format);
    qInstallMessageHandler(write);
}

void setFormat(Format format)
{
    chosenFormat = format;
}

Format formatOf(const QString &word)
{
    if (word == QLatin1String("text"))
        return Format::Text;
    return word == QLatin1String("json") ? Format::Json : Format::Auto;
}

Status toFile(const QString &path, qint64 largest)
{
    LogFile &file = logFile();
    const QMutexLocker lock(&file.mutex);
    file.path = QFile::encodeName(path);
    file.largest = largest;
    if (redirect(file))
        return {};
    file.path.clear();
    return Error{Code::ConfigBadValue, QStringLiteral("the log file %1 cannot be opened: %2")
                                           .arg(path, QString::fromLocal8Bit(std::strerror(errno)))};
}

Level levelOf(const QString &word)
{
    if (word == QLatin1String("debug"))
        return Level::Debug;
    if (word == QLatin1String("warning"))
        return Level::Warning;
    return word == QLatin1String("error") ? Level::Error : Level::Info;
}

QString redacted(const QString &text)
{
    static const QRegularExpression secrets(
        QStringLiteral("(?i)(bearer\\s+)\\S+|eyJ[A-Za-z0-9_-]{4,}\\.[A-Za-z0-9_-]*\\.?[A-Za-z0-9_-]*"
                       "|((?:secret|password|token|signature)[a-z_-]*\\s*[=:]\\s*)\\S+"));
    QString clean = text;
    return clean.replace(secrets, QStringLiteral("\\1\\2[redacted]"));
}

QString oneLine(const QString &text)
{
    QString clean;
    clean.reserve(text.size());
    for (const QChar character : text) {
        const int unit = character.unicode();
        switch (character.category()) {
        case QChar::Other_Control: // All below U+0100.
            clean += QStringLiteral("\\x%1").arg(unit, 2, 16, QLatin1Char('0'));
            break;
        case QChar::Other_Format:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
            clean += QStringLiteral("\\u%1").arg(unit, 4, 16, QLatin1Char('0'));
            break;
        default:
            clean += character;
        }
    }
    return clean;
}

} // namespace cring::log
