// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <QRandomGenerator>

namespace cring {

SystemRandom::SystemRandom()
    : m_engine(QRandomGenerator::system()->generate64())
{
}

} // namespace cring
