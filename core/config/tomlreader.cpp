// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/tomlreader.h"

#include "core/config/nearest.h"
#include "core/config/settings.h"

#include <QSet>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>

namespace cring::config {

namespace {

QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

toml::parse_result parse(const QByteArray &text)
{
    return toml::parse(std::string_view(text.constData(), static_cast<size_t>(text.size())));
}

QString kindOf(const toml::node &node)
{
    if (node.is_table())
        return QStringLiteral("a table");
    if (node.is_array())
        return QStringLiteral("a list");
    return QStringLiteral("a date or time");
}

std::optional<Value> scalar(const toml::node &node)
{
    if (const auto *text = node.as_string())
        return Value(toQString(text->get()));
    if (const auto *number = node.as_integer())
        return Value(static_cast<qint64>(number->get()));
    if (const auto *number = node.as_floating_point())
        return Value(number->get());
    if (const auto *truth = node.as_boolean())
        return Value(truth->get());
    return std::nullopt;
}

QString headerOf(const Section &section)
{
    return (section.list ? QStringLiteral("[[%1]]") : QStringLiteral("[%1]"))
        .arg(QLatin1String(section.name));
}

/// Walks one parsed file.
class Reading
{
public:
    Reading(QString name, FileContent &content)
        : m_name(std::move(name))
        , m_content(content)
    {
    }

    void root(const toml::table &table)
    {
        for (const auto &[key, node] : table) {
            const QString name = toQString(key.str());
            const auto known = std::ranges::find_if(
                sections(), [&](const Section &section) { return name == QLatin1String(section.name); });
            if (known == sections().end())
                unknownSection(name, node.is_table() || node.is_array(), place(key.source()));
            else if (known->list)
                list(*known, node, place(key.source()));
            else
                section(*known, node, place(key.source()));
        }
    }

