// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/edittext.h"

#include "core/config/tomlreader.h"

#include <algorithm>

namespace cring::config {

qsizetype offsetOf(const QByteArray &text, int line, int column)
{
    qsizetype at = 0;
    for (int i = 1; i < line && at >= 0; ++i) {
        const qsizetype newline = text.indexOf('\n', at);
        if (newline < 0)
            return text.size();
        at = newline + 1;
    }
    const auto continues = [](char byte) {
        return (static_cast<uchar>(byte) & 0xc0) == 0x80;
    };
    for (int i = 1; i < column && at < text.size(); ++i) {
        ++at;
        while (at < text.size() && continues(text[at]))
            ++at;
    }
    return at;
}

QByteArray newlineOf(const QByteArray &text)
{
    return text.contains("\r\n") ? QByteArrayLiteral("\r\n") : QByteArrayLiteral("\n");
}

QByteArray edited(const QByteArray &text, const QString &section, const QString &name,
                  const QByteArray &literal)
{
    const ValueSpan span = findValue(text, section, name);
    QByteArray out = text;
    if (span.present) {
        const qsizetype begin = offsetOf(text, span.beginLine, span.beginColumn);
        const qsizetype end = offsetOf(text, span.endLine, span.endColumn);
        return out.replace(begin, end - begin, literal);
    }
    const QByteArray newline = newlineOf(text);
    const QByteArray line = name.toUtf8() + " = " + literal + newline;
    if (!out.isEmpty() && !out.endsWith('\n'))
        out += newline;
    if (span.sectionLine > 0)
        return out.insert(offsetOf(out, span.sectionLine + 1, 1), line);
    if (!out.isEmpty())
        out += newline;
    return out + '[' + section.toUtf8() + ']' + newline + line;
}

/// A problem that was there before is no reason to refuse a change: files are mended one key at a time.
/// Neither is what is still missing, nor that a new certificate waits for its key; but a service that is to
/// answer in the servers' place has to have their key first, or it would not start.
const Problem *newProblem(const Loaded &before, const Loaded &after, const QString &key)
{
    const auto known = [&](const Problem &problem) {
        return std::ranges::any_of(before.problems, [&](const Problem &old) {
            return old.key == problem.key && old.detail == problem.detail;
        });
    };
    const auto found = std::ranges::find_if(after.problems, [&](const Problem &problem) {
        const bool others = problem.code == Code::TlsFiles && problem.key != key;
        const bool mayWait =
            problem.code == Code::ConfigIncomplete && problem.key != QLatin1String("service.accounts");
        return !mayWait && !others && !known(problem);
    });
    return found == after.problems.end() ? nullptr : &*found;
}

Error notChangeable(const QString &what)
{
    return Error{Code::ConfigFile, QStringLiteral("the file is written in a way that this command cannot "
                                                  "change; %1 in an editor")
                                       .arg(what)};
}

Result<Loaded> readable(const QByteArray &text)
{
    Loaded loaded = loadText(text, QStringLiteral("file"));
    const auto broken = std::ranges::find(loaded.problems, Code::ConfigSyntax, &Problem::code);
    if (broken != loaded.problems.end())
        return Error{Code::ConfigSyntax, QStringLiteral("the file cannot be read: line %1, column %2: %3")
                                             .arg(broken->place.line)
                                             .arg(broken->place.column)
                                             .arg(broken->detail)};
    return loaded;
}

} // namespace cring::config
