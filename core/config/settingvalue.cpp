// SPDX-License-Identifier: GPL-3.0-or-later
// How a row of the table reads, checks, writes and describes its value; the rows are in settings.cpp.
#include "core/config/endpoint.h"
#include "core/config/nodeplace.h"
#include "core/config/notifysettings.h"
#include "core/config/serverurl.h"
#include "core/config/settings.h"

namespace cring::config {

namespace {

Error expected(const QString &what, const Value &got)
{
    return Error{Code::ConfigBadValue, QStringLiteral("expected %1, not %2").arg(what, toToml(got))};
}

Result<qint64> inRange(const SettingInfo &info, qint64 amount, const Value &given)
{
    if (amount < info.least || amount > info.most)
        return expected(info.typeName() + QLatin1Char(' ') + info.range(), given);
    return amount;
}

Result<qint64> integer(const SettingInfo &info, const Value &value)
{
    if (const auto *text = std::get_if<QString>(&value)) {
        if (info.type == Type::Duration) {
            const auto duration = parseDuration(*text);
            return duration ? inRange(info, duration.value().count(), value)
                            : Result<qint64>(duration.error());
        }
        if (info.type == Type::Bytes) {
            const auto bytes = parseBytes(*text);
            return bytes ? inRange(info, bytes.value(), value) : bytes;
        }
    }
    const auto *number = std::get_if<qint64>(&value);
    if (number && info.type == Type::Duration)
        return Error{
            Code::ConfigBadValue,
            QStringLiteral("expected a duration with its unit, such as \"2s\" or \"1500ms\"; %1 alone does "
                           "not say whether it is seconds or milliseconds")
                .arg(*number)};
    if (!number)
        return expected(info.typeName() + QLatin1Char(' ') + info.range(), value);
    return inRange(info, *number, value);
}

bool isSecretPlace(const QString &word)
{
    return word == QLatin1String("keychain") || word == QLatin1String("env") ||
           (word.startsWith(QLatin1String("credential:")) && word.size() > 11) ||
           (word.startsWith(QLatin1String("file:")) && word.size() > 5);
}

Status checkKeyFile(const SettingInfo &info, const QString &text)
{
    const QStringList words = info.choiceList();
    if (words.isEmpty() ? text.isEmpty() : words.contains(text))
        return {};
    if (text == QLatin1String("keychain"))
        return {};
    if (text.startsWith(QLatin1String("file:"))) {
        // A service starts in a folder of its own choice, and no shell has put the home directory in place of
        // ~.
        if (!text.startsWith(QLatin1String("file:/")))
            return Error{Code::ConfigBadValue,
                         QStringLiteral("the path after file: has to be absolute, beginning with /")};
        return {};
    }
    if (text.startsWith(QLatin1String("credential:"))) {
        const QString name = text.sliced(11);
        if (name.isEmpty() || name.contains(QLatin1Char('/')) || name.startsWith(QLatin1Char('.')))
            return Error{
                Code::ConfigBadValue,
                QStringLiteral("after credential: comes the name of a file in $CREDENTIALS_DIRECTORY, "
                               "without / and not beginning with a dot")};
        return {};
    }
    // What was given is not repeated, as with secrets.
    return Error{
        Code::ConfigBadValue,
        QStringLiteral("expected %1: where the key is kept, never the key itself").arg(info.typeName())};
}

Status checkText(const SettingInfo &info, const QString &text)
{
    switch (info.type) {
    case Type::Address:
        if (text.isEmpty() && info.least == 0)
            break;
        if (const auto endpoint = parseEndpoint(text); !endpoint)
            return endpoint.error();
        break;
    case Type::Choice:
        if (!info.choiceList().contains(text))
            return expected(QStringLiteral("one of ") + info.typeName(), text);
        break;
    case Type::Secret:
        // What was given is not repeated: somebody may have put the key itself there.
        if (!isSecretPlace(text))
            return Error{
                Code::ConfigBadValue,
                QStringLiteral("expected keychain, env, credential:NAME or file:PATH: where the secret is "
                               "kept, never the secret itself")};
        break;
    case Type::KeyFile:
        if (Status status = checkKeyFile(info, text); !status)
            return status;
        break;
    case Type::Web:
        if (isWebAddress(text)) {
            if (const auto url = parseWebAddress(text); !url)
                return url.error();
        } else if (Status status = checkKeyFile(info, text); !status) {
            return status;
        }
        break;
    case Type::Node:
        if (text.isEmpty())
            break;
        if (const auto place = parseNodePlace(text); !place)
            return place.error();
        break;
    case Type::Text:
        if (text.size() < info.least || text.size() > info.most)
            return Error{Code::ConfigBadValue, QStringLiteral("expected %1 to %2 characters, not %3")
                                                   .arg(info.least)
                                                   .arg(info.most)
                                                   .arg(text.size())};
        break;
    default:
        break;
    }
    for (const QChar c : text) {
        if (c.unicode() < 0x20 || c.unicode() == 0x7f)
            return Error{Code::ConfigBadValue, QStringLiteral("expected text without control characters")};
    }
    return {};
}

/// Writes a value into a field of one C++ type.
struct Writer
{
    const SettingInfo &info;
    const Value &value;

    Status into(QString &field) const
    {
        const auto *text = std::get_if<QString>(&value);
        if (!text)
            return expected(QStringLiteral("text in quotes"), value);
        if (Status status = checkText(info, *text); !status)
            return status;
        field = *text;
        return {};
    }

    Status into(QUrl &field) const
    {
        const auto *text = std::get_if<QString>(&value);
        if (!text)
            return expected(QStringLiteral("a URL in quotes"), value);
        const auto url = parseServerUrl(*text);
        if (!url)
            return url.error();
        field = url.value();
        return {};
    }

