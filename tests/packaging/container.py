# SPDX-License-Identifier: GPL-3.0-or-later
"""The image of packaging/Containerfile, made and run by podman in front of real Charm servers."""
import json
import subprocess
from pathlib import Path

import charmservers
from charmservers import NAMES, Client, Servers, files_of
from machine import CGROUPS, CommandFailed, wait_for
from report import same

PODMAN = CGROUPS + 'exec podman "$@"\n'
CONTAINERFILE = Path(__file__).parents[2] / "packaging" / "Containerfile"
# What a machine that gives no rights to raise limits lets a container have.
LIMITS = ("--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1000:1000", "--cgroups=disabled")


class Container:
    """`machine` is held apart from the network; the container shares its loopback."""

    def __init__(self, report, machine, folder, packages, base):
        self.report = report
        self.machine = machine
        self.folder = folder
        self.packages = packages
        self.base = base

    def podman(self, *arguments, network=False, check=True):
        where = [] if network else ["nsenter", "--target", str(self.machine.leader), "--net", "--"]
        storage = ("--storage-driver", "vfs", "--root", str(self.folder / "storage"), "--runroot", str(self.folder / "run"),
                   "--cgroup-manager", "cgroupfs")
        done = subprocess.run([*where, "unshare", "--mount", "--propagation", "private", "sh", "-c", PODMAN, "sh", *storage,
                               *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
        if check and done.returncode != 0:
            raise CommandFailed(f"podman {' '.join(arguments)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def status(self):
        found = self.podman("exec", "ring", "cring", "status", "--json", check=False)
        return json.loads(found.stdout) if found.returncode == 0 else None

    def run(self):
        servers = Servers(self.machine)
        try:
            with self.report.check("podman makes the image, from a Debian of ours"):
                self.podman("import", str(self.base), "localhost/base", network=True)
                self.podman("build", "--layers=false", "--isolation", "chroot", "--format", "docker", "--build-arg", "BASE=localhost/base",
                            "--tag", "charmedring", "--file", str(CONTAINERFILE), str(self.packages), network=True)
            with self.report.check("it runs, as nobody's account, with its secret, and all servers are up"):
                charmservers.add_people(self.machine)
                servers.make("ada")
                servers.start()
                self.start()
            with self.report.check("the real charm client stores and reads through it; all three servers have the file"):
                client = Client(self.machine, "ada")
                client.store("first", "one\n")
                same(client.read("first"), "one\n")
                wait_for("three copies", lambda: all(files_of(self.machine, name) == 1 for name in NAMES))
            with self.report.check("podman kill -s HUP: it reads its configuration again"):
                self.config(2)
                self.podman("kill", "--signal", "HUP", "ring")
                wait_for("two replicas", lambda: self.status()["replicas"] == 2)
            with self.report.check("podman stop drains it: exit 0"):
                self.podman("stop", "--time", "60", "ring")
                same(self.podman("inspect", "--format", "{{.State.ExitCode}}", "ring").stdout.strip(), "0")
        finally:
            self.podman("rm", "--force", "ring", check=False)
            servers.end()

    def config(self, replicas):
        # Written in place: it is the file that is mounted, not its name.
        with open(self.folder / "config.toml", "w", encoding="utf-8") as file:
            file.write(charmservers.config_text({"replicas": replicas}) +
                       '[identity]\nserver_key = "credential:cring.server-key"\n')

    def start(self):
        self.config(3)
        user = self.podman("run", "--rm", "--network", "host", *LIMITS, "--entrypoint", "id", "charmedring", "-u").stdout.strip()
        assert user != "0", "it runs as root"
        self.podman("secret", "create", "cring.server-key", str(self.machine.path("/srv/charm1/.ssh/charm_server_ed25519")))
        self.podman("run", "--detach", "--name", "ring", "--network", "host", *LIMITS,
                    "--volume", f"{self.folder}/config.toml:/etc/charmedring/config.toml:ro",
                    "--secret", f"cring.server-key,uid={user},mode=0400", "charmedring")

        def is_up():
            status = self.status()
            return status and sum(one["state"] == "up" for one in status["backends"]) == len(NAMES)
        wait_for("three servers are up", is_up)
