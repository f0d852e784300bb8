// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"

namespace cring::test {

/// A node that works until one of its changes: from then on it is out of reach, or that one change fails.
class DyingNode final : public accounts::INode
{
public:
    enum class Death {
        StaysAway, ///< BackendUnreachable from then on.
        FailsOnce, ///< NodeFull that once.
    };

    /// `at` counts changes from 1; with `after` the change is made all the same.
    DyingNode(accounts::INode &node, int at, bool after, Death death = Death::StaysAway)
        : m_node(node)
        , m_at(at)
        , m_after(after)
        , m_death(death)
    {
    }

    const config::NodePlace &place() const override { return m_node.place(); }
    Result<std::optional<accounts::NodeEntry>> stat(const QString &path) override
    {
        if (m_isDead)
            return away();
        return m_node.stat(path);
    }
    Result<QList<accounts::NodeEntry>> list(const QString &path) override
    {
        if (m_isDead)
            return away();
        return m_node.list(path);
    }
    Status read(const QString &path, qint64 most, const Sink &sink) override
    {
        return m_isDead ? Status(away()) : m_node.read(path, most, sink);
    }
    Result<std::optional<qint64>> freeBytes() override { return m_node.freeBytes(); }
    Result<accounts::NodeOutcome> run(const accounts::NodeCommand &command) override
    {
        if (m_isDead)
            return away();
        return m_node.run(command);
    }
    Status makeFolder(const QString &path, quint32 mode) override
    {
        return change([&] { return m_node.makeFolder(path, mode); });
    }
    Status write(const QString &path, const Source &source, quint32 mode) override
    {
        return change([&] { return m_node.write(path, source, mode); });
    }
    Status remove(const QString &path) override
    {
        return change([&] { return m_node.remove(path); });
    }

private:
    static Error away() { return Error{Code::BackendUnreachable, QStringLiteral("out of reach")}; }

    template <typename Change>
    Status change(Change make)
    {
        if (m_isDead)
            return away();
        if (++m_changes != m_at)
            return make();
        if (m_after) {
            if (const Status status = make(); !status)
                return status;
        }
        if (m_death == Death::FailsOnce)
            return Error{Code::NodeFull, QStringLiteral("no room")};
        m_isDead = true;
        return away();
    }

    accounts::INode &m_node;
    const int m_at;
    const bool m_after;
    const Death m_death;
    int m_changes = 0;
    bool m_isDead = false;
};

} // namespace cring::test
