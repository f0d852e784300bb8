// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QByteArrayView>

#include <vector>

namespace cring::http {

/// Header fields in the order they came, names compared without case (RFC 9110 §5.1). A value type.
class Headers
{
public:
    struct Field
    {
        QByteArray name;
        QByteArray value;
    };

    /// The first field of that name, or an empty array.
    QByteArray value(QByteArrayView name) const;
    bool contains(QByteArrayView name) const;
    int count(QByteArrayView name) const;
    void append(QByteArray name, QByteArray value);
    /// Replaces every field of that name by one.
    void set(QByteArrayView name, QByteArray value);
    void remove(QByteArrayView name);

    const std::vector<Field> &fields() const { return m_fields; }

private:
    std::vector<Field> m_fields;
};

/// Not of an RFC, but what proxies and servers that are asked for help agree on: names one request in all
/// logs.
inline constexpr const char *kRequestIdField = "X-Request-Id";

/// Equal but for ASCII case.
bool sameToken(QByteArrayView a, QByteArrayView b);
/// True if a comma-separated field value holds the token (RFC 9110 §5.6.1).
bool listHas(QByteArrayView value, QByteArrayView token);
/// True for fields that belong to one connection and are never passed on (RFC 9110 §7.6.1).
bool isHopByHop(QByteArrayView name);

} // namespace cring::http
