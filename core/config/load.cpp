// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/load.h"

#include "core/config/nearest.h"
#include "core/config/serverurl.h"
#include "core/config/settings.h"
#include "core/config/tomlreader.h"
#include "core/config/validate.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>

#include <unistd.h>

#include <cerrno>

namespace cring::config {

namespace {

/// Far above any real configuration: keeps a wrong --config (a disk image, /dev/zero) from being read into
/// memory.
constexpr qint64 kLargestFile = 1 << 20;

/// Nobody may look whether it is there, which is not the same as its absence.
bool isHidden(const QString &path)
{
    return ::access(QFile::encodeName(path).constData(), F_OK) != 0 && errno == EACCES;
}

/// A file that was named must be there.
Result<QByteArray> readFile(const QString &path)
{
    const auto refused = [&](const QString &reason) {
        return Error{Code::ConfigFile, QStringLiteral("cannot read the configuration file: %1").arg(reason)};
    };
    const QFileInfo info(path);
    if (isHidden(path))
        return refused(QStringLiteral("its folder cannot be searched (permission denied)"));
    if (!info.exists())
        return refused(QStringLiteral("there is no such file"));
    if (!info.isFile())
        return refused(QStringLiteral("it is not a file"));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return refused(file.errorString());
    const QByteArray text = file.read(kLargestFile + 1);
    if (text.size() > kLargestFile)
        return refused(QStringLiteral("it is larger than 1 MiB"));
    return text;
}

/// One text given for a flag or a variable, with the place to name in an error.
struct Given
{
    QString text;
    Place place;
};

/// What a switch of the command line stands for.
struct Fixed
{
    const char *key;
    const char *value;
};
constexpr Fixed kDebug{"service.log_level", "debug"};
constexpr Fixed kDisableAccounts{"service.accounts", "closed"};

class Loading
{
public:
    explicit Loading(const Sources &sources)
        : m_sources(sources)
    {
    }

    Loaded run()
    {
        file();
        for (const auto &row : settings())
            environmentOf(row);
        switchOfEnvironment("CRING_DISABLE_ACCOUNTS", kDisableAccounts);
        switchOfEnvironment("CRING_DEBUG", kDebug);
        for (const auto &row : settings())
            flagOf(row);
        if (m_sources.disableAccounts)
            setFrom("--disable-accounts", kDisableAccounts, Origin::Flag);
        if (m_sources.debug)
            setFrom("--debug", kDebug, Origin::Flag);
        hosts();
        backup();
        misspeltVariables();
        finish();
        return std::move(m_loaded);
    }

    Loaded runText(const QByteArray &text, const QString &name)
    {
        take(readToml(text, name));
        m_loaded.file = name;
        finish();
        return std::move(m_loaded);
    }

private:
    void problem(const Error &error, const QString &key, const Place &place)
    {
        m_loaded.problems.append(Problem{error.code, key, error.detail, place});
    }

    void file()
    {
        const bool named = !m_sources.file.isEmpty();
        const QString path = named ? m_sources.file : defaultFile(m_sources.environment);
        if (!named && !QFileInfo::exists(path) && !isHidden(path))
            return;
        m_loaded.file = path;
        const auto text = readFile(path);
        if (text)
            take(readToml(text.value(), path));
        else
            problem(text.error(), QString(), Place{path});
    }

    void take(const FileContent &content)
    {
        m_loaded.config = content.config;
        m_loaded.problems += content.problems;
        m_places = content.places;
        for (auto it = content.places.begin(); it != content.places.end(); ++it) {
            const qsizetype bracket = it.key().indexOf(QLatin1Char('['));
            m_loaded.origins.insert(bracket < 0 ? it.key() : it.key().left(bracket), Origin::File);
        }
    }

    /// An empty variable counts as unset: a unit file's `Environment=CRING_X=` means "nothing".
    std::optional<QString> variable(const QString &name) const
    {
        const QString text = m_sources.environment.value(name);
        return text.isEmpty() ? std::nullopt : std::optional(text);
    }

    std::optional<QString> variable(const char *name) const { return variable(QString(QLatin1String(name))); }

    void set(const Setting<Config> &row, const Given &given, Origin origin)
    {
        const QString key = row.key();
        dropProblemsOf(key);
        m_places.insert(key, given.place);
        m_loaded.origins.insert(key, origin);
        if (const Status status = row.writeText(m_loaded.config, given.text); !status)
            problem(status.error(), key, given.place);
    }

