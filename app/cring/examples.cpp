// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/examples.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace cring::app {

namespace {

struct Example
{
    std::string_view command; ///< Without "cring".
    const char *lines;        ///< What follows "cring ", a line each; behind "  " what it does.
};

constexpr auto kExamples = std::to_array<Example>({
    {"serve", "serve --host http://charm1:35354 --host http://charm2:35354\n"
              "serve --config /etc/charmedring.toml --check  (is it good?)"},
    {"status",
     "status --watch\nstatus --exit-code --quiet >/dev/null  (6: something is wrong, 7: uploads fail)"},
    {"backends", "backends"},
    {"backends list", "backends list --json"},
    {"backends show", "backends show charm2"},
    {"backends test", "backends test charm2\n"
                      "backends test --url http://charm4:35354  (before it is configured)"},
    {"backends add", "backends add charm4 --url http://charm4:35354 --data ssh://me@charm4/srv/charm"},
    {"backends edit", "backends edit charm2 --url http://10.0.0.2:35354"},
    {"backends remove",
     "backends drain charm2 && cring backends remove charm2  (when its files are elsewhere)"},
    {"backends drain", "backends drain charm2"},
    {"backends resume", "backends resume charm2"},
    {"backends promote", "backends promote charm3"},
    {"identity", "identity list"},
    {"identity list", "identity list --offline"},
    {"identity adopt", "identity adopt --dry-run\nidentity adopt --from charm1 --to localhost"},
    {"identity recovery-kit", "identity recovery-kit create --out kit.txt"},
    {"identity recovery-kit create",
     "identity recovery-kit create --out kit.txt  (print it and kit.txt.svg)"},
    {"identity recovery-kit check", "identity recovery-kit check kit.txt\n"
                                    "identity recovery-kit check -  (typed from paper; Ctrl-D ends it)"},
    {"identity recovery-kit show-status", "identity recovery-kit show-status --json"},
    {"queue", "queue"},
    {"queue list", "queue list --server charm2"},
    {"queue retry", "queue retry --server charm2"},
    {"blobs", "blobs"},
    {"blobs list", "blobs list --account 7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11"},
    {"blobs where", "blobs where 7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11/a1b2c3"},
    {"conflicts", "conflicts"},
    {"conflicts list", "conflicts list --json"},
    {"conflicts choose", "conflicts choose 12 --dry-run"},
    {"conflicts discard", "conflicts discard 12"},
    {"accounts", "accounts"},
    {"accounts list", "accounts list --json"},
    {"accounts sync", "accounts sync"},
    {"accounts show", "accounts show ada"},
    {"accounts create", "accounts create --key charm_ed25519.pub --name ada\n"
                        "accounts create --from ada.json  (what `accounts disable --export` has written)"},
    {"accounts disable", "accounts disable ada --export ada.json"},
    {"backup", "backup"},
    {"backup status", "backup status --json"},
    {"backup run", "backup run --backup offsite"},
    {"backup add", "backup add offsite --url https://s3.example.org --bucket charm --secret-stdin <keys"},
    {"backup edit", "backup edit offsite --region eu-central-1\n"
                    "backup edit offsite --secret-stdin <keys  (other keys, a line each)"},
    {"backup remove", "backup remove offsite"},
    {"backup check", "backup check\nbackup check offsite --enable-versioning\n"
                     "backup check --url https://s3.example.org --bucket charm --secret-stdin <keys"},
    {"backup growth", "backup growth\nbackup growth offsite --days 90"},
    {"backup verify", "backup verify\nbackup verify --deep --no-wait  (watch it with `cring jobs watch`)"},
    {"backup versions", "backup versions 7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11/a1b2c3"},
    {"backup drill", "backup drill\nbackup drill offsite --json"},
    {"backup restore", "backup restore --at 2h --to restored --dry-run\n"
                       "backup restore 7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11/a1b2c3 --at 2026-01-31T12:00 "
                       "--to-backends"},
    {"backup release", "backup release --yes"},
    {"backup discard", "backup discard"},
    {"backup recover",
     "backup recover --kit - --url https://s3.example.org --bucket charm --write-config\n"
     "backup recover --kit kit.txt --url https://s3.example.org --bucket charm --server-data "
     "/srv/charm1"},
    {"notify", "notify test"},
    {"notify test", "notify test --json"},
    {"export", "export ~/my-files --dry-run\nexport ~/my-files --path letters"},
    {"import", "import ~/photos --into photos --dry-run\nimport ~/photos --into photos"},
    {"findings", "findings"},
    {"findings list", "findings list --json"},
    {"verify", "verify\nverify --deep --no-wait  (watch it with `cring jobs watch`)"},
    {"repair", "repair\nrepair --forget 7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11/a1b2c3"},
    {"rebalance", "rebalance plan"},
    {"rebalance plan", "rebalance plan --json"},
    {"rebalance apply", "rebalance apply --no-wait"},
    {"jobs", "jobs"},
    {"jobs list", "jobs list --json"},
    {"jobs show", "jobs show 3"},
    {"jobs watch", "jobs watch 3"},
    {"jobs pause", "jobs pause 3"},
    {"jobs resume", "jobs resume 3"},
    {"jobs cancel", "jobs cancel 3"},
    {"pause", "pause --for 2h"},
    {"resume", "resume"},
    {"log", "log --follow --level warning\nlog --since 2h --backend charm2"},
    {"diagnose", "diagnose --show | less  (what would be in it)\ndiagnose --out report.tar.gz"},
    {"reload", "config validate && cring reload"},
    {"drain", "drain"},
    {"stop", "stop && cring serve  (the ports are free when it returns)"},
    {"config", "config show"},
    {"config show", "config show --json"},
    {"config get", "config get service.address"},
    {"config set", "config set service.replicas 2\n"
                   "config set server.charm2.data ssh://me@charm2/srv/charm"},
    {"config validate", "config validate --file new.toml"},
    {"config export", "config export >config.toml\nconfig export --with-secrets --out ring.sealed"},
    {"config import", "config import new.toml\nconfig import ring.sealed  (asks for its passphrase)"},
    {"config sample", "config sample >config.toml"},
    {"config reference", "config reference >configuration.md"},
    {"ring", "ring show"},
    {"ring locate", "ring locate 7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f11/a1b2c3"},
    {"ring show", "ring show --json"},
    {"ring simulate", "ring simulate --add charm4=2 --drain charm1"},
    {"replicas", "replicas check"},
    {"replicas init", "replicas init --from charm1 --to ssh://me@nas/srv/charm3 --join charm3\n"
                      "replicas init --from charm1 --to /srv/charm2 --http-port 45354 --ssh-port 45353 "
                      "--stats-port 45355 --health-port 45356"},
    {"replicas check", "replicas check charm2"},
    {"demo", "demo --check"},
    {"completion", "completion bash >cring.bash"},
    {"completion bash", "completion bash >~/.local/share/bash-completion/completions/cring"},
    {"completion zsh", "completion zsh >~/.zfunc/_cring  (with fpath+=~/.zfunc before compinit)"},
    {"completion fish", "completion fish >~/.config/fish/completions/cring.fish"},
    {"version", "version --json"},
});

std::string examplesOf(const std::string &command)
{
    const auto found = std::ranges::find(kExamples, std::string_view(command), &Example::command);
    if (found == kExamples.end())
        return {};
    std::string text = "Examples:\n  cring ";
    for (const char *at = found->lines; *at != '\0'; ++at)
        text += *at == '\n' ? std::string("\n  cring ") : std::string(1, *at);
    return text;
}

void addBelow(CLI::App &parent, const std::string &above)
{
    for (CLI::App *command : parent.get_subcommands([](const CLI::App *) { return true; })) {
        const std::string name = above + command->get_name();
        if (const std::string examples = examplesOf(name); !examples.empty())
            command->footer(command->get_footer().empty() ? examples
                                                          : command->get_footer() + "\n\n" + examples);
        addBelow(*command, name + ' ');
    }
}

} // namespace

void addExamples(CLI::App &app)
{
    addBelow(app, {});
}

} // namespace cring::app
