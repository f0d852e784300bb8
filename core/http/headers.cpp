// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/headers.h"

#include <algorithm>
#include <array>

namespace cring::http {

bool sameToken(QByteArrayView a, QByteArrayView b)
{
    return a.size() == b.size() && qstrnicmp(a.data(), a.size(), b.data(), b.size()) == 0;
}

bool listHas(QByteArrayView value, QByteArrayView token)
{
    while (!value.isEmpty()) {
        const qsizetype comma = value.indexOf(',');
        const QByteArrayView item = (comma < 0 ? value : value.first(comma)).trimmed();
        if (sameToken(item, token))
            return true;
        if (comma < 0)
            return false;
        value = value.sliced(comma + 1);
    }
    return false;
}

bool isHopByHop(QByteArrayView name)
{
    static constexpr std::array<QByteArrayView, 9> names = {"connection",
                                                            "keep-alive",
                                                            "proxy-authenticate",
                                                            "proxy-authorization",
                                                            "proxy-connection",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "upgrade"};
    return std::any_of(names.begin(), names.end(), [&](QByteArrayView hop) { return sameToken(hop, name); });
}

QByteArray Headers::value(QByteArrayView name) const
{
    for (const Field &field : m_fields) {
        if (sameToken(field.name, name))
            return field.value;
    }
    return {};
}

bool Headers::contains(QByteArrayView name) const
{
    return count(name) > 0;
}

int Headers::count(QByteArrayView name) const
{
    return static_cast<int>(std::count_if(m_fields.begin(), m_fields.end(),
                                          [&](const Field &field) { return sameToken(field.name, name); }));
}

void Headers::append(QByteArray name, QByteArray value)
{
    m_fields.push_back({std::move(name), std::move(value)});
}

void Headers::set(QByteArrayView name, QByteArray value)
{
    remove(name);
    append(name.toByteArray(), std::move(value));
}

void Headers::remove(QByteArrayView name)
{
    std::erase_if(m_fields, [&](const Field &field) { return sameToken(field.name, name); });
}

} // namespace cring::http
