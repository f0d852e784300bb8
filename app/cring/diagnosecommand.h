// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/redaction.h"
#include "app/cring/servicecommand.h"
#include "app/cring/textarchive.h"
#include "core/config/load.h"

namespace cring::app {

/// `cring diagnose [--out FILE] [--show] [--yes]`: one archive for a bug report, with a service or without.
/// Everything in it is redacted, and named before it is written; a person can read it all first.
class DiagnoseCommand : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString file;      ///< To be written; "": cring-diagnosis-TIME.tar.gz in the working directory.
        bool show = false; ///< Print everything, and write nothing.
        bool yes = false;
    };

    DiagnoseCommand(ServiceCommandContext context, config::Loaded configured, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleClosed(const Error &reason) override;
    void handleFailed(const Error &error) override;

private:
    void askNext();
    void addLocal();
    void add(const QString &name, const QString &what, const QString &text);
    void conclude();
    void printAll();
    void printList();

    const config::Loaded m_configured;
    const Options m_options;
    Redaction m_redaction;
    QList<TextFile> m_files;
    qsizetype m_asked = 0; ///< Of the questions to the service.
    bool m_ended = false;
};

} // namespace cring::app
