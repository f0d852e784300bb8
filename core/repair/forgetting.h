// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/conflictsaving.h"
#include "core/repair/jobtools.h"
#include "core/replica/removal.h"

namespace cring::repair {

/// Ends what is known of a path that is gone, because a person says that it was deleted: a delete through the
/// ring, with its tombstone, so that nothing brings the file back. Every server is asked before; what some
/// have still is kept aside first. A folder that is there is not deleted so, for what may be in it.
///
/// One run; then finished(), when every server has answered. Once the delete is under way it is not to be
/// destroyed before that, except at the end of the service.
class Forgetting final : public QObject
{
    Q_OBJECT

public:
    enum class Which {
        Gone, ///< Only what fewer than a quorum of its owners have.
        Any,  ///< However many have it.
    };

    Forgetting(const JobTools &tools, const ObjectKey &key, Which which, const Credentials &credentials,
               QObject *parent);
    ~Forgetting() override;

    void start();
    const ObjectKey &key() const { return m_key; }

Q_SIGNALS:
    /// Once, from the event loop. Otherwise why not, to follow the path: FileChanged, BackendAnswer,
    /// NoQuorum, ConflictsFull, StateFile.
    void finished(const cring::Status &status);

private:
    void handleLooked();
    void decide();
    void keepNext();
    void remove();
    void end(const Status &status);

    JobTools m_tools;
    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    const ObjectKey m_key;
    const Which m_which;
    const Credentials m_credentials;
    std::optional<replica::Record> m_record;
    std::vector<std::unique_ptr<replica::CopyLook>> m_looks;
    int m_waiting = 0;
    QList<health::Backend *> m_keeping; ///< Their copies are still to be kept aside.
    std::unique_ptr<ConflictSaving> m_saving;
    bool m_ended = false;
};

} // namespace cring::repair
