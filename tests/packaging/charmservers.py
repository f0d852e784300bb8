# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Charm servers of the system, the person who uses them, and the ring's configuration for them."""
from machine import wait_for

NAMES = ("charm1", "charm2", "charm3")
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


def environment(name):
    return {"CHARM_SERVER_DATA_DIR": f"/srv/{name}", "CHARM_SERVER_BIND_ADDRESS": address(name),
            "CHARM_SERVER_HOST": address(name), "CHARM_SERVER_PUBLIC_URL": "http://localhost:35354",
            "HOME": f"/srv/{name}", "TMPDIR": f"/srv/{name}"}


def answers(machine, url):
    return machine.run("curl", "--silent", "--fail", "--max-time", "2", url, check=False).returncode == 0


def add_people(machine):
    """charm runs the servers, ada steers the ring and is its client, eve is anybody."""
    for name in ("charm", "ada", "eve"):
        machine.run("useradd", "--create-home", "--shell", "/bin/bash", name)
    machine.run("adduser", "--quiet", "ada", "charmedring")


def make(machine, start, stop):
    """Data directories that share a key. `start` and `stop` run one server, by its name."""
    machine.run("install", "-d", "-o", "charm", "-m", "700", "/srv/charm1")
    start("charm1")
    wait_for("charm1 answers", lambda: answers(machine, f"http://{address('charm1')}:35354/v1/public/jwks"))
    stop("charm1")
    for name in NAMES[1:]:
        machine.run("cp", "-a", "/srv/charm1", f"/srv/{name}")


def write_units(machine):
    for name in NAMES:
        lines = "\n".join(f"Environment={key}={value}" for key, value in environment(name).items())
        machine.write(f"/etc/systemd/system/{name}.service", UNIT % {"name": name, "environment": lines})
    machine.run("systemctl", "daemon-reload")


def add_to_ring(machine):
    for name in NAMES:
        machine.run("cring", "--config", CONFIG, "backends", "add", name, "--url", f"http://{address(name)}:35354")


def config_text(ports):
    """A configuration with these addresses on the loopback."""
    return "".join(["[service]\n", *(f'{key} = "localhost:{port}"\n' for key, port in ports.items()),
                    *(f'[[server]]\nname = "{name}"\nurl = "http://{address(name)}:35354"\n' for name in NAMES)])


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
