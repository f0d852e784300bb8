// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/secret.h"
#include "ui/models/cringcommand.h"

#include <QTemporaryDir>

namespace cring::models {

/// Makes and checks recovery kits by `cring identity recovery-kit`. The page is on a disk only between
/// cring's writing and our reading of it, in a folder for this user alone, in memory where the session has
/// one. One thread.
class KitMaker : public QObject
{
    Q_OBJECT

public:
    /// The program and the rest outlive no call: they are copied.
    explicit KitMaker(Cring cring, QObject *parent = nullptr);

    /// One at a time; made() or failed() follows. One that is there already is replaced: ask before.
    void make();
    /// What was typed from the paper; checked() or failed() follows.
    void check(Secret typed);

    bool isBusy() const { return m_isBusy; }

    /// The page of the kit that was made last, and its QR code as SVG; until forget(). Nobody can say them
    /// again.
    const Secret &page() const { return m_page; }

    const Secret &picture() const { return m_picture; }

    void forget();

Q_SIGNALS:
    /// page() and picture() are those of a new kit.
    void made(const QString &name);
    /// It can be read, and is the one in use.
    void checked(const QString &name);
    void failed(const QString &words);

private:
    void handleMade(const CringOutcome &outcome);
    void fail(const QString &words);

    const Cring m_cring;
    std::unique_ptr<QTemporaryDir> m_folder;
    Secret m_page;
    Secret m_picture;
    bool m_isBusy = false;
};

} // namespace cring::models
