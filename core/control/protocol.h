// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QJsonValue>

#include <optional>
#include <variant>

/// The control API's wire format: JSON-RPC 2.0 (jsonrpc.org/specification), one object a line, UTF-8.
/// Pure functions, shared by the service and its clients. docs/control-api.md describes it for people.
namespace cring::control {

/// Rises when a method or field is removed or changes its meaning; additions do not raise it.
inline constexpr int protocolVersion = 1;
/// Of one line without its newline, in either direction.
inline constexpr qsizetype maxMessageBytes = 1024 * 1024;
/// Of a request's id when it is a string: it is kept and sent back.
inline constexpr qsizetype maxIdLength = 128;

/// The error numbers of JSON-RPC. Everything that a handler reports is ServerError, with the CR code in
/// `data`.
enum class RpcCode {
    ParseError = -32700,
    InvalidRequest = -32600,
    MethodNotFound = -32601,
    InvalidParams = -32602,
    InternalError = -32603,
    ServerError = -32000,
};

struct Request
{
    QJsonValue id; ///< Undefined for a notification: nothing is answered then.
    QString method;
    QJsonObject params;

    bool isNotification() const { return id.isUndefined(); }
};

/// Why a line is no request, and the id (or null) to say it to.
struct Refusal
{
    RpcCode rpcCode;
    Error error;
    QJsonValue id;
};

struct Response
{
    qint64 id;
    Result<QJsonObject> result;
};

struct Notification
{
    QString method;
    QJsonObject params;
};

/// Never fails silently: whatever the bytes are, there is a request or something to answer.
std::variant<Request, Refusal> parseRequest(const QByteArray &line);
/// The client's side. Fails with ControlProtocol.
Result<std::variant<Response, Notification>> parseMessage(const QByteArray &line);

/// Each of these is one line, newline included.
QByteArray encodeRequest(qint64 id, const QString &method, const QJsonObject &params);
QByteArray encodeResult(const QJsonValue &id, const QJsonObject &result);
QByteArray encodeError(const QJsonValue &id, RpcCode rpcCode, const Error &error);
QByteArray encodeNotification(const QString &method, const QJsonObject &params);

/// The number that fits an error of ours: bad parameters and unknown methods have numbers of their own.
RpcCode rpcCodeFor(Code code);

/// "CR-2001" back to its code; ControlProtocol for anything else.
Code codeFromName(const QString &name);

/// Cuts a byte stream into lines, within a bound. After overflowed() nothing more comes out.
class LineSplitter
{
public:
    explicit LineSplitter(qsizetype maxLine = maxMessageBytes)
        : m_maxLine(maxLine)
    {
    }

    void append(const QByteArray &bytes);
    /// The next whole line without its newline; blank lines are passed over.
    std::optional<QByteArray> next();

    /// A line longer than the bound came in; the stream cannot be trusted any more.
    bool overflowed() const { return m_overflowed; }

private:
    QByteArray m_buffer;
    qsizetype m_start = 0;   ///< Of the first byte not yet handed out.
    qsizetype m_scanned = 0; ///< No newline before this one: a slow long line is not scanned again and again.
    qsizetype m_maxLine;
    bool m_overflowed = false;
};

} // namespace cring::control
