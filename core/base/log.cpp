// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include <QDateTime>
#include <QRegularExpression>

#include <cstdio>

namespace cring::log {

namespace {

struct LevelNames
{
    const char *word;
    const char *priority; ///< sd-daemon(3)
};

LevelNames namesOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {"debug", "<7>"};
    case QtInfoMsg:
        return {"info ", "<6>"};
    case QtWarningMsg:
        return {"warn ", "<4>"};
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return {"error", "<3>"};
}

bool underJournal()
{
    static const bool journal = qEnvironmentVariableIsSet("JOURNAL_STREAM");
    return journal;
}

void write(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const LevelNames names = namesOf(type);
    QByteArray line;
    if (underJournal()) {
        line += names.priority;
    } else {
        line += QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzz ")).toLatin1();
        line += names.word;
        line += ' ';
    }
    if (context.category && qstrcmp(context.category, "default") != 0) {
        line += context.category;
        line += ": ";
    }
    line += oneLine(redacted(message)).toUtf8();
    line += '\n';
    // One fwrite a line: lines of several threads do not mix.
    std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stderr);
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

void install(Level level)
{
    setLevel(level);
    qInstallMessageHandler(write);
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