    /// A value that another one overrides cannot hurt any more.
    void dropProblemsOf(const QString &prefix)
    {
        m_loaded.problems.removeIf([&](const Problem &p) {
            return p.code == Code::ConfigBadValue &&
                   (p.key == prefix || p.key.startsWith(prefix + QLatin1Char('[')));
        });
    }

    void environmentOf(const Setting<Config> &row)
    {
        const QString name = row.environment();
        if (const auto text = variable(name))
            set(row, {*text, Place{name}}, Origin::Environment);
    }

    void flagOf(const Setting<Config> &row)
    {
        const auto flag = m_sources.flags.constFind(row.key());
        if (flag != m_sources.flags.constEnd())
            set(row, {*flag, Place{QLatin1String(row.flag)}}, Origin::Flag);
    }

    void setFrom(const char *source, const Fixed &fixed, Origin origin)
    {
        set(*findSetting(QLatin1String(fixed.key)),
            {QLatin1String(fixed.value), Place{QLatin1String(source)}}, origin);
    }

    /// CRING_DEBUG stands for log_level = "debug", as --debug does, over CRING_LOG_LEVEL and under any flag.
    void switchOfEnvironment(const char *name, const Fixed &fixed)
    {
        const auto text = variable(name);
        if (!text)
            return;
        const Result<bool> wanted = parseSwitch(*text);
        if (!wanted)
            problem(wanted.error(), QLatin1String(fixed.key), Place{QLatin1String(name)});
        else if (wanted.value())
            setFrom(name, fixed, Origin::Environment);
    }

    /// The flag, else the variable.
    std::optional<Given> shorthand(const std::optional<QString> &flag, const char *flagName,
                                   const char *variableName)
    {
        if (flag)
            return Given{*flag, Place{QLatin1String(flagName)}};
        if (const auto text = variable(variableName))
            return Given{*text, Place{QLatin1String(variableName)}};
        return std::nullopt;
    }

    void hosts()
    {
        const bool flag = !m_sources.hosts.isEmpty();
        const QStringList list = flag ? m_sources.hosts
                                      : m_sources.environment.value(QStringLiteral("CRING_HOST"))
                                            .split(QLatin1Char(','), Qt::SkipEmptyParts);
        const auto port = shorthand(m_sources.sshBackendPort, "--ssh-backend-port", "CRING_SSH_BACKEND_PORT");
        if (list.isEmpty()) {
            if (port)
                m_loaded.warnings.append(
                    QStringLiteral("%1 has no effect without --host: the servers of the file have "
                                   "ssh_port")
                        .arg(port->place.source));
            return;
        }
        replaceList(QStringLiteral("server"), flag ? Origin::Flag : Origin::Environment);
        m_loaded.config.servers.clear();
        for (const QString &text : list)
            host(text.trimmed(), Place{flag ? QStringLiteral("--host") : QStringLiteral("CRING_HOST")}, port);
    }

    void host(const QString &text, const Place &place, const std::optional<Given> &port)
    {
        const QString entry = QStringLiteral("server[%1]").arg(m_loaded.config.servers.size());
        Server &server = m_loaded.config.servers.emplaceBack();
        m_places.insert(entry, place);
        write(serverSettings(), server, "url", entry, Given{text, place});
        if (port) {
            const bool firstServer = m_loaded.config.servers.size() == 1;
            const auto row = std::ranges::find_if(serverSettings(), [](const auto &setting) {
                return QLatin1String(setting.name) == QLatin1String("ssh_port");
            });
            const Status status = row->writeText(server, port->text);
            if (!status && firstServer)
                problem(status.error(), entry + QStringLiteral(".ssh_port"), port->place);
        }
    }

    void backup()
    {
        const auto url = shorthand(m_sources.backupUrl, "--backup-url", "CRING_BACKUP_URL");
        const auto bucket = shorthand(m_sources.backupBucket, "--backup-bucket", "CRING_BACKUP_BUCKET");
        const auto zone = shorthand(m_sources.backupZone, "--backup-zone", "CRING_BACKUP_ZONE");
        if (!url && !bucket) // A zone alone (the original's default) asks for nothing.
            return;
        replaceList(QStringLiteral("backup"),
                    m_sources.backupUrl || m_sources.backupBucket ? Origin::Flag : Origin::Environment);
        Backup target;
        // As the Go original takes them: from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
        target.accessKey = target.secretKey = QStringLiteral("env");
        const QString entry = QStringLiteral("backup[0]");
        m_places.insert(entry, url ? url->place : bucket->place);
        if (url) {
            Given endpoint = *url;
            // The Go original's S3 library took a bare host.
            if (!endpoint.text.contains(QLatin1String("://")))
                endpoint.text.prepend(QLatin1String("https://"));
            write(backupSettings(), target, "url", entry, endpoint);
        }
        if (bucket)
            write(backupSettings(), target, "bucket", entry, *bucket);
        if (zone)
            write(backupSettings(), target, "region", entry, *zone);
        m_loaded.config.backups = {target};
    }

