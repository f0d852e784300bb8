// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/shellquote.h"

namespace cring::accounts {

Result<QByteArray> shellQuoted(const QStringList &argv)
{
    if (argv.isEmpty() || argv.constFirst().isEmpty())
        return Error{Code::NodeCommand, QStringLiteral("there is no program to run")};
    QByteArray line;
    for (const QString &argument : argv) {
        if (argument.contains(QChar(u'\0')))
            return Error{Code::NodeCommand, QStringLiteral("an argument with a NUL in it cannot be passed")};
        // Nothing has a meaning between single quotes but the next one. Quoted always: a word that needs no
        // quotes may still be an alias, an assignment or a keyword.
        line += (line.isEmpty() ? "'" : " '") + argument.toUtf8().replace('\'', "'\\''") + '\'';
    }
    return line;
}

} // namespace cring::accounts
