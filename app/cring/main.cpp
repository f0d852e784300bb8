// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/democommand.h"
#include "app/cring/serve.h"
#include "app/cring/servicecommands.h"
#include "core/base/log.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

int main(int argc, char **argv)
{
    using namespace cring;
    CLI::App cli{"Charmed Ring"};
    std::function<int()> chosen;
    app::ServiceOptions options;
    app::addServiceCommands(cli, [&options] { return options; }, chosen);
    app::addDemoCommand(cli, chosen);
    CLI::App *serve = cli.add_subcommand("serve");
    config::Sources sources;
    std::vector<std::string> hosts;
    std::string address, ssh, file, socket, sshPort;
    bool debug = false, check = false;
    serve->add_option("--host", hosts);
    serve->add_option("--address", address);
    serve->add_option("--ssh-proxy-address", ssh);
    serve->add_option("--ssh-backend-port", sshPort);
    serve->add_option("--config", file);
    serve->add_option("--control-socket", socket);
    serve->add_flag("--debug", debug);
    serve->add_flag("--check", check);
    serve->callback([&] {
        chosen = [&] {
            sources.environment = QProcessEnvironment::systemEnvironment();
            for (const auto &h : hosts) sources.hosts << QString::fromStdString(h);
            if (!address.empty()) sources.flags[QStringLiteral("service.address")] = QString::fromStdString(address);
            if (!ssh.empty()) sources.flags[QStringLiteral("service.ssh_address")] = QString::fromStdString(ssh);
            if (!socket.empty()) sources.flags[QStringLiteral("service.control_socket")] = QString::fromStdString(socket);
            if (!sshPort.empty()) sources.sshBackendPort = QString::fromStdString(sshPort);
            sources.file = QString::fromStdString(file);
            sources.debug = debug;
            return app::runServe(sources, check);
        };
    });
    CLI11_PARSE(cli, argc, argv);
    QCoreApplication application(argc, argv);
    return chosen ? chosen() : 2;
}
