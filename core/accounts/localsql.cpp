// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/localsql.h"

#include <QFile>
#include <QFileInfo>
#include <QtEndian>

#include <sqlite3.h>

#include <memory>
#include <vector>

namespace cring::accounts {

namespace {

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Code codeOf(int result)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return Code::AccountsBusy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return Code::AccountsDamaged;
    case SQLITE_INTERRUPT:
        return Code::AccountsStopped;
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_AUTH:
        return Code::AccountsForeign;
    default:
        return Code::AccountsFile;
    }
}

QString adviceOf(Code code, int result)
{
    if ((result & 0xff) == SQLITE_CONSTRAINT)
        return QStringLiteral("it has rows or rules that no Charm server makes");
    switch (code) {
    case Code::AccountsBusy:
        return QStringLiteral("its server or another program is writing to it; try again");
    case Code::AccountsDamaged:
        return QStringLiteral("it is damaged, or no SQLite database; make this server anew with `cring "
                              "replicas init`, not with the copy of another one");
    case Code::AccountsForeign:
        return QStringLiteral("its tables are not a Charm server's");
    case Code::AccountsStopped:
        return QStringLiteral("called off");
    default:
        return QStringLiteral("check that it exists, that this user may write to it and to its folder, and "
                              "that the disk is not full");
    }
}

/// One connection, for one text.
class Run
{
public:
    Run(const QString &path, const std::function<bool(SqlRow)> &row, const std::stop_token &stop)
        : m_path(path)
        , m_row(row)
        , m_stop(stop)
    {
    }

    Result<ISqlRunner::Ran> run(const QByteArray &text)
    {
        if (auto opened = open(); !opened.ok())
            return opened.error();
        const char *rest = text.constData();
        const char *const end = rest + text.size();
        while (rest < end) {
            if (m_stop.stop_requested())
                return Error{Code::AccountsStopped, QStringLiteral("%1: called off").arg(m_path)};
            sqlite3_stmt *prepared = nullptr;
            const char *next = nullptr;
            const int result =
                sqlite3_prepare_v2(m_database.get(), rest, static_cast<int>(end - rest), &prepared, &next);
            const Statement statement(prepared, &sqlite3_finalize);
            if (result != SQLITE_OK)
                return error(result);
            rest = next;
            if (!prepared) // A comment, or the white space at the end.
                continue;
            if (auto stepped = stepThrough(prepared); !stepped.ok())
                return stepped.error();
        }
        return m_ran;
    }

private:
    Status open()
    {
        const QFileInfo file(m_path);
        // Anything else could block, or be made anew.
        if (!file.isFile())
            return Error{Code::AccountsFile, QStringLiteral("%1 is not there, or no file").arg(m_path)};
        sqlite3 *opened = nullptr;
        const int result =
            sqlite3_open_v2(QFile::encodeName(file.absoluteFilePath()).constData(), &opened,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
        m_database.reset(opened);
        if (result != SQLITE_OK)
            return error(result);
        sqlite3_extended_result_codes(opened, 1);
        sqlite3_busy_timeout(opened, 0);
        // What somebody put into the file is data to us, never code.
        sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, kMostCell);
        sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
        sqlite3_progress_handler(opened, kStepsBetweenLooks, &Run::isStopped, this);
        return {};
    }

    static int isStopped(void *self) { return static_cast<Run *>(self)->m_stop.stop_requested() ? 1 : 0; }

    Status stepThrough(sqlite3_stmt *statement)
    {
        if (QByteArrayView(sqlite3_sql(statement)).trimmed().startsWith("COMMIT"))
            m_ran.changeCounter = changeCounter();
        for (;;) {
            const int result = sqlite3_step(statement);
            if (result == SQLITE_DONE)
                return {};
            if (result != SQLITE_ROW)
                return error(result);
            m_cells.clear();
            for (int column = 0; column < sqlite3_column_count(statement); ++column) {
                const auto *bytes = static_cast<const char *>(sqlite3_column_blob(statement, column));
                m_cells.emplace_back(bytes, bytes ? sqlite3_column_bytes(statement, column) : 0);
            }
            if (!m_row(m_cells))
                return Error{Code::AccountsStopped, QStringLiteral("called off")};
        }
    }

    /// Through SQLite's own file: closing another one would give its locks up. 0 in WAL mode, where the
    /// counter stands still.
    quint32 changeCounter() const
    {
        sqlite3_file *file = nullptr;
        if (sqlite3_file_control(m_database.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
            !file || !file->pMethods)
            return 0;
        unsigned char header[28] = {};
        if (file->pMethods->xRead(file, header, sizeof header, 0) != SQLITE_OK || header[18] != 1)
            return 0;
        return qFromBigEndian<quint32>(header + 24);
    }

    Error error(int result) const
    {
        const Code code = codeOf(result);
        const char *said = m_database ? sqlite3_errmsg(m_database.get()) : sqlite3_errstr(result);
        return {code, QStringLiteral("%1: %2 (SQLite says: %3)")
                          .arg(m_path, adviceOf(code, result), QString::fromUtf8(said).left(200))};
    }

    /// Longer than any request that a Charm server takes (1 MiB), with room for the text of a statement.
    static constexpr int kMostCell = 16 * 1024 * 1024;
    static constexpr int kStepsBetweenLooks = 50'000;

    const QString &m_path;
    const std::function<bool(SqlRow)> &m_row;
    const std::stop_token &m_stop;
    Handle m_database{nullptr, &sqlite3_close}; ///< Closing it rolls back.
    std::vector<QByteArrayView> m_cells;
    ISqlRunner::Ran m_ran;
};

} // namespace

LocalSql::LocalSql(QString path)
    : m_path(std::move(path))
{
}

Result<ISqlRunner::Ran> LocalSql::run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                                      const std::stop_token &stop)
{
    return Run(m_path, row, stop).run(text);
}

} // namespace cring::accounts
