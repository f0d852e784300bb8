// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QHostAddress>

#include <memory>
#include <optional>

namespace cring::http {

/// Bounds how many connections a front holds, in all and from one address, so that no client takes them all.
class ConnectionQuota
{
    struct Counts
    {
        int total = 0;
        QHash<QHostAddress, int> perAddress;
    };

public:
    /// One admitted connection; gives its place back when it dies. May outlive the quota.
    class Ticket
    {
    public:
        Ticket(std::shared_ptr<Counts> counts, QHostAddress address)
            : m_counts(std::move(counts))
            , m_address(std::move(address))
        {
            ++m_counts->total;
            ++m_counts->perAddress[m_address];
        }

        ~Ticket()
        {
            if (!m_counts)
                return;
            --m_counts->total;
            if (--m_counts->perAddress[m_address] == 0)
                m_counts->perAddress.remove(m_address);
        }

        Ticket(Ticket &&) noexcept = default;
        Ticket &operator=(Ticket &&) = delete;
        Q_DISABLE_COPY(Ticket)

    private:
        std::shared_ptr<Counts> m_counts;
        QHostAddress m_address;
    };

    ConnectionQuota(int inAll, int perAddress)
        : m_inAll(inAll)
        , m_perAddress(perAddress)
    {
    }

    /// Empty if there is no place left.
    std::optional<Ticket> admit(const QHostAddress &address)
    {
        if (m_counts->total >= m_inAll || m_counts->perAddress.value(address) >= m_perAddress)
            return std::nullopt;
        return Ticket(m_counts, address);
    }

    int admitted() const { return m_counts->total; }

private:
    int m_inAll;
    int m_perAddress;
    std::shared_ptr<Counts> m_counts = std::make_shared<Counts>();
};

} // namespace cring::http
