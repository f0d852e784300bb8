// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/edit.h"

#include "core/config/editlist.h"
#include "core/config/nearest.h"
#include "core/config/tomlreader.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <functional>

namespace cring::config {

namespace {

/// A key in the parts that the file knows.
struct Target
{
    QString section; ///< "service", "server[1]".
    const SettingInfo *info = nullptr;
    std::function<Value(const Config &)> read;
    std::function<Status(Config &, const QString &)> write;
    /// What would change along with it, as it has been until then.
    std::function<QByteArray(const QByteArray &, const Config &)> withDefaultsWrittenDown;
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

/// By default a name comes from the URL or the bucket, and an id from the name. A change of what they come
/// from must not change them: files lie where the id says. So they are written down first.
template <typename Owner>
QByteArray writeDown(const QByteArray &text, const Owner &entry, qsizetype index, QLatin1String field)
{
    const QString section = sectionOf<Owner>(index);
    const bool isNamed = findValue(text, section, QStringLiteral("name")).present;
    const bool nameFollows = field == ListOf<Owner>::nameComesFrom && !isNamed;
    QByteArray out = text;
    const auto write = [&](const QString &name) {
        if (!findValue(out, section, name).present)
            out = edited(out, section, name, toToml(rowOf<Owner>(name)->read(entry)).toUtf8());
    };
    if (nameFollows || field == QLatin1String("name"))
        write(QStringLiteral("id"));
    if (nameFollows)
        write(QStringLiteral("name"));
    return out;
}

/// "server.NAME.weight": the name may have dots of its own.
template <typename Owner>
Result<Target> entryTarget(const Config &config, const QString &key)
{
    const QString rest = key.mid(ListOf<Owner>::name.size() + 1);
    const qsizetype dot = rest.lastIndexOf(QLatin1Char('.'));
    const QString name = rest.left(std::max<qsizetype>(dot, 0));
    const Setting<Owner> *row = rowOf<Owner>(rest.mid(dot + 1));
    if (dot < 0 || !row) {
        QStringList fields;
        for (const Setting<Owner> &one : ListOf<Owner>::rows())
            fields.append(u'.' + QLatin1String(one.name));
        return Error{Code::NotFound,
                     QStringLiteral("no setting is called \"%1\"; a %2's are %2.NAME%3 and %4")
                         .arg(key, ListOf<Owner>::name,
                              fields.first(fields.size() - 1).join(QStringLiteral(", ")), fields.last())};
    }
    const auto list = ListOf<Owner>::entries;
    const qsizetype index = indexOf(config.*list, name);
    if (index < 0)
        return noSuchEntry(config.*list, name);
    return Target{sectionOf<Owner>(index), row,
                  [=](const Config &from) { return row->read((from.*list)[index]); },
                  [=](Config &to, const QString &text) { return row->writeText((to.*list)[index], text); },
                  [=](const QByteArray &text, const Config &from) {
                      return writeDown<Owner>(text, (from.*list)[index], index, QLatin1String(row->name));
                  }};
}

Result<Target> find(const Config &config, const QString &key)
{
    if (key.startsWith(QLatin1String("server.")))
        return entryTarget<Server>(config, key);
    if (key.startsWith(QLatin1String("backup.")))
        return entryTarget<Backup>(config, key);
    const Setting<Config> *row = findSetting(key);
    if (!row)
        return unknownKey(key);
    return Target{QLatin1String(row->section), row, [row](const Config &from) { return row->read(from); },
                  [row](Config &to, const QString &text) { return row->writeText(to, text); },
                  [](const QByteArray &text, const Config &) {
                      return text;
                  }};
}

} // namespace

Result<Value> valueOf(const Config &config, const QString &key)
{
    const auto target = find(config, key);
    if (!target)
        return target.error();
    return target->read(config);
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
    if (const Status status = target->write(wanted, value); !status)
        return Error{status.error().code, key + QStringLiteral(": ") + status.error().detail};
    const QByteArray literal = toToml(target->read(wanted)).toUtf8();
    const QByteArray held =
        wanted == before.config ? text : target->withDefaultsWrittenDown(text, before.config);
    const QByteArray out = edited(held, target->section, QLatin1String(target->info->name), literal);
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