    template <typename Owner>
    void write(std::span<const Setting<Owner>> rows, Owner &owner, const char *name, const QString &entry,
               const Given &given)
    {
        const auto row = std::ranges::find_if(rows, [&](const Setting<Owner> &setting) {
            return QLatin1String(setting.name) == QLatin1String(name);
        });
        const QString key = entry + QLatin1Char('.') + QLatin1String(name);
        m_places.insert(key, given.place);
        if (const Status status = row->writeText(owner, given.text); !status)
            problem(status.error(), key, given.place);
    }

    /// Forgets what the file said of a list.
    void replaceList(const QString &name, Origin origin)
    {
        dropProblemsOf(name);
        m_places.removeIf([&](const auto &place) { return place.key().startsWith(name + QLatin1Char('[')); });
        m_loaded.origins.insert(name, origin);
    }

    /// A misspelt variable would be ignored without a word.
    void misspeltVariables()
    {
        QStringList known;
        for (const auto &row : settings())
            known.append(row.environment());
        for (const Shorthand &shorthand : shorthands())
            known.append(shorthand.environment());
        for (const QString &name : m_sources.environment.keys()) {
            if (!name.startsWith(QLatin1String("CRING_")) || known.contains(name))
                continue;
            for (const QString &right : known) {
                if (editDistance(name, right) <= 2) {
                    m_loaded.warnings.append(
                        QStringLiteral("%1 is set and means nothing; did you mean %2?").arg(name, right));
                    break;
                }
            }
        }
    }

    void finish()
    {
        for (Server &server : m_loaded.config.servers) {
            if (server.name.isEmpty() && !server.url.isEmpty())
                server.name = hostAndPort(server.url);
            if (server.id.isEmpty())
                server.id = server.name;
        }
        for (Backup &backup : m_loaded.config.backups) {
            if (backup.name.isEmpty())
                backup.name = backup.bucket;
            if (backup.id.isEmpty())
                backup.id = backup.name;
        }
        const bool unread = std::ranges::any_of(m_loaded.problems, [](const Problem &p) {
            return p.code == Code::ConfigSyntax || p.code == Code::ConfigFile;
        });
        QSet<QString> known;
        for (const Problem &p : std::as_const(m_loaded.problems))
            known.insert(p.key);
        for (Problem &found : validate(m_loaded.config)) {
            // A file that could not be read is no reason to say that it names no servers.
            if (known.contains(found.key) || (unread && found.code == Code::ConfigIncomplete))
                continue;
            found.place = placeOf(found.key);
            m_loaded.problems.append(std::move(found));
        }
        m_loaded.warnings += warnings(m_loaded.config);
    }

    /// Of the key, else of its list entry, else the file.
    Place placeOf(const QString &key) const
    {
        if (const auto found = m_places.constFind(key); found != m_places.constEnd())
            return *found;
        const QString entry = key.left(key.lastIndexOf(QLatin1Char('.')));
        return m_places.value(entry, Place{m_loaded.file});
    }

    const Sources &m_sources;
    Loaded m_loaded;
    QHash<QString, Place> m_places;
};

} // namespace

QString Loaded::problemText() const
{
    QStringList lines;
    for (const Problem &problem : problems)
        lines.append(problem.toString());
    return lines.join(QLatin1Char('\n'));
}

QString defaultFile(const QProcessEnvironment &environment)
{
    // The XDG base directory specification: a relative path is to be ignored.
    QString base = environment.value(QStringLiteral("XDG_CONFIG_HOME"));
    if (!base.startsWith(QLatin1Char('/')))
        base = environment.value(QStringLiteral("HOME"), QDir::homePath()) + QStringLiteral("/.config");
    return base + QStringLiteral("/charmedring/config.toml");
}

Loaded load(const Sources &sources)
{
    return Loading(sources).run();
}

Loaded loadText(const QByteArray &text, const QString &name)
{
    const Sources none;
    return Loading(none).runText(text, name);
}

} // namespace cring::config
