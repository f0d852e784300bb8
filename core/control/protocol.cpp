// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/protocol.h"

#include <QJsonDocument>

namespace cring::control {

namespace {

constexpr QLatin1String versionKey("jsonrpc");
constexpr QLatin1String idKey("id");
constexpr QLatin1String methodKey("method");
constexpr QLatin1String paramsKey("params");
constexpr QLatin1String resultKey("result");
constexpr QLatin1String errorKey("error");
constexpr QLatin1String messageKey("message");
constexpr QLatin1String dataKey("data");
constexpr QLatin1String codeKey("code");

QByteArray line(QJsonObject object)
{
    object.insert(versionKey, QStringLiteral("2.0"));
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

Refusal refusal(RpcCode rpcCode, const QString &detail, const QJsonValue &id = QJsonValue::Null)
{
    const Code code = rpcCode == RpcCode::InvalidParams ? Code::ControlBadParams : Code::ControlProtocol;
    return {rpcCode, {code, detail}, id};
}

bool isUsableId(const QJsonValue &id)
{
    return id.isUndefined() || id.isNull() || id.isDouble() ||
           (id.isString() && id.toString().size() <= maxIdLength);
}

Error errorFrom(const QJsonObject &object)
{
    const QString message = object.value(messageKey).toString();
    const Code code = codeFromName(object.value(dataKey).toObject().value(codeKey).toString());
    return {code,
            message.isEmpty() ? QStringLiteral("the service reported an error without words") : message};
}

} // namespace

std::variant<Request, Refusal> parseRequest(const QByteArray &line)
{
    QJsonParseError parse;
    const QJsonDocument document = QJsonDocument::fromJson(line, &parse);
    if (parse.error != QJsonParseError::NoError) {
        return refusal(
            RpcCode::ParseError,
            QStringLiteral("the line is not JSON: %1 at byte %2").arg(parse.errorString()).arg(parse.offset));
    }
    if (document.isArray()) {
        return refusal(RpcCode::InvalidRequest,
                       QStringLiteral("batches are not supported: send one request a line, without waiting"));
    }
    const QJsonObject object = document.object();
    const QJsonValue id = object.value(idKey);
    if (!isUsableId(id)) {
        return refusal(
            RpcCode::InvalidRequest,
            QStringLiteral("id must be a number or a string of at most %1 characters").arg(maxIdLength));
    }
    const QJsonValue answerTo = id.isUndefined() ? QJsonValue(QJsonValue::Null) : id;
    if (object.value(versionKey) != QStringLiteral("2.0"))
        return refusal(RpcCode::InvalidRequest, QStringLiteral("jsonrpc must be \"2.0\""), answerTo);
    const QJsonValue method = object.value(methodKey);
    if (!method.isString() || method.toString().isEmpty())
        return refusal(RpcCode::InvalidRequest, QStringLiteral("method must be a string"), answerTo);
    const QJsonValue params = object.value(paramsKey);
    if (!params.isUndefined() && !params.isObject())
        return refusal(RpcCode::InvalidParams, QStringLiteral("params must be an object with names"),
                       answerTo);
    return Request{id, method.toString(), params.toObject()};
}

Result<std::variant<Response, Notification>> parseMessage(const QByteArray &line)
{
    using Message = std::variant<Response, Notification>;
    const QJsonObject object = QJsonDocument::fromJson(line).object();
    if (object.value(versionKey) != QStringLiteral("2.0"))
        return Error{Code::ControlProtocol, QStringLiteral("the answer is not JSON-RPC 2.0")};
    if (object.value(methodKey).isString())
        return Message(Notification{object.value(methodKey).toString(), object.value(paramsKey).toObject()});

    const QJsonValue error = object.value(errorKey);
    // Null: the service could not read the id of what we sent, or says why it is hanging up.
    const qint64 id = object.value(idKey).toInteger(-1);
    if (error.isObject())
        return Message(Response{id, errorFrom(error.toObject())});
    if (id < 0 || !object.value(resultKey).isObject())
        return Error{Code::ControlProtocol, QStringLiteral("the answer has neither a result nor an error")};
    return Message(Response{id, object.value(resultKey).toObject()});
}

QByteArray encodeRequest(qint64 id, const QString &method, const QJsonObject &params)
{
    return line({{idKey, id}, {methodKey, method}, {paramsKey, params}});
}

QByteArray encodeResult(const QJsonValue &id, const QJsonObject &result)
{
    return line({{idKey, id}, {resultKey, result}});
}

QByteArray encodeError(const QJsonValue &id, RpcCode rpcCode, const Error &error)
{
    QString message = error.detail;
    for (const Error *inner = error.cause.get(); inner; inner = inner->cause.get())
        message += QStringLiteral(": ") + inner->detail;
    const QJsonObject body{{codeKey, static_cast<int>(rpcCode)},
                           {messageKey, message},
                           {dataKey, QJsonObject{{codeKey, codeName(error.code)}}}};
    return line({{idKey, id}, {errorKey, body}});
}

QByteArray encodeNotification(const QString &method, const QJsonObject &params)
{
    return line({{methodKey, method}, {paramsKey, params}});
}

RpcCode rpcCodeFor(Code code)
{
    switch (code) {
    case Code::ControlBadParams:
        return RpcCode::InvalidParams;
    case Code::ControlUnknownMethod:
        return RpcCode::MethodNotFound;
    default:
        return RpcCode::ServerError;
    }
}

Code codeFromName(const QString &name)
{
    bool ok = false;
    const int number = name.startsWith(QStringLiteral("CR-")) ? name.mid(3).toInt(&ok) : 0;
    return ok ? static_cast<Code>(number) : Code::ControlProtocol;
}

void LineSplitter::append(const QByteArray &bytes)
{
    if (m_overflowed)
        return;
    if (m_start > 0) {
        m_buffer.remove(0, m_start);
        m_scanned -= m_start;
        m_start = 0;
    }
    m_buffer += bytes;
}

std::optional<QByteArray> LineSplitter::next()
{
    while (!m_overflowed) {
        const qsizetype end = m_buffer.indexOf('\n', m_scanned);
        const qsizetype length = (end < 0 ? m_buffer.size() : end) - m_start;
        if (length > m_maxLine) {
            m_overflowed = true;
            m_buffer = {};
            break;
        }
        if (end < 0) {
            m_scanned = m_buffer.size();
            break;
        }
        const QByteArray whole = m_buffer.mid(m_start, length).trimmed();
        m_start = m_scanned = end + 1;
        if (!whole.isEmpty())
            return whole;
    }
    return std::nullopt;
}

} // namespace cring::control
