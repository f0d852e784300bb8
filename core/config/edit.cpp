// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/edit.h"

#include "core/config/load.h"
#include "core/config/nearest.h"
#include "core/config/settings.h"
#include "core/config/tomlreader.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>

namespace cring::config {

namespace {

/// A key in the parts that the file knows.
struct Target
{
    QString section; ///< "service", "server[1]".
    const SettingInfo *info = nullptr;
    const Setting<Config> *row = nullptr; ///< Or serverRow.
    const Setting<Server> *serverRow = nullptr;
    qsizetype server = -1;

    Value read(const Config &config) const
    {
        return row ? row->read(config) : serverRow->read(config.servers[server]);
    }

    Status write(Config &config, const QString &text) const
    {
        return row ? row->writeText(config, text) : serverRow->writeText(config.servers[server], text);
    }
};

Error unknownKey(const QString &key)
{
    QStringList keys;
    for (const auto &row : settings())
        keys.append(row.key());
    const QString near = nearest(key, keys);
    const QString advice = near.isEmpty() ? QStringLiteral("`cring config show` lists the keys")
                                          : QStringLiteral("did you mean \"%1\"?").arg(near);
    return Error{Code::NotFound, QStringLiteral("no setting is called \"%1\"; %2").arg(key, advice)};
}

QString namesOf(const QList<Server> &servers)
{
    QStringList names;
    for (const Server &server : servers)
        names.append(server.name);
    return names.isEmpty() ? QStringLiteral("none") : names.join(QStringLiteral(", "));
}

/// A name before an id: what is shown to people is what they mean. −1: none of them.
qsizetype indexOf(const QList<Server> &servers, const QString &name)
{
    auto server = std::ranges::find(servers, name, &Server::name);
    if (server == servers.end())
        server = std::ranges::find(servers, name, &Server::id);
    return server == servers.end() ? -1 : server - servers.begin();
}

Error noSuchServer(const QList<Server> &servers, const QString &name)
{
    return {Code::NotFound,
            QStringLiteral("no server is called \"%1\"; there are: %2").arg(name, namesOf(servers))};
}

const Setting<Server> *serverRow(const QString &field)
{
    const auto row = std::ranges::find_if(serverSettings(), [&](const Setting<Server> &setting) {
        return field == QLatin1String(setting.name);
    });
    return row == serverSettings().end() ? nullptr : &*row;
}

Target serverField(qsizetype server, const Setting<Server> *row)
{
    Target target;
    target.server = server;
    target.section = QStringLiteral("server[%1]").arg(server);
    target.serverRow = row;
    target.info = row;
    return target;
}

Result<Target> serverTarget(const Config &config, const QString &key)
{
    const QString rest = key.mid(static_cast<qsizetype>(qstrlen("server.")));
    const qsizetype dot = rest.lastIndexOf(QLatin1Char('.'));
    const QString name = rest.left(std::max<qsizetype>(dot, 0));
    const QString field = rest.mid(dot + 1);
    const Setting<Server> *row = serverRow(field);
    if (dot < 0 || !row)
        return Error{
            Code::NotFound,
            QStringLiteral("no setting is called \"%1\"; a server's are server.NAME.name, .id, .url, "
                           ".ssh_port and .weight")
                .arg(key)};
    const qsizetype server = indexOf(config.servers, name);
    if (server < 0)
        return noSuchServer(config.servers, name);
    return serverField(server, row);
}

Result<Target> find(const Config &config, const QString &key)
{
    if (key.startsWith(QLatin1String("server.")))
        return serverTarget(config, key);
    Target target;
    target.row = findSetting(key);
    if (!target.row)
        return unknownKey(key);
    target.info = target.row;
    target.section = QLatin1String(target.row->section);
    return target;
}

/// Byte offset of a position in code points; the end of the text when it lies behind it.
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

QByteArray edited(const QByteArray &text, const Target &target, const QByteArray &literal)
{
    const QString name = QLatin1String(target.info->name);
    const ValueSpan span = findValue(text, target.section, name);
    QByteArray out = text;
    if (span.present) {
        const qsizetype begin = offsetOf(text, span.beginLine, span.beginColumn);
        const qsizetype end = offsetOf(text, span.endLine, span.endColumn);
        return out.replace(begin, end - begin, literal);
    }
    const QByteArray newline = text.contains("\r\n") ? QByteArrayLiteral("\r\n") : QByteArrayLiteral("\n");
    const QByteArray line = name.toUtf8() + " = " + literal + newline;
    if (!out.isEmpty() && !out.endsWith('\n'))
        out += newline;
    if (span.sectionLine > 0)
        return out.insert(offsetOf(out, span.sectionLine + 1, 1), line);
    if (!out.isEmpty())
        out += newline;
    return out + '[' + target.section.toUtf8() + ']' + newline + line;
}

/// By default a name comes from the URL and an id from the name. A change of what they come from must not
/// change them: files lie where the id says. So they are written down first.
QByteArray withDefaultsWrittenDown(const QByteArray &text, const Config &config, const Target &target)
{
    const QLatin1String field(target.info->name);
    const auto isWritten = [&](const QByteArray &in, const char *name) {
        return findValue(in, target.section, QLatin1String(name)).present;
    };
    QByteArray out = text;
    const auto writeDown = [&](const char *name) {
        const Target implied = serverField(target.server, serverRow(QLatin1String(name)));
        if (!isWritten(out, name))
            out = edited(out, implied, toToml(implied.read(config)).toUtf8());
    };
    const bool nameFollows = field == QLatin1String("url") && target.serverRow && !isWritten(text, "name");
    if (nameFollows || (field == QLatin1String("name") && target.serverRow))
        writeDown("id");
    if (nameFollows)
        writeDown("name");
    return out;
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

/// The result of an edit, if it says what it should and is no worse than before.
Result<QByteArray> checked(const Loaded &before, const QByteArray &out, const QList<Server> &wanted,
                           const QString &byHand)
{
    const Loaded after = loadText(out, QStringLiteral("file"));
    if (const Problem *problem = newProblem(before, after, QStringLiteral("server")))
        return Error{problem->code, problem->detail};
    Config expected = before.config;
    expected.servers = wanted;
    if (after.config != expected)
        return notChangeable(byHand);
    return out;
}

/// The servers' own keys that a change sets, in the order of the table.
QList<std::pair<const Setting<Server> *, QString>> changes(const ServerChange &values)
{
    QList<std::pair<const Setting<Server> *, QString>> list;
    const auto add = [&](const char *name, const std::optional<QString> &value) {
        if (value)
            list.append({serverRow(QLatin1String(name)), *value});
    };
    // The URL first: what it implied until then is written down, and may be set after that.
    add("url", values.url);
    add("name", values.name);
    add("ssh_port", values.sshPort);
    add("weight", values.weight);
    add("data", values.data);
    return list;
}

} // namespace

Result<Value> valueOf(const Config &config, const QString &key)
{
    const auto target = find(config, key);
    if (!target)
        return target.error();
    return target.value().read(config);
}

Result<QByteArray> withValue(const QByteArray &text, const QString &key, const QString &value)
{
    const Result<Loaded> read = readable(text);
    if (!read)
        return read.error();
    const Loaded &before = *read;
    const auto target = find(before.config, key);
    if (!target)
        return target.error();
    Config wanted = before.config;
    if (const Status status = target.value().write(wanted, value); !status)
        return Error{status.error().code, key + QStringLiteral(": ") + status.error().detail};
    const QByteArray literal = toToml(target.value().read(wanted)).toUtf8();
    const QByteArray held =
        wanted == before.config ? text : withDefaultsWrittenDown(text, before.config, target.value());
    const QByteArray out = edited(held, target.value(), literal);
    const Loaded after = loadText(out, QStringLiteral("file"));
    if (after.config != wanted)
        return notChangeable(QStringLiteral("set %1 to %2").arg(key, QString::fromUtf8(literal)));
    if (const Problem *problem = newProblem(before, after, key))
        return Error{problem->code, problem->detail};
    return out;
}

Status setInFile(const QString &path, const QString &key, const QString &value)
{
    const Result<QByteArray> text = readFile(path);
    if (!text)
        return text.error();
    const auto out = withValue(*text, key, value);
    if (!out)
        return out.error();
    return writeFile(path, out.value());
}

// ---- the list of servers ----

Result<QByteArray> withServer(const QByteArray &text, const QString &name, const ServerChange &values)
{
    const Result<Loaded> before = readable(text);
    if (!before)
        return before.error();
    QList<Server> wanted = before->config.servers;
    if (const qsizetype other = indexOf(wanted, name); other >= 0) {
        return Error{Code::ConfigBadValue, QStringLiteral("there is a server \"%1\" already, at %2")
                                               .arg(name, wanted[other].url.toString(QUrl::RemoveUserInfo))};
    }
    ServerChange all = values;
    all.name = name;
    Server server;
    server.id = name;
    const QByteArray newline = text.contains("\r\n") ? QByteArrayLiteral("\r\n") : QByteArrayLiteral("\n");
    QByteArray lines = "[[server]]" + newline;
    for (const auto &[row, value] : changes(all)) {
        if (const Status status = row->writeText(server, value); !status)
            return Error{status.error().code,
                         QStringLiteral("%1: %2").arg(QLatin1String(row->name), status.error().detail)};
        lines += QByteArray(row->name) + " = " + toToml(row->read(server)).toUtf8() + newline;
    }
    wanted.append(server);
    QByteArray out = text;
    if (!out.isEmpty())
        out += out.endsWith('\n') ? newline : newline + newline;
    return checked(*before, out + lines, wanted, QStringLiteral("add the server"));
}

Result<QByteArray> withServerChanged(const QByteArray &text, const QString &name, const ServerChange &values)
{
    const Result<Loaded> before = readable(text);
    if (!before)
        return before.error();
    const qsizetype index = indexOf(before->config.servers, name);
    if (index < 0)
        return noSuchServer(before->config.servers, name);
    // The id stays whatever changes, and two servers never have the same.
    const QString id = before->config.servers[index].id;
    QByteArray out = text;
    for (const auto &[row, value] : changes(values)) {
        Loaded now = loadText(out, QStringLiteral("file"));
        const auto server = std::ranges::find(now.config.servers, id, &Server::id);
        if (server == now.config.servers.end())
            return notChangeable(QStringLiteral("change the server"));
        const Result<QByteArray> next =
            withValue(out, QStringLiteral("server.%1.%2").arg(server->name, QLatin1String(row->name)), value);
        if (!next)
            return next.error();
        out = *next;
    }
    return out;
}

Result<QByteArray> withoutServer(const QByteArray &text, const QString &name)
{
    const Result<Loaded> before = readable(text);
    if (!before)
        return before.error();
    QList<Server> wanted = before->config.servers;
    const qsizetype index = indexOf(wanted, name);
    if (index < 0)
        return noSuchServer(wanted, name);
    const ValueSpan span = findValue(text, QStringLiteral("server[%1]").arg(index), QString());
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
    return checked(*before, above + text.mid(end), wanted, QStringLiteral("remove the server"));
}

Result<QByteArray> readFile(const QString &path)
{
    if (!QFileInfo::exists(path))
        return QByteArray();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::ConfigFile, QStringLiteral("cannot read %1: %2").arg(path, file.errorString())};
    return file.readAll();
}

Status writeFile(const QString &path, const QByteArray &text)
{
    const auto failed = [&](const QString &reason) {
        return Error{Code::ConfigFile, QStringLiteral("cannot write %1: %2").arg(path, reason)};
    };
    const bool existed = QFileInfo::exists(path);
    const QString directory = QFileInfo(path).absolutePath();
    if (!QDir().mkpath(directory))
        return failed(QStringLiteral("its directory cannot be made"));
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return failed(file.errorString());
    if (!existed)
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(text);
    return file.commit() ? Status() : failed(file.errorString());
}

} // namespace cring::config
