// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QObject>

#include <functional>
#include <memory>

namespace cring::config {

class GlibPump;

/// What there is to know of a keychain before it is asked for a secret, by the protocol of freedesktop.org's
/// Secret Service: is there one, is it locked, has it the entry. For one use; main thread.
class KeychainLook final : public QObject
{
    Q_OBJECT

public:
    enum class Entry { There, Missing };
    /// KeychainUnavailable, KeychainLocked: the entry, or all of the keychain while it has no such entry.
    using Done = std::function<void(const Result<Entry> &)>;

    KeychainLook(QString service, QString name, QObject *parent = nullptr);
    ~KeychainLook() override;

    /// `done` is called once, from the event loop, unless this dies first.
    void start(Done done);

private:
    struct Call;

    void search();
    void askForCollection();
    void askWhetherLocked(const QByteArray &collection);
    void call(const char *object, const char *interface, const char *method, void *parameters,
              std::function<void(void *answer)> then);
    void end(const Result<Entry> &result);

    const QString m_service;
    const QString m_name;
    const std::shared_ptr<GlibPump> m_pump;
    Done m_done;
};

} // namespace cring::config
