// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/hostkeylook.h"

#include "core/base/workers.h"
#include "core/ssh/login.h"

namespace cring::service {

BackendTest::HostKey hostKeyLook(Workers &workers, const config::Server &server, const config::Timing &timing)
{
    return [&workers, server, timing](QObject *context,
                                      const std::function<void(const Result<QByteArray> &)> &done) {
        ssh::Login::Request request;
        request.name = server.name;
        request.host = server.url.host();
        request.port = server.sshPort;
        auto *look = new ssh::Login(workers, std::move(request), ssh::Login::Times::of(timing), context);
        QObject::connect(look, &ssh::Login::finished, context,
                         [look, done](const Result<ssh::Login::Answer> &answer) {
                             look->deleteLater();
                             done(answer ? Result<QByteArray>(answer->hostKey) : answer.error());
                         });
        look->start();
    };
}

} // namespace cring::service
