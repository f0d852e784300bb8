// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sqltext.h"

namespace cring::accounts::sqltext {

namespace {

/// Writes SELECTs whose columns are as the runner wants them.
class Select
{
public:
    explicit Select(ISqlRunner::Cells cells)
        : m_cells(cells)
    {
    }

    QByteArray operator()(const QByteArray &tag, const QByteArrayList &columns, const QByteArray &rest) const
    {
        QByteArrayList written{column('\'' + tag + '\'')};
        for (const QByteArray &name : columns)
            written << column(name);
        return "SELECT " + written.join(", ") + ' ' + rest + ";\n";
    }

private:
    QByteArray column(const QByteArray &name) const
    {
        return m_cells == ISqlRunner::Cells::Raw ? name : "hex(" + name + ')';
    }

    ISqlRunner::Cells m_cells;
};

QByteArray fits(const QByteArrayList &columns)
{
    QByteArrayList conditions;
    for (const QByteArray &name : columns)
        conditions << "length(CAST(ifnull(" + name + ", '') AS BLOB)) <= " + QByteArray::number(kMostText);
    return conditions.join(" AND ");
}

} // namespace

QByteArray nothing()
{
    return "BEGIN;\nSELECT 1 FROM main.sqlite_master LIMIT 0;\nCOMMIT;\n";
}

QByteArray reading(ISqlRunner::Cells cells)
{
    const Select select(cells);
    QByteArray text = "BEGIN;\n";
    text += select("object", {"type", "name", "tbl_name"},
                   "FROM main.sqlite_master WHERE type <> 'index' AND length(name) <= 1000 LIMIT 1000");
    for (const QByteArray table : {"charm_user", "public_key", "encrypt_key", "named_seq"})
        text += select("column", {'\'' + table + '\'', "name"}, "FROM pragma_table_info('" + table + "')");
    text += select("file", {"v.user_version", "e.encoding"}, "FROM pragma_user_version v, pragma_encoding e");

    text += select("user", {"id", "charm_id", "name", "email", "bio", "created_at"},
                   "FROM main.charm_user WHERE " + fits({"charm_id", "name", "email", "bio", "created_at"}));
    text += select("key", {"user_id", "id", "public_key", "created_at"},
                   "FROM main.public_key WHERE " + fits({"public_key", "created_at"}));
    text += select("sealed", {"public_key_id", "global_id", "encrypted_key", "created_at"},
                   "FROM main.encrypt_key WHERE " + fits({"global_id", "encrypted_key", "created_at"}));
    // Text in a column of numbers stays text in SQLite, and Charm's `seq + 1` makes 1 of it.
    const QByteArray number = "typeof(seq) = 'integer' AND seq >= 0";
    text += select("seq", {"user_id", "name", "seq"},
                   "FROM main.named_seq WHERE " + number + " AND " + fits({"name"}));
    text += select("oddseq", {"count(*)"}, "FROM main.named_seq WHERE NOT (" + number + ")");
    return text + "COMMIT;\n";
}

} // namespace cring::accounts::sqltext
