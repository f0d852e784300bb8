// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/charmkv.h"

namespace cring::test {

namespace {

constexpr int kTries = 20;

} // namespace

Status storeValue(playground::CharmClient &client, const QString &key, const QString &value)
{
    const QString kv = QStringLiteral("kv");
    const qsizetype at = key.indexOf(u'@');
    QStringList reset{kv, QStringLiteral("reset")};
    if (at >= 0)
        reset << key.mid(at);
    QByteArray said;
    for (int i = 0; i < kTries; ++i) {
        const auto set = client.run({kv, QStringLiteral("set"), key, value});
        if (!set.ok())
            return Error{Code::NotFound, QString::fromUtf8(set.text())};
        // From here on the client knows what the servers have.
        const auto anew = client.run(reset);
        const auto got = client.run({kv, QStringLiteral("get"), key});
        if (got.ok() && got.out.trimmed() == value.toUtf8())
            return {};
        said = anew.text() + got.text();
    }
    return Error{Code::NotFound, QString::fromUtf8(said)};
}

} // namespace cring::test
