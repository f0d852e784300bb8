// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/checksteps.h"

namespace cring::backup {

void CheckSteps::begin(const char *step)
{
    m_step = QString::fromLatin1(step);
    m_began = m_clock.steady();
}

void CheckSteps::end(Level level, const QString &text)
{
    end(BucketFinding{m_step, level, text});
}

void CheckSteps::refuse(const QString &text)
{
    BucketFinding finding{m_step, Level::Failed, text};
    finding.refusal = true;
    end(finding);
}

void CheckSteps::end(BucketFinding finding)
{
    finding.ms = (m_clock.steady() - m_began).count();
    m_began = m_clock.steady();
    m_findings.append(finding);
    m_found(finding);
}

} // namespace cring::backup
