// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/nodeplace.h"

#include <QDir>
#include <QHostAddress>
#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace cring::config {

namespace {

constexpr QLatin1String kScheme("ssh://");
constexpr QLatin1String kHome("/~");

Error refused(const QString &reason)
{
    return Error{Code::ConfigBadValue,
                 QStringLiteral("expected a server's data directory, /PATH or ssh://USER@HOST:PORT/PATH: %1")
                     .arg(reason)};
}

bool hasControls(const QString &text)
{
    return std::ranges::any_of(text, [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
}

/// A user or host that begins with a dash, or has blanks in it, could mean something else to a program.
bool isPlainWord(const QString &word)
{
    static const QRegularExpression plain(QStringLiteral("\\A[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?\\z"));
    return plain.match(word).hasMatch();
}

Result<QString> cleaned(const QString &path)
{
    if (path.split(QLatin1Char('/')).contains(QStringLiteral("..")))
        return refused(QStringLiteral("the path has \"..\" in it; write where it leads"));
    const QString clean = QDir::cleanPath(path);
    if (clean.isEmpty() || clean == QLatin1String("/"))
        return refused(QStringLiteral("the path is the root of the file system, not a folder in it"));
    return clean;
}

Result<QString> pathThere(const QUrl &url)
{
    const QString path = url.path(QUrl::FullyDecoded);
    if (path.isEmpty() || path == QLatin1String("/"))
        return refused(QStringLiteral("the path is missing; add /PATH, or /~/PATH for one below the home"));
    if (path == kHome || path.startsWith(QLatin1String("/~/"))) {
        const QString below = path.mid(kHome.size() + 1);
        if (below.isEmpty())
            return QStringLiteral(".");
        const Result<QString> clean = cleaned(below);
        return clean ? Result<QString>(QStringLiteral("./") + *clean) : clean;
    }
    return cleaned(path);
}

Result<NodePlace> parseUrl(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    if (!url.password().isEmpty() || text.section(QLatin1Char('@'), 0, 0).count(QLatin1Char(':')) > 1)
        return refused(QStringLiteral("a password has no place in it: use a key"));
    if (!url.isValid() && text.contains(QLatin1Char(' ')))
        return refused(QStringLiteral("write a blank as %20"));
    if (!url.isValid() || url.host().isEmpty())
        return refused(QStringLiteral("\"%1\" names no host").arg(text));
    if (url.userName().isEmpty())
        return refused(QStringLiteral("\"%1\" names no user; write ssh://USER@%2…").arg(text, url.host()));
    if (url.hasQuery() || url.hasFragment())
        return refused(
            QStringLiteral("\"%1\" has a query or a fragment; write ? as %3F and # as %23").arg(text));
    if (!isPlainWord(url.userName()))
        return refused(QStringLiteral("\"%1\" is no user's name").arg(url.userName()));
    if (!isPlainWord(url.host()) && QHostAddress(url.host()).isNull())
        return refused(QStringLiteral("\"%1\" is no host's name").arg(url.host()));
    if (url.port() == 0)
        return refused(QStringLiteral("port 0 is none"));
    const Result<QString> path = pathThere(url);
    if (!path)
        return path.error();
    NodePlace place;
    place.user = url.userName();
    place.host = url.host();
    place.port = static_cast<quint16>(url.port(NodePlace::kSshPort));
    place.path = *path;
    return place;
}

} // namespace

Result<NodePlace> parseNodePlace(const QString &text)
{
    if (hasControls(text))
        return refused(QStringLiteral("it has control characters in it"));
    if (text.startsWith(kScheme))
        return parseUrl(text);
    if (text.contains(QLatin1String("://")))
        return refused(QStringLiteral("not %1").arg(text.section(QLatin1String("://"), 0, 0)));
    // A service starts in a folder of its own choice, and no shell has put the home directory in place of ~.
    if (!text.startsWith(QLatin1Char('/')))
        return refused(QStringLiteral("\"%1\" does not begin with /").arg(text));
    const Result<QString> path = cleaned(text);
    if (!path)
        return path.error();
    NodePlace place;
    place.path = *path;
    return place;
}

QString NodePlace::machine() const
{
    if (isLocal())
        return QStringLiteral("this machine");
    const QString shown = host.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(host) : host;
    const QString login = user + QLatin1Char('@') + shown;
    return port == kSshPort ? login : login + QStringLiteral(":%1").arg(port);
}

QString NodePlace::toString() const
{
    if (isLocal())
        return path;
    const QString absolute = path.startsWith(QLatin1Char('/')) ? path
                             : path == QLatin1String(".")      ? kHome
                                                               : kHome + path.mid(1);
    return kScheme + machine() +
           QString::fromLatin1(QUrl::toPercentEncoding(absolute, QByteArrayLiteral("/~")));
}

} // namespace cring::config
