# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's unit without systemd: its command line, with its environment, as an account that has nothing."""
import json
import signal
import socket

import charmservers
import installed
from charmservers import CONFIG, NAMES, Client, files_of
from machine import wait_for
from report import same

UNIT = "/lib/systemd/system/cring.service"
# Of the range that DynamicUser= takes from.
ACCOUNT = 61_300
STATE, RUNTIME, CREDENTIALS = "/var/lib/charmedring", "/run/charmedring", "/run/credentials/cring.service"


def directives(text):
    """(name, value) of each line of a unit."""
    return [tuple(line.split("=", 1)) for line in text.splitlines() if "=" in line and not line.startswith(("#", ";"))]


class NotifySocket:
    """Hears what a service says to its manager."""

    def __init__(self, machine, name):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(machine.path(name)))
        machine.path(name).chmod(0o666)
        self._socket.setblocking(False)
        self.said = []

    def heard(self, word):
        while True:
            try:
                self.said += self._socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return word in self.said


class Unbooted:
    def __init__(self, report, machine):
        self.report = report
        self.machine = machine
        self.servers = {}
        self.service = None

    def run(self):
        try:
            with self.report.check("three Charm servers run"):
                self.begin()
            with self.report.check("the unit's command line with the unit's environment: READY=1 to its manager"):
                self.start()
            with self.report.check("the real charm client stores and reads through it; all three servers have the file"):
                client = Client(self.machine, "ada")
                client.store("first", "one\n")
                same(client.read("first"), "one\n")
                wait_for("three copies", lambda: all(files_of(self.machine, name) == 1 for name in NAMES))
            with self.report.check("members of the group steer it, others do not; completion has live names"):
                self.machine.run("cring", "status", user="ada")
                assert self.machine.run("cring", "status", user="eve", check=False).returncode != 0
                same(installed.bash(self.machine, "cring backends show ", user="ada"), list(NAMES))
            with self.report.check("SIGHUP takes a new configuration: RELOADING=1, then READY=1"):
                self.machine.run("cring", "--config", CONFIG, "config", "set", "service.replicas", "2")
                self.notify.said.clear()
                self.service.send(signal.SIGHUP)
                wait_for("it has read it", lambda: self.notify.heard("READY=1"))
                assert self.notify.heard("RELOADING=1")
                same(json.loads(self.machine.run("cring", "status", "--json").stdout)["replicas"], 2)
            with self.report.check("SIGTERM drains it: STOPPING=1, exit 0"):
                same(self.service.end(), 0)
                assert self.notify.heard("STOPPING=1")
        finally:
            for process in [self.service, *self.servers.values()]:
                if process:
                    process.end(signal.SIGKILL)

    def begin_server(self, name):
        self.servers[name] = self.machine.start("/usr/local/bin/charm", "serve", user="charm",
                                                env=charmservers.environment(name), log=self.machine.path(f"/{name}.log"))

    def end_server(self, name):
        self.servers[name].end()

    def begin(self):
        charmservers.add_people(self.machine)
        charmservers.make(self.machine, self.begin_server, self.end_server)
        for name in NAMES:
            self.begin_server(name)
            url = f"http://{charmservers.address(name)}:35354/v1/public/jwks"
            wait_for(f"{name} answers", lambda: charmservers.answers(self.machine, url))
        charmservers.add_to_ring(self.machine)
        self.machine.run("cring", "--config", CONFIG, "config", "set", "identity.server_key", "credential:cring.server-key")

    def start(self):
        unit = directives(self.machine.path(UNIT).read_text())
        command = next(value for name, value in unit if name == "ExecStart").split()
        group = self.machine.run("getent", "group", "charmedring").stdout.split(":")[2]
        shared = self.machine.run("getent", "group", "charmedring-data").stdout.split(":")[2]
        for folder, mode in ((STATE, "700"), (RUNTIME, "750"), (CREDENTIALS, "500")):
            self.machine.run("install", "-d", "-o", str(ACCOUNT), "-g", group, "-m", mode, folder)
        key = f"{CREDENTIALS}/cring.server-key"
        self.machine.run("install", "-o", str(ACCOUNT), "-m", "400", "/srv/charm1/.ssh/charm_server_ed25519", key)
        self.notify = NotifySocket(self.machine, "/run/notify")
        variables = {"NOTIFY_SOCKET": "/run/notify", "STATE_DIRECTORY": STATE, "RUNTIME_DIRECTORY": RUNTIME,
                     "CREDENTIALS_DIRECTORY": CREDENTIALS}
        for name, value in unit:
            if name == "Environment":
                variables.update([value.replace("%S", "/var/lib").split("=", 1)])
        self.service = self.machine.start(
            "setpriv", "--reuid", str(ACCOUNT), "--regid", group, "--groups", shared, "--no-new-privs", "--bounding-set=-all",
            "--inh-caps=-all", "--", "sh", "-c", 'cd "$STATE_DIRECTORY"; umask 0077; exec "$@"', "sh", *command,
            env=variables, log=self.machine.path("/cring.log"))
        wait_for("READY=1", lambda: self.notify.heard("READY=1") or not self.service.is_running())
        assert self.service.is_running(), self.machine.path("/cring.log").read_text()
