// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/editlist.h"

#include "core/config/edit.h"
#include "core/config/tomlreader.h"

namespace cring::config {

namespace {

/// The result of an edit, if it says what it should and is no worse than before.
template <typename Owner>
Result<QByteArray> checked(const Loaded &before, const QByteArray &out, const QList<Owner> &wanted,
                           const char *byHand)
{
    const QString name = ListOf<Owner>::name;
    const Loaded after = loadText(out, QStringLiteral("file"));
    if (const Problem *problem = newProblem(before, after, name)) {
        // "server[1].url": which of the keys it is, beside which a window says it.
        const qsizetype end = problem->key.indexOf(QLatin1String("]."));
        const QString field = end < 0 ? QString() : problem->key.mid(end + 2) + QStringLiteral(": ");
        return Error{problem->code, field + problem->detail};
    }
    Config expected = before.config;
    expected.*ListOf<Owner>::entries = wanted;
    if (after.config != expected)
        return notChangeable(QStringLiteral("%1 the %2").arg(QLatin1String(byHand), name));
    return out;
}

QString placeOf(const Server &server)
{
    return server.url.toString(QUrl::RemoveUserInfo);
}

QString placeOf(const Backup &backup)
{
    return backup.url;
}

template <typename Owner>
Result<QByteArray> withEntry(const QByteArray &text, const QString &name, const Fields &fields)
{
    const Result<Loaded> before = readable(text);
    if (!before)
        return before.error();
    QList<Owner> wanted = before->config.*ListOf<Owner>::entries;
    if (const qsizetype other = indexOf(wanted, name); other >= 0) {
        return Error{Code::ConfigBadValue, QStringLiteral("name: there is a %1 \"%2\" already, at %3")
                                               .arg(ListOf<Owner>::name, name, placeOf(wanted[other]))};
    }
    Owner entry;
    entry.id = name;
    const QByteArray newline = newlineOf(text);
    QByteArray lines = "[[" + QByteArray(ListOf<Owner>::name.data()) + "]]" + newline;
    // The name first, as people write it.
    for (const auto &[field, value] : Fields{{QStringLiteral("name"), name}} + fields) {
        const Setting<Owner> *row = rowOf<Owner>(field);
        if (const Status status = row->writeText(entry, value); !status)
            return Error{status.error().code,
                         QStringLiteral("%1: %2").arg(QLatin1String(row->name), status.error().detail)};
        lines += QByteArray(row->name) + " = " + toToml(row->read(entry)).toUtf8() + newline;
    }
    wanted.append(entry);
    QByteArray out = text;
    if (!out.isEmpty())
        out += out.endsWith('\n') ? newline : newline + newline;
    return checked(*before, out + lines, wanted, "add");
}

template <typename Owner>
Result<QByteArray> withEntryChanged(const QByteArray &text, const QString &name, const Fields &fields)
{
    const Result<Loaded> before = readable(text);
    if (!before)
        return before.error();
    const QList<Owner> entries = before->config.*ListOf<Owner>::entries;
    const qsizetype index = indexOf(entries, name);
    if (index < 0)
        return noSuchEntry(entries, name);
    // The id stays whatever changes, and two entries never have the same.
    const QString id = entries[index].id;
    QByteArray out = text;
    for (const auto &[field, value] : fields) {
        const QList<Owner> now = loadText(out, QStringLiteral("file")).config.*ListOf<Owner>::entries;
        const auto entry = std::ranges::find(now, id, &Owner::id);
        if (entry == now.end())
            return notChangeable(QStringLiteral("change the %1").arg(ListOf<Owner>::name));
        const Result<QByteArray> next =
            withValue(out, QStringLiteral("%1.%2.%3").arg(ListOf<Owner>::name, entry->name, field), value);
        if (!next)
            return next.error();
        out = *next;
    }
    return out;
}

template <typename Owner>
Result<QByteArray> withoutEntry(const QByteArray &text, const QString &name)
{
    const Result<Loaded> before = readable(text);
    if (!before)
        return before.error();
    QList<Owner> wanted = before->config.*ListOf<Owner>::entries;
    const qsizetype index = indexOf(wanted, name);
    if (index < 0)
        return noSuchEntry(wanted, name);
    const ValueSpan span = findValue(text, sectionOf<Owner>(index), QString());
    wanted.removeAt(index);
    const qsizetype begin = offsetOf(text, span.headerLine, 1);
    qsizetype end = offsetOf(text, span.sectionLine + 1, 1);
    // One blank line between what was before and what comes after is enough.
    const QByteArray above = text.left(begin);
    if (above.isEmpty() || above.endsWith("\n\n") || above.endsWith("\n\r\n")) {
        if (text.mid(end).startsWith("\r\n"))
            end += 2;
        else if (text.mid(end).startsWith('\n'))
            ++end;
    }
    return checked(*before, above + text.mid(end), wanted, "remove");
}

/// The servers' own keys that a change sets. The URL first: what it implied until then is written down, and
/// may be set after that.
Fields fieldsOf(const ServerChange &values)
{
    Fields fields;
    const auto add = [&](const char *name, const std::optional<QString> &value) {
        if (value)
            fields.append({QLatin1String(name), *value});
    };
    add("url", values.url);
    add("name", values.name);
    add("ssh_port", values.sshPort);
    add("weight", values.weight);
    add("data", values.data);
    add("id", values.id);
    return fields;
}

} // namespace

Result<QByteArray> withServer(const QByteArray &text, const QString &name, const ServerChange &values)
{
    return withEntry<Server>(text, name, fieldsOf(values));
}

Result<QByteArray> withServerChanged(const QByteArray &text, const QString &name, const ServerChange &values)
{
    return withEntryChanged<Server>(text, name, fieldsOf(values));
}

Result<QByteArray> withoutServer(const QByteArray &text, const QString &name)
{
    return withoutEntry<Server>(text, name);
}

Result<QByteArray> withBackup(const QByteArray &text, const QString &name, const Fields &values)
{
    return withEntry<Backup>(text, name, values);
}

Result<QByteArray> withBackupChanged(const QByteArray &text, const QString &name, const Fields &values)
{
    return withEntryChanged<Backup>(text, name, values);
}

Result<QByteArray> withoutBackup(const QByteArray &text, const QString &name)
{
    return withoutEntry<Backup>(text, name);
}

} // namespace cring::config
