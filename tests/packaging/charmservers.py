# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Charm servers of the system, the person who uses them, and the ring's configuration for them."""
import json
import signal

from machine import wait_for

NAMES = ("charm1", "charm2", "charm3")
# Not Charm's own, which are the ring's.
SSH_PORT, HTTP_PORT, STATS_PORT, HEALTH_PORT = 45353, 45354, 45355, 45356
CONFIG = "/etc/charmedring/config.toml"
UNIT = """[Unit]
Description=Charm server %(name)s
[Service]
User=charm
%(environment)s
ExecStart=/usr/local/bin/charm serve
"""


def address(name):
    return f"127.0.0.{2 + NAMES.index(name)}"


def url(name):
    return f"http://{address(name)}:{HTTP_PORT}"


def environment(name):
    values = {"DATA_DIR": f"/srv/{name}", "BIND_ADDRESS": address(name), "HOST": address(name),
              "PUBLIC_URL": "http://localhost:35354", "SSH_PORT": SSH_PORT, "HTTP_PORT": HTTP_PORT,
              "STATS_PORT": STATS_PORT, "HEALTH_PORT": HEALTH_PORT}
    return {"HOME": f"/srv/{name}", "TMPDIR": f"/srv/{name}",
            **{f"CHARM_SERVER_{key}": str(value) for key, value in values.items()}}


def wait_until_up(machine, name):
    def is_up():
        asked = ("curl", "--silent", "--fail", "--max-time", "2", f"{url(name)}/v1/public/jwks")
        return machine.run(*asked, check=False).returncode == 0
    wait_for(f"{name} answers", is_up)


def add_people(machine):
    """charm runs the servers, ada is the ring's client, and steers it where its group is; eve is anybody."""
    for name in ("charm", "ada", "eve"):
        machine.run("useradd", "--create-home", "--shell", "/bin/bash", name)
    if machine.run("getent", "group", "charmedring", check=False).returncode == 0:
        machine.run("adduser", "--quiet", "ada", "charmedring")


def make(machine, start, stop, person=None):
    """Data directories that share a key, and the account of a person. `start` and `stop` run one server, by its name."""
    machine.run("install", "-d", "-o", "charm", "-m", "700", "/srv/charm1")
    start("charm1")
    wait_until_up(machine, "charm1")
    if person:
        # The key that is the client's for this server becomes that for the ring.
        machine.run("charm", "id", user=person, env={"CHARM_HOST": address("charm1"), "CHARM_HTTP_PORT": str(HTTP_PORT),
                                                     "CHARM_SSH_PORT": str(SSH_PORT)})
        folder = f"/home/{person}/.local/share/charm"
        machine.run("cp", "-a", f"{folder}/{address('charm1')}", f"{folder}/localhost")
    stop("charm1")
    for name in NAMES[1:]:
        machine.run("cp", "-a", "/srv/charm1", f"/srv/{name}")


class Servers:
    """The servers of a system in which no systemd runs."""

    def __init__(self, machine):
        self._machine = machine
        self._running = {}

    def make(self, person):
        make(self._machine, self._begin, lambda name: self._running.pop(name).end(), person)

    def start(self):
        for name in NAMES:
            self._begin(name)
        for name in NAMES:
            wait_until_up(self._machine, name)

    def end(self):
        for server in self._running.values():
            server.end(signal.SIGKILL)

    def _begin(self, name):
        self._running[name] = self._machine.start("/usr/local/bin/charm", "serve", user="charm", env=environment(name),
                                                  log=self._machine.path(f"/{name}.log"))


def write_units(machine):
    for name in NAMES:
        lines = "\n".join(f"Environment={key}={value}" for key, value in environment(name).items())
        machine.write(f"/etc/systemd/system/{name}.service", UNIT % {"name": name, "environment": lines})
    machine.run("systemctl", "daemon-reload")


def add_to_ring(machine):
    for name in NAMES:
        machine.run("cring", "--config", CONFIG, "backends", "add", name, "--url", url(name),
                    "--ssh-port", str(SSH_PORT))


def config_text(service):
    """A configuration for these servers; `service` has what its section says."""
    return "".join(["[service]\n", *(f"{key} = {json.dumps(value)}\n" for key, value in service.items()),
                    *(f'[[server]]\nname = "{name}"\nurl = "{url(name)}"\nssh_port = {SSH_PORT}\n' for name in NAMES)])


class Client:
    """The real charm client of a person, in front of the ring."""

    def __init__(self, machine, user, port=35354, ssh_port=35353):
        self._machine = machine
        self._user = user
        self._env = {"CHARM_HOST": "localhost", "CHARM_HTTP_PORT": str(port), "CHARM_SSH_PORT": str(ssh_port)}

    def run(self, *arguments, check=True):
        return self._machine.run("charm", *arguments, user=self._user, env=self._env, check=check, limit=60)

    def store(self, name, text):
        self._machine.write(f"/home/{self._user}/{name}", text)
        self.run("fs", "cp", f"/home/{self._user}/{name}", f"charm:{name}")

    def read(self, name):
        return self.run("fs", "cat", f"charm:{name}").stdout


def files_of(machine, name):
    """How many files of accounts the server has on its disk."""
    return int(machine.run("sh", "-c", f"find /srv/{name}/files -type f | wc -l").stdout)
