// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/listing.h"

#include "core/charm/json.h"

#include <QDateTime>
#include <QHash>
#include <QSet>

#include <algorithm>
#include <chrono>

namespace cring::charm {

namespace {

constexpr qsizetype kMaxName = 255;

/// Decimal digits from the front of a text, so many and no fewer.
std::optional<int> takeNumber(QByteArrayView &text, qsizetype digits)
{
    if (text.size() < digits)
        return std::nullopt;
    int number = 0;
    for (const char c : text.first(digits)) {
        if (c < '0' || c > '9')
            return std::nullopt;
        number = number * 10 + (c - '0');
    }
    text = text.sliced(digits);
    return number;
}

bool take(QByteArrayView &text, char c)
{
    if (!text.startsWith(c))
        return false;
    text = text.sliced(1);
    return true;
}

std::optional<int> takeFraction(QByteArrayView &text)
{
    if (!take(text, '.'))
        return 0;
    qsizetype digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        ++digits;
    if (digits < 1 || digits > 9)
        return std::nullopt;
    std::optional<int> nanoseconds = takeNumber(text, digits);
    for (; digits < 9; ++digits)
        nanoseconds = *nanoseconds * 10;
    return nanoseconds;
}

/// Seconds east of Greenwich.
std::optional<int> takeZone(QByteArrayView &text)
{
    if (take(text, 'Z'))
        return 0;
    const bool west = text.startsWith('-');
    if (!west && !text.startsWith('+'))
        return std::nullopt;
    text = text.sliced(1);
    const auto hours = takeNumber(text, 2);
    if (!hours || !take(text, ':'))
        return std::nullopt;
    const auto minutes = takeNumber(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59)
        return std::nullopt;
    const int seconds = (*hours * 60 + *minutes) * 60;
    return west ? -seconds : seconds;
}

std::optional<quint32> readMode(QByteArrayView value)
{
    const auto mode = json::unsignedInteger(value);
    return mode && *mode <= 0xffff'ffffu ? std::optional(static_cast<quint32>(*mode)) : std::nullopt;
}

/// The members that a folder and an entry have in common; leaves raw alone.
bool readInfo(const std::vector<json::Member> &members, Entry &out)
{
    const auto read = [&members](QByteArrayView name, auto reader) -> decltype(reader(QByteArrayView())) {
        const QByteArrayView *value = json::find(members, name);
        return value ? reader(*value) : std::nullopt;
    };
    auto name = read("name", json::string);
    const auto isDir = read("is_dir", json::boolean);
    const auto size = read("size", json::integer);
    auto modTime = read("modtime", json::string);
    const auto mode = read("mode", readMode);
    if (!name || !isDir || !size || *size < 0 || !modTime || !parseInstant(*modTime) || !mode)
        return false;
    out.name = std::move(*name);
    out.isDir = *isDir;
    out.size = *size;
    out.modTime = std::move(*modTime);
    out.mode = *mode;
    return true;
}

bool isComponent(const QByteArray &name)
{
    return !name.isEmpty() && name.size() <= kMaxName && name != "." && name != ".." && !name.contains('/') &&
           !name.contains('\0');
}

/// Does b say more, or later, than a of one name?
bool supersedes(const Entry &b, const Entry &a)
{
    if (a.isDir != b.isDir)
        return b.isDir;
    const auto before = parseInstant(a.modTime).value_or(Instant());
    const auto after = parseInstant(b.modTime).value_or(Instant());
    return after != before ? after > before : b.raw > a.raw;
}

} // namespace

std::optional<Instant> parseInstant(QByteArrayView text)
{
    using namespace std::chrono;
    const auto y = takeNumber(text, 4);
    const auto mo = y && take(text, '-') ? takeNumber(text, 2) : std::nullopt;
    const auto d = mo && take(text, '-') ? takeNumber(text, 2) : std::nullopt;
    const auto h = d && take(text, 'T') ? takeNumber(text, 2) : std::nullopt;
    const auto mi = h && take(text, ':') ? takeNumber(text, 2) : std::nullopt;
    const auto s = mi && take(text, ':') ? takeNumber(text, 2) : std::nullopt;
    const auto nanoseconds = s ? takeFraction(text) : std::nullopt;
    const auto zone = nanoseconds ? takeZone(text) : std::nullopt;
    if (!zone || !text.isEmpty() || *h > 23 || *mi > 59 || *s > 59)
        return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
    if (!date.ok())
        return std::nullopt;
    const qint64 days = sys_days{date}.time_since_epoch().count();
    return Instant{days * 86'400 + (*h * 60 + *mi) * 60 + *s - *zone, *nanoseconds};
}

Result<Listing> parseListing(QByteArrayView text)
{
    const Error broken{Code::ListingMalformed, QStringLiteral("A server's folder listing cannot be read.")};
    const auto document = text.size() > kMaxListing ? std::nullopt : json::members(text);
    Entry folder;
    if (!document || !readInfo(*document, folder) || !folder.isDir)
        return broken;
    Listing out{std::move(folder.name), std::move(folder.modTime), folder.mode, {}};
    const QByteArrayView *files = json::find(*document, "files");
    if (!files || json::isNull(*files))
        return out;
    const auto elements = json::elements(*files);
    if (!elements)
        return broken;
    out.files.reserve(elements->size());
    QSet<QByteArray> names;
    for (const QByteArrayView element : *elements) {
        const auto members = json::members(element);
        Entry entry;
        if (!members || !readInfo(*members, entry) || !isComponent(entry.name) || names.contains(entry.name))
            return broken;
        names.insert(entry.name);
        entry.raw = element.toByteArray();
        out.files.push_back(std::move(entry));
    }
    return out;
}

qint64 millisecondsOf(QByteArrayView text)
{
    const auto instant = parseInstant(text);
    return instant ? instant->seconds * 1'000 + instant->nanoseconds / 1'000'000 : 0;
}

QByteArray instantText(qint64 time)
{
    return QDateTime::fromMSecsSinceEpoch(time, Qt::UTC).toString(Qt::ISODateWithMs).toLatin1();
}

Entry makeEntry(const QByteArray &name, bool isDir, qint64 size, quint32 mode, qint64 modified)
{
    Entry entry{name, isDir, size, instantText(modified), mode, {}};
    entry.raw = "{\"name\":" + json::quoted(name) + ",\"is_dir\":" + (isDir ? "true" : "false") +
                ",\"size\":" + QByteArray::number(size) + ",\"modtime\":" + json::quoted(entry.modTime) +
                ",\"mode\":" + QByteArray::number(mode) + '}';
    return entry;
}

Listing merge(std::span<const Listing> listings)
{
    Listing out;
    if (listings.empty())
        return out;
    const auto newest =
        std::max_element(listings.begin(), listings.end(), [](const Listing &a, const Listing &b) {
            return parseInstant(a.modTime) < parseInstant(b.modTime);
        });
    out.name = newest->name;
    out.modTime = newest->modTime;
    out.mode = newest->mode;
    QHash<QByteArray, const Entry *> best;
    for (const Listing &listing : listings) {
        for (const Entry &entry : listing.files) {
            const Entry *&known = best[entry.name];
            if (!known || supersedes(entry, *known))
                known = &entry;
        }
    }
    out.files.reserve(static_cast<size_t>(best.size()));
    for (const Entry *entry : std::as_const(best))
        out.files.push_back(*entry);
    std::sort(out.files.begin(), out.files.end(),
              [](const Entry &a, const Entry &b) { return a.name < b.name; });
    return out;
}

QByteArray serialise(const Listing &listing)
{
    qsizetype size = 256;
    for (const Entry &entry : listing.files)
        size += entry.raw.size() + 1;
    QByteArray out;
    out.reserve(size);
    out += "{\"name\":" + json::quoted(listing.name) +
           ",\"is_dir\":true,\"size\":0,\"modtime\":" + json::quoted(listing.modTime) +
           ",\"mode\":" + QByteArray::number(listing.mode);
    const char *separator = ",\"files\":[";
    for (const Entry &entry : listing.files) {
        out += separator;
        out += entry.raw;
        separator = ",";
    }
    out += listing.files.empty() ? "}\n" : "]}\n";
    return out;
}

} // namespace cring::charm