    Status into(double &field) const
    {
        const auto *whole = std::get_if<qint64>(&value);
        const auto *number = std::get_if<double>(&value);
        const double amount = whole ? static_cast<double>(*whole) : number ? *number : -1.0;
        // The bounds keep the ratio of two weights, and the logarithms of placement, within what a double
        // tells apart.
        if (!(amount >= 1e-6 && amount <= 1e9))
            return expected(QStringLiteral("a number from 0.000001 to 1000000000"), value);
        field = amount;
        return {};
    }

    Status into(bool &field) const
    {
        const auto *truth = std::get_if<bool>(&value);
        if (!truth)
            return expected(QStringLiteral("true or false"), value);
        field = *truth;
        return {};
    }

    Status into(milliseconds &field) const
    {
        return number([&](qint64 amount) { field = milliseconds(amount); });
    }

    template <std::integral T>
    Status into(T &field) const
    {
        return number([&](qint64 amount) { field = static_cast<T>(amount); });
    }

private:
    template <typename Assign>
    Status number(Assign assign) const
    {
        const auto amount = integer(info, value);
        if (!amount)
            return amount.error();
        assign(amount.value());
        return {};
    }
};

struct Reader
{
    Type type;

    Value from(const QString &field) const { return field; }

    Value from(const QUrl &field) const { return field.toString(); }

    Value from(double field) const { return field; }

    Value from(bool field) const { return field; }

    Value from(milliseconds field) const { return formatDuration(field); }

    template <std::integral T>
    Value from(T field) const
    {
        return type == Type::Bytes ? Value(formatBytes(field)) : Value(static_cast<qint64>(field));
    }
};

Value fromText(Type type, const QString &text)
{
    bool ok = false;
    if (type == Type::Count || type == Type::Port || type == Type::Bytes || type == Type::Duration) {
        const qint64 number = text.toLongLong(&ok);
        return ok ? Value(number) : Value(text);
    }
    if (type == Type::Weight) {
        const double number = text.toDouble(&ok);
        return ok ? Value(number) : Value(text);
    }
    if (type == Type::Switch) {
        const auto truth = parseSwitch(text);
        return truth ? Value(*truth) : Value(text);
    }
    return text;
}

} // namespace

QString SettingInfo::key() const
{
    return QLatin1String(section) + QLatin1Char('.') + QLatin1String(name);
}

QString SettingInfo::environment() const
{
    const QString table = QLatin1String(section);
    if (table == QLatin1String("server") || table == QLatin1String("backup"))
        return {};
    const QString middle = table == QLatin1String("service") ? QString() : table + QLatin1Char('_');
    return QStringLiteral("CRING_") + (middle + QLatin1String(name)).toUpper();
}

QStringList SettingInfo::choiceList() const
{
    return QString(QLatin1String(choices)).split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

QString SettingInfo::typeName() const
{
    switch (type) {
    case Type::Text:
        return QStringLiteral("text");
    case Type::Address:
        return QStringLiteral("HOST:PORT");
    case Type::File:
        return QStringLiteral("path");
    case Type::Choice:
        return choiceList().join(QStringLiteral(" | "));
    case Type::Count:
        return QStringLiteral("whole number");
    case Type::Port:
        return QStringLiteral("port");
    case Type::Bytes:
        return QStringLiteral("size");
    case Type::Duration:
        return QStringLiteral("duration");
    case Type::Weight:
        return QStringLiteral("number above 0");
    case Type::Url:
        return QStringLiteral("URL");
    case Type::Switch:
        return QStringLiteral("true | false");
    case Type::Node:
        return QStringLiteral("path or ssh://");
    case Type::KeyFile: {
        const QStringList words = choiceList();
        return (words.isEmpty() ? QStringLiteral("\"\"") : words.join(QStringLiteral(" | "))) +
               QStringLiteral(" | keychain | file:PATH | credential:NAME");
    }
    case Type::Web:
        return QStringLiteral("\"\" | https://HOST/PATH | keychain | file:PATH | credential:NAME");
    case Type::Secret:
        break;
    }
    return QStringLiteral("place of a secret");
}

QString SettingInfo::range() const
{
    const auto between = [](const QString &low, const QString &high) {
        return QStringLiteral("from %1 to %2").arg(low, high);
    };
    switch (type) {
    case Type::Count:
    case Type::Port:
        return between(QString::number(least), QString::number(most));
    case Type::Bytes:
        return between(formatBytes(least), formatBytes(most));
    case Type::Duration:
        return between(formatDuration(milliseconds(least)), formatDuration(milliseconds(most)));
    default:
        return {};
    }
}

QString Shorthand::environment() const
{
    return QStringLiteral("CRING_") +
           QString(QLatin1String(flag + 2)).toUpper().replace(QLatin1Char('-'), QLatin1Char('_'));
}

template <typename Owner>
Value Setting<Owner>::read(const Owner &owner) const
{
    // The accessors hand out references for both directions; this one only looks.
    auto &mutableOwner = const_cast<Owner &>(owner);
    return std::visit([&](auto accessor) { return Reader{type}.from(accessor(mutableOwner)); }, field);
}

template <typename Owner>
Status Setting<Owner>::write(Owner &owner, const Value &value) const
{
    return std::visit([&](auto accessor) { return Writer{*this, value}.into(accessor(owner)); }, field);
}

template <typename Owner>
Status Setting<Owner>::writeText(Owner &owner, const QString &text) const
{
    return write(owner, fromText(type, text));
}

template struct Setting<Config>;
template struct Setting<Server>;
template struct Setting<Backup>;

} // namespace cring::config
