// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArrayView>
#include <QList>
#include <QString>
#include <span>
#include <vector>
namespace cring::ring {
struct Member { QString id; double weight = 1.0; };
class Ring {
public:
    static constexpr int kPartitions = 4096;
    explicit Ring(const QList<Member> &members);
    static int partitionOf(QByteArrayView key);
    std::span<const quint16> order(QByteArrayView key) const;
private:
    size_t m_members;
    std::vector<quint16> m_order;
};
} // namespace cring::ring
