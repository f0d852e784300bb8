// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/standardinput.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cring::app {

Result<Secret> readStandardInput(qsizetype most)
{
    Secret secret(most);
    qsizetype size = 0;
    while (size < secret.size()) {
        const ssize_t got =
            ::read(STDIN_FILENO, secret.data() + size, static_cast<size_t>(secret.size() - size));
        if (got < 0 && errno != EINTR)
            return Error{Code::SecretUnreadable, QStringLiteral("standard input cannot be read")};
        if (got == 0)
            break;
        size += std::max<ssize_t>(got, 0);
    }
    secret.truncate(size);
    return secret;
}

} // namespace cring::app
