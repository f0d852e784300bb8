// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/state/objectkey.h"

#include <QList>
#include <QString>

#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace cring::replica {

/// A client's upload or download at one instant. A value.
struct Transfer
{
    enum class Kind { Upload, Download };

    /// One server's part in it.
    struct Copy
    {
        QString server; ///< Name; empty: this machine's disk.
        /// Of an upload: "taking", "storing", "late", "stored", "refused", "failed", "in doubt", "absent"
        /// (not even tried). Of a download: "source". A client must bear others.
        QString state;
        QString reason; ///< Why it has not stored it, to follow the name; else empty.
    };

    quint64 id = 0; ///< Rises, from 1 at each start of the service.
    Kind kind = Kind::Upload;
    state::ObjectKey key;
    qint64 bytes = 0;            ///< Of the body: come from the client, or gone to it.
    std::optional<qint64> total; ///< Nothing while it is not known.
    /// "receiving", "storing", "answered" (a quorum has it; others go on), "sending"; once it has ended
    /// "done", "failed" or "abandoned".
    QString state;
    std::chrono::milliseconds started{0};           ///< Wall time.
    std::optional<std::chrono::milliseconds> ended; ///< Wall time; nothing: it is under way.
    QList<Copy> copies;
};

/// The transfers that are under way, and those that have ended a moment ago. Whoever carries one registers
/// it, and is asked only when somebody looks: the bytes that go through pay nothing for it. One thread.
class Transfers final
{
public:
    /// Fills in what changes: bytes, total, state, copies.
    using Look = std::function<void(Transfer &transfer)>;

    /// So many that have ended are kept, for so long.
    static constexpr size_t kMostEnded = 20;
    static constexpr std::chrono::milliseconds kKept{10'000};

    /// Held by whoever carries the transfer; it is gone with this.
    class Registration final
    {
    public:
        Registration() = default;
        Registration(Registration &&other) noexcept;
        Registration &operator=(Registration &&other) noexcept;
        ~Registration() { drop(); }

        /// It has come to its end, and is remembered for a while. Asks once more. Nothing when that was said
        /// before.
        void end(const QString &state);
        /// It is not under way any more, and nobody is told how it ended.
        void drop();

    private:
        friend class Transfers;
        Registration(Transfers &transfers, quint64 id);

        Transfers *m_transfers = nullptr;
        quint64 m_id = 0;
    };

    /// The clock outlives this; this outlives its registrations.
    explicit Transfers(const IClock &clock);
    ~Transfers();
    Q_DISABLE_COPY_MOVE(Transfers)

    [[nodiscard]] Registration add(Transfer::Kind kind, const state::ObjectKey &key, Look look);

    qsizetype count() const { return static_cast<qsizetype>(m_underWay.size()); }
    /// At most so many: the longest under way first, then those that have ended, the newest first.
    QList<Transfer> list(qsizetype limit) const;

private:
    struct Entry
    {
        Transfer transfer;
        Look look;
    };

    const IClock &m_clock;
    quint64 m_last = 0;
    std::map<quint64, Entry> m_underWay;
    std::deque<Transfer> m_ended; ///< The newest first.
};

} // namespace cring::replica
