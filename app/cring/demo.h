// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmcluster.h"
#include "app/playground/interrupt.h"
#include "app/playground/ringprocess.h"
#include "app/playground/scratchfolder.h"

#include <memory>

namespace cring::app {

struct DemoOptions
{
    bool check = false; ///< Run through and end, instead of staying up.
    QString file;       ///< What is copied in; "" = README.md here, else a few words.
    bool color = false;
};

/// Three real Charm servers, a ring in front of them, and the real client: shows what the ring is for, and
/// proves each claim by what lies on the servers' disks. Everything runs on loopback addresses of its own, in
/// one temporary folder, and goes with this process. Blocks; the only event loop is the one that runs while
/// it stays up.
class Demo
{
public:
    explicit Demo(DemoOptions options);
    ~Demo();

    /// 0: everything went as it should, and Ctrl-C, while it stayed up, ended it; 1: something did not, and
    /// it says what; 130: Ctrl-C before everything was shown.
    int run();

private:
    Status play();
    Status startServers();
    Status startRing();
    Status storeFile();
    Status showRefusal();
    Status showRecovery();
    Status stayUp();

    Status checkCopies(int files);
    void showCopies(const QString &path);
    Status checkContent(const QString &name);
    playground::CharmClient::Output charm(const QStringList &arguments);
    QString prepareFile();
    int end(const Status &outcome);

    // How it speaks.
    void heading(const QString &text);
    void line(const QString &text);
    void showCommand(const QStringList &arguments);

    DemoOptions m_options;
    int m_step = 0;
    bool m_complete = false; ///< Everything was shown.
    QStringList m_shown;     ///< Paths of stored files.
    QByteArray m_content;
    QString m_file;
    // In this order: what is below ends before what it stands on.
    playground::Interrupt m_interrupt;
    playground::ScratchFolder m_folder;
    playground::Waiter m_waiter;
    std::unique_ptr<playground::CharmCluster> m_cluster;
    std::unique_ptr<playground::RingProcess> m_ring;
};

} // namespace cring::app
