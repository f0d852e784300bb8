// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/parameters.h"

namespace cring::service {

QString Parameters::text(const QString &name)
{
    const QJsonValue value = m_params.value(name);
    if (!value.isUndefined() && !value.isString())
        complain(name, QStringLiteral("a text"));
    return value.toString();
}

QString Parameters::needed(const QString &name, const QString &what)
{
    const QString value = m_params.value(name).toString();
    if (value.isEmpty())
        complain(name, what);
    return value;
}

qint64 Parameters::number(const QString &name, qint64 byDefault, qint64 least, qint64 most)
{
    const QJsonValue value = m_params.value(name);
    if (value.isUndefined())
        return byDefault;
    // A number with a fraction gives the default, too.
    const qint64 number = value.toInteger(least - 1);
    if (number < least || number > most)
        complain(name, QStringLiteral("a whole number from %1 to %2").arg(least).arg(most));
    return number;
}

QJsonObject Parameters::object(const QString &name)
{
    const QJsonValue value = m_params.value(name);
    if (!value.isUndefined() && !value.isObject())
        complain(name, QStringLiteral("an object"));
    return value.toObject();
}

bool Parameters::flag(const QString &name)
{
    const QJsonValue value = m_params.value(name);
    if (!value.isUndefined() && !value.isBool())
        complain(name, QStringLiteral("true or false"));
    return value.toBool();
}

QByteArray Parameters::place()
{
    const QString name = QStringLiteral("after");
    const auto decoded = QByteArray::fromBase64Encoding(
        text(name).toLatin1(), QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        complain(name, QStringLiteral("what an earlier answer gave as \"next\""));
    return decoded.decoded;
}

void Parameters::complain(const QString &name, const QString &wanted)
{
    if (!m_problem)
        m_problem = Error{Code::ControlBadParams, QStringLiteral("%1 must be %2").arg(name, wanted)};
}

} // namespace cring::service
