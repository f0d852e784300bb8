// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QJsonObject>

#include <optional>

namespace cring::service {

/// Reads a call's parameters. What is missing has its default; the first one that is wrong is kept as the
/// problem (ControlBadParams), and whoever reads asks for that once, at the end.
class Parameters final
{
public:
    explicit Parameters(const QJsonObject &params)
        : m_params(params)
    {
    }

    QString text(const QString &name);
    /// Must be there, and not be empty.
    QString needed(const QString &name, const QString &what);
    qint64 number(const QString &name, qint64 byDefault, qint64 least, qint64 most);
    QJsonObject object(const QString &name);
    bool flag(const QString &name);
    /// What Page::answer() gave as "next"; empty for the beginning.
    QByteArray place();

    const std::optional<Error> &problem() const { return m_problem; }

private:
    void complain(const QString &name, const QString &wanted);

    const QJsonObject &m_params;
    std::optional<Error> m_problem;
};

} // namespace cring::service
