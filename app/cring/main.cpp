// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include <QCoreApplication>

#include <cstdio>

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    cring::log::install(cring::log::Level::Info);
    std::printf("cring %s\n", CRING_VERSION);
    return 0;
}
