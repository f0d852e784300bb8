// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/ringcommand.h"
#include "core/backup/kitpage.h"
#include "core/backup/kitrecord.h"
#include "core/base/clock.h"

namespace cring::app {

/// From a file, or standard input for "-". RecoveryKitInvalid, SecretUnreadable.
Result<backup::RecoveryKit> readKit(const QString &place, Terminal &terminal, bool quiet);

/// A command about the recovery kit: what is known of it is the service's, or, while none runs, in the state
/// directory. The private half stays in this process.
class RecoveryKitCommand : public RingCommand
{
    Q_OBJECT

public:
    using RingCommand::RingCommand;

protected:
    virtual void handleKit(const Ring &ring, const std::optional<backup::KitRecord> &record) = 0;
    void handleRing(const Ring &ring) final;
    void handleServiceGone() override;

    /// As recoverykit.set or .confirm of the control API, or the same in the state directory.
    void change(const char *method, const QByteArray &publicHalf, const std::function<void()> &then);
    const SystemClock &clock() const { return m_clock; }

private:
    Status changeFile(const char *method, const QByteArray &publicHalf) const;

    const SystemClock m_clock;
    bool m_asked = false;
};

/// `cring identity recovery-kit create [--out FILE] [--yes]`
class RecoveryKitCreateCommand final : public RecoveryKitCommand
{
    Q_OBJECT

public:
    /// `file` "": to standard output.
    RecoveryKitCreateCommand(ServiceCommandContext context, config::Config configured, QString file,
                             bool yes);

protected:
    void handleKit(const Ring &ring, const std::optional<backup::KitRecord> &record) override;

private:
    Status writeFiles(const Secret &page, const QByteArray &svg) const;
    void report(const backup::RecoveryKit &kit, const Secret &page, const QString &picture);

    const QString m_file;
    const bool m_yes;
};

/// `cring identity recovery-kit check FILE|-`
class RecoveryKitCheckCommand final : public RecoveryKitCommand
{
    Q_OBJECT

public:
    RecoveryKitCheckCommand(ServiceCommandContext context, config::Config configured, QString place);

protected:
    void handleKit(const Ring &ring, const std::optional<backup::KitRecord> &record) override;

private:
    const QString m_place;
};

/// `cring identity recovery-kit show-status`: DoneWithFindings while something is left to be done.
class RecoveryKitStatusCommand final : public RecoveryKitCommand
{
    Q_OBJECT

public:
    using RecoveryKitCommand::RecoveryKitCommand;

protected:
    void handleKit(const Ring &ring, const std::optional<backup::KitRecord> &record) override;
};

} // namespace cring::app