    Place place(const toml::source_region &region) const
    {
        return Place{m_name, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
    }

private:
    void problem(Code code, const QString &key, const QString &detail, const Place &where)
    {
        m_content.problems.append(Problem{code, key, detail, where});
    }

    void section(const Section &section, const toml::node &node, const Place &where)
    {
        const QString name = QLatin1String(section.name);
        if (const auto *table = node.as_table())
            keys(*table, settings(), name, name, m_content.config);
        else
            problem(Code::ConfigBadValue, name, QStringLiteral("%1 is a section: write [%1]").arg(name),
                    where);
    }

    void list(const Section &section, const toml::node &node, const Place &where)
    {
        const QString name = QLatin1String(section.name);
        const auto *array = node.as_array();
        if (!array) {
            problem(
                Code::ConfigBadValue, name,
                QStringLiteral("there may be several of %1: write [[%1]], with two brackets, once for each")
                    .arg(name),
                where);
            return;
        }
        int index = 0;
        for (const toml::node &element : *array) {
            const QString path = QStringLiteral("%1[%2]").arg(name).arg(index++);
            m_content.places.insert(path, place(element.source()));
            const auto *table = element.as_table();
            if (!table)
                problem(Code::ConfigBadValue, path, QStringLiteral("expected [[%1]] sections").arg(name),
                        place(element.source()));
            else if (name == QLatin1String("server"))
                keys(*table, serverSettings(), name, path, m_content.config.servers.emplaceBack());
            else
                keys(*table, backupSettings(), name, path, m_content.config.backups.emplaceBack());
        }
    }

    /// path is the section with the index of a list's entry.
    template <typename Owner>
    void keys(const toml::table &table, std::span<const Setting<Owner>> rows, const QString &section,
              const QString &path, Owner &owner)
    {
        for (const auto &[key, node] : table) {
            const QString name = toQString(key.str());
            const QString full = path + QLatin1Char('.') + name;
            const auto row = std::ranges::find_if(rows, [&](const Setting<Owner> &setting) {
                return section == QLatin1String(setting.section) && name == QLatin1String(setting.name);
            });
            if (row == rows.end()) {
                unknownKey(rows, section, name, full, place(key.source()));
                continue;
            }
            m_content.places.insert(full, place(key.source()));
            const auto value = scalar(node);
            const Status status =
                value
                    ? row->write(owner, *value)
                    : Status(Error{Code::ConfigBadValue,
                                   QStringLiteral("expected %1, not %2").arg(row->typeName(), kindOf(node))});
            if (!status)
                problem(status.error().code, full, name + QStringLiteral(": ") + status.error().detail,
                        place(node.source()));
        }
    }

    template <typename Owner>
    void unknownKey(std::span<const Setting<Owner>> rows, const QString &section, const QString &name,
                    const QString &full, const Place &where)
    {
        QStringList names;
        for (const Setting<Owner> &row : rows) {
            if (section == QLatin1String(row.section))
                names.append(QLatin1String(row.name));
        }
        const QString near = nearest(name, names);
        QString advice = near.isEmpty() ? QStringLiteral("known here: ") + names.join(QStringLiteral(", "))
                                        : QStringLiteral("did you mean \"%1\"?").arg(near);
        if (const QString home = sectionOf(name); near != name && !home.isEmpty())
            advice = QStringLiteral("it belongs in %1").arg(home);
        problem(Code::ConfigUnknownKey, full,
                QStringLiteral("unknown key \"%1\" in %2; %3").arg(name, bracketed(section), advice), where);
    }

    void unknownSection(const QString &name, bool table, const Place &where)
    {
        QStringList names;
        for (const Section &section : sections())
            names.append(QLatin1String(section.name));
        const QString near = nearest(name, names);
        const QString home = table ? QString() : sectionOf(name);
        QString advice = QStringLiteral("known: ") + names.join(QStringLiteral(", "));
        if (!home.isEmpty())
            advice = QStringLiteral("it belongs in %1").arg(home);
        else if (!near.isEmpty())
            advice = QStringLiteral("did you mean %1?").arg(bracketed(near));
        problem(Code::ConfigUnknownKey, name,
                QStringLiteral("unknown %1 \"%2\"; %3")
                    .arg(table ? QStringLiteral("section") : QStringLiteral("key"), name, advice),
                where);
    }

    /// "[limits]" for "header_bytes"; "" for a name that no section has.
    static QString sectionOf(const QString &name)
    {
        for (const auto &row : settings()) {
            if (name == QLatin1String(row.name))
                return bracketed(QLatin1String(row.section));
        }
        return {};
    }

    static QString bracketed(const QString &section)
    {
        for (const Section &known : sections()) {
            if (section == QLatin1String(known.name))
                return headerOf(known);
        }
        return section;
    }

    QString m_name;
    FileContent &m_content;
};

} // namespace

FileContent readToml(const QByteArray &text, const QString &name)
{
    FileContent content;
    Reading reading(name, content);
    const auto parsed = parse(text);
    if (!parsed) {
        content.problems.append(Problem{Code::ConfigSyntax, QString(),
                                        toQString(parsed.error().description()),
                                        reading.place(parsed.error().source())});
        return content;
    }
    reading.root(parsed.table());
    // toml++ keeps tables sorted by key; people read a file from the top.
    std::ranges::stable_sort(content.problems, {},
                             [](const Problem &p) { return std::pair(p.place.line, p.place.column); });
    return content;
}

ValueSpan findValue(const QByteArray &text, const QString &section, const QString &key)
{
    ValueSpan span;
    const auto parsed = parse(text);
    if (!parsed)
        return span;
    const auto *table = parsed.table().at_path(section.toStdString()).as_table();
    if (!table)
        return span;
    span.headerLine = static_cast<int>(table->source().begin.line);
    span.sectionLine = span.headerLine;
    for (const auto &[name, node] : *table) {
        span.sectionLine = std::max(span.sectionLine, static_cast<int>(node.source().end.line));
        if (toQString(name.str()) != key)
            continue;
        span.present = true;
        span.beginLine = static_cast<int>(node.source().begin.line);
        span.beginColumn = static_cast<int>(node.source().begin.column);
        span.endLine = static_cast<int>(node.source().end.line);
        span.endColumn = static_cast<int>(node.source().end.column);
    }
    return span;
}

} // namespace cring::config
