# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages under a real systemd: the units, as docs/packaging.md tells people to use them."""
import contextlib
import json
import re
from pathlib import PurePosixPath

import charmservers
import installed
from charmservers import CONFIG, NAMES, Client, files_of
from machine import wait_for
from manual import Manual
from report import has, same

TLS = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
       "-addext", "subjectAltName=DNS:localhost"]

WINDOW = "org.charmedring.CharmedRing"
S3 = """[Service]
Environment=ROOT_ACCESS_KEY=ring-access ROOT_SECRET_KEY=ring-secret
ExecStart=/usr/local/bin/versitygw --port 127.0.0.9:7070 posix /srv/bucket
"""
BACKUP = """
[[backup]]
url = "http://127.0.0.9:7070"
bucket = "charm"
access_key = "credential:cring.s3-access-key"
secret_key = "credential:cring.s3-secret-key"
"""


class Booted:
    def __init__(self, report, machine):
        self.report = report
        self.machine = machine
        self.client = Client(machine, "ada")
        self.manual = None

    def run(self):
        with self.report.check("three Charm servers run as units of their own"):
            self.begin()
        self.check_start()
        self.manual = Manual(self.report, self.machine, "ada")
        self.manual.run()
        self.check_access()
        self.check_work()
        self.check_journal()
        self.check_completion()
        self.check_reload()
        self.check_watchdog()
        self.check_confinement()
        self.check_drop_ins()
        self.check_bucket()
        self.check_exit_codes()
        self.check_person()
        self.manual.end()
        self.check_upgrade()

    # ---- helpers ----

    def show(self, name, unit="cring"):
        return self.machine.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def systemctl(self, *arguments, check=True):
        return self.machine.run("systemctl", *arguments, check=check)

    def journal(self):
        return self.machine.run("journalctl", "--no-pager", "--output=cat", "--unit=cring.service").stdout

    def status(self):
        # 6 and 7 say how the ring is; they are asked for by --exit-code alone.
        return json.loads(self.machine.run("cring", "status", "--json").stdout)

    def settled(self, backends=3):
        def look():
            found = self.machine.run("cring", "status", "--json", check=False)
            if found.returncode != 0:
                return None
            status = json.loads(found.stdout)
            up = [one for one in status["backends"] if one["state"] == "up"]
            return status if len(up) == backends and not any(one["owed"] for one in status["backends"]) else None
        return wait_for(f"{backends} servers are up, and nothing is owed to them", look)

    def drop_in(self, unit, name, text):
        self.machine.write(f"/etc/systemd/system/{unit}.service.d/{name}.conf", text)
        self.systemctl("daemon-reload")

    def without_drop_in(self, unit, name):
        self.machine.path(f"/etc/systemd/system/{unit}.service.d/{name}.conf").unlink()
        self.systemctl("daemon-reload")

    @contextlib.contextmanager
    def configuration(self, change):
        """The configuration as `change` makes it from the text that it has; after that as it was."""
        path = self.machine.path(CONFIG)
        good = path.read_text()
        path.write_text(change(good))
        try:
            yield
        finally:
            path.write_text(good)

    def begin(self):
        print("        " + self.machine.run("systemctl", "--version").stdout.split("\n")[0])
        charmservers.add_people(self.machine)
        charmservers.write_units(self.machine)
        charmservers.make(self.machine, lambda name: self.systemctl("start", name),
                          lambda name: self.systemctl("stop", name))
        # As docs/packaging.md has it, for data directories on the ring's machine.
        for name in NAMES:
            folder = f"/srv/{name}"
            self.machine.run("chgrp", "-R", "charmedring-data", folder)
            self.machine.run("chmod", "-R", "g+rwX", folder)
            self.machine.run("find", folder, "-type", "d", "-exec", "chmod", "g+s", "{}", "+")
            self.machine.run("chmod", "2710", f"{folder}/.ssh")
            self.machine.run("chmod", "600", f"{folder}/.ssh/charm_server_ed25519")
            self.machine.run("chmod", "640", f"{folder}/.ssh/charm_server_ed25519.pub")
            self.drop_in(name, "group", "[Service]\nSupplementaryGroups=charmedring-data\nUMask=0007\n")
        self.drop_in("cring", "data", "[Service]\n" + "".join(f"ReadWritePaths=/srv/{name}\n" for name in NAMES))
        self.systemctl("start", *NAMES)
        for name in NAMES:
            charmservers.wait_until_up(self.machine, name)

    # ---- what is checked ----

    def check_start(self):
        with self.report.check("servers, their data and the credential come by the commands of packaging.md"):
            charmservers.add_to_ring(self.machine)
            for name in NAMES:
                self.machine.run("cring", "--config", CONFIG, "backends", "edit", name, "--data", f"/srv/{name}")
            self.machine.run("install", "-d", "-m", "700", "/etc/credstore")
            self.machine.run("install", "-m", "600", "/srv/charm1/.ssh/charm_server_ed25519",
                             "/etc/credstore/cring.server-key")
            self.machine.run("cring", "--config", CONFIG, "config", "set", "identity.server_key",
                             "credential:cring.server-key")
        with self.report.check("systemctl enable --now returns when the service says READY=1"):
            self.systemctl("enable", "--now", "cring")
            same(self.show("ActiveState"), "active")
            same(self.show("Type"), "notify")
            assert self.machine.path("/etc/systemd/system/multi-user.target.wants/cring.service").is_symlink()
            self.settled()
        with self.report.check("systemctl status shows the verdict"):
            wait_for("it does", lambda: self.show("StatusText") == self.status()["verdict"])
        with self.report.check("LoadCredential=: the server key is in the credentials, and used"):
            self.machine.run("test", "-f", "/run/credentials/cring.service/cring.server-key")
            assert "CR-101" not in self.journal(), self.journal()

    def check_access(self):
        with self.report.check("members of the group charmedring steer it, others do not"):
            same(self.machine.run("cring", "status", user="ada").returncode, 0)
            refused = self.machine.run("cring", "status", user="eve", check=False, merge=True)
            assert refused.returncode != 0, refused.stdout
            has(refused.stdout, "CR-5")
    def check_work(self):
        with self.report.check("the real charm client stores and reads through it; all three servers have the file"):
            self.client.store("first", "one\n")
            same(self.client.read("first"), "one\n")
            wait_for("three copies", lambda: all(files_of(self.machine, name) == 1 for name in NAMES))
        with self.report.check("a plain HTTP request with the client's token is answered, and none without"):
            token = self.client.run("jwt").stdout.strip()
            url = "http://localhost:35354/v1/fs/"
            self.machine.run("curl", "--silent", "--fail", "--header", f"Authorization: Bearer {token}", url)
            assert self.machine.run("curl", "--silent", "--fail", url, check=False).returncode != 0
        with self.report.check("DynamicUser= with the shared group: the account is in every server's database"):
            accounts = json.loads(self.machine.run("cring", "accounts", "list", "--json").stdout)
            assert accounts["accounts"], accounts
            for name in NAMES:
                path = f"/srv/{name}/db/charm_sqlite.db"
                self.machine.run("runuser", "-u", "charm", "--", "test", "-w", path)
            same(self.status()["accounts"]["leftOut"], [])
        with self.report.check("what a server missed is brought to it with tokens of the credential alone"):
            self.systemctl("stop", "charm3")
            self.client.store("second", "two\n")
            # The client's token was in its memory only.
            self.systemctl("restart", "cring")
            self.systemctl("start", "charm3")
            wait_for("the third copy", lambda: files_of(self.machine, "charm3") == 2)
            self.settled()

    def check_completion(self):
        with self.report.check("completion has live names: servers and jobs"):
            self.machine.run("cring", "verify", "--wait")
            jobs = [str(job["id"]) for job in json.loads(self.machine.run("cring", "jobs", "list", "--json").stdout)["jobs"]]
            assert jobs, "there is no job"
            for shell in (installed.bash, installed.fish):
                same(shell(self.machine, "cring backends show ", user="ada"), list(NAMES), shell.__name__)
                found = shell(self.machine, "cring jobs show ", user="ada")
                assert set(jobs) <= set(found), f"{shell.__name__}: {found} instead of {jobs}"
            same(installed.zsh(self.machine, "cring backends show c", "2", user="ada"), "backends show charm2")

    def check_reload(self):
        with self.report.check("systemctl reload and SIGHUP take a new configuration"):
            self.machine.run("cring", "--config", CONFIG, "config", "set", "service.replicas", "2")
            self.systemctl("reload", "cring")
            same(self.status()["replicas"], 2)
            self.machine.run("cring", "--config", CONFIG, "config", "set", "service.replicas", "3")
            self.systemctl("kill", "--kill-whom=main", "--signal=HUP", "cring")
            wait_for("three again", lambda: self.status()["replicas"] == 3)
            same(self.show("ActiveState"), "active")
        with self.report.check("a bad configuration fails the reload, and the old one goes on"):
            with self.configuration(lambda text: text + "\n[nonsense]\n"):
                assert self.systemctl("reload", "cring", check=False).returncode != 0
                same(self.show("ActiveState"), "active")
                same(self.client.read("second"), "two\n")
            self.systemctl("reload", "cring")

    def check_journal(self):
        with self.report.check("entries of the journal have the fields of docs/logs.md"):
            output = self.machine.run("journalctl", "--no-pager", "--output=json", "CRING_SERVER=charm1").stdout
            entries = [json.loads(line) for line in output.splitlines()]
            up = [one for one in entries if one["MESSAGE"] == "backend: charm1 is up"]
            assert up, output
            same(up[0]["CRING_CATEGORY"], "cring.service")
            same(up[0]["PRIORITY"], "6")
            same(up[0]["SYSLOG_IDENTIFIER"], "cring")
            same(up[0]["_SYSTEMD_UNIT"], "cring.service")

    def check_watchdog(self):
        with self.report.check("the watchdog kills a service that hangs, and it is started again and serves"):
            self.drop_in("cring", "watchdog", "[Service]\nWatchdogSec=3s\n")
            self.systemctl("restart", "cring")
            before = self.show("MainPID")
            restarts = int(self.show("NRestarts"))
            self.systemctl("kill", "--kill-whom=main", "--signal=STOP", "cring")
            wait_for("it is started again", lambda: int(self.show("NRestarts")) > restarts
                     and self.show("ActiveState") == "active")
            assert self.show("MainPID") != before
            has(self.journal(), "Watchdog timeout")
            self.settled()
            same(self.client.read("first"), "one\n")
            self.without_drop_in("cring", "watchdog")
        with self.report.check("kill -9: started again, and nothing that was stored is lost"):
            restarts = int(self.show("NRestarts"))
            self.systemctl("kill", "--kill-whom=main", "--signal=KILL", "cring")
            wait_for("it is started again", lambda: int(self.show("NRestarts")) > restarts
                     and self.show("ActiveState") == "active")
            self.settled()
            same(self.client.read("second"), "two\n")

    def check_confinement(self):
        with self.report.check("it runs as nobody's account, without any capability, with filtered system calls"):
            lines = dict(line.split(":\t", 1) for line in self.machine.run(
                "cat", f"/proc/{self.show('MainPID')}/status").stdout.split("\n") if ":\t" in line)
            user = int(lines["Uid"].split()[0])
            assert 61184 <= user <= 65519, f"uid {user}"
            for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
                same(int(lines[name], 16), 0, name)
            same(lines["NoNewPrivs"], "1")
            same(lines["Seccomp"], "2")
        with self.report.check("its state is its own; the control socket is the group's"):
            def stat(name):
                return self.machine.run("stat", "-c", "%a %u %G", name).stdout.strip()
            user = self.machine.run("stat", "-c", "%u", f"/proc/{self.show('MainPID')}").stdout.strip()
            same(stat("/var/lib/private/charmedring"), f"700 {user} charmedring")
            same(stat("/run/charmedring"), f"750 {user} charmedring")
            same(stat("/run/charmedring/control.sock"), f"660 {user} charmedring")
            assert self.machine.path("/var/lib/charmedring").is_symlink()
            assert self.machine.run("ls", "/var/lib/charmedring/", user="ada", check=False).returncode != 0
        with self.report.check(f"systemd-analyze security gives the service as it runs at most {installed.SECURITY_LIMIT}"):
            said = self.machine.run("systemd-analyze", "security", "--no-pager", "cring").stdout
            score = float(re.search(r"exposure level for cring\.service: ([\d.]+)", said)[1])
            print(f"        the score is {score}")
            assert score <= installed.SECURITY_LIMIT, said

    def check_drop_ins(self):
        with self.report.check("HTTPS with the key as a credential"):
            self.machine.run(*TLS, "-keyout", "/srv/key.pem", "-out", "/etc/charmedring/cert.pem")
            self.machine.run("chmod", "644", "/etc/charmedring/cert.pem")
            self.machine.run("install", "-m", "600", "/srv/key.pem", "/etc/credstore/cring.tls-key")
            files = ('[service]\ntls_cert = "/etc/charmedring/cert.pem"\n'
                     'tls_key = "/run/credentials/cring.service/cring.tls-key"\n')
            with self.configuration(lambda text: text.replace("[service]\n", files)):
                self.systemctl("restart", "cring")
                self.machine.run("curl", "--silent", "--fail", "--cacert", "/etc/charmedring/cert.pem",
                                 "https://localhost:35354/v1/public/jwks")
        with self.report.check("a port below 1024, with the drop-in for it"):
            self.drop_in("cring", "ports", "[Service]\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"
                         "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nPrivateUsers=no\n")
            try:
                with self.configuration(lambda text: text.replace('"localhost:35354"', '"localhost:80"')):
                    self.systemctl("restart", "cring")
                    self.machine.run("curl", "--silent", "--fail", "http://localhost/v1/public/jwks")
            finally:
                self.without_drop_in("cring", "ports")
            self.systemctl("restart", "cring")
            self.settled()

    def check_bucket(self):
        with self.report.check("a bucket with its keys as credentials gets every file"):
            self.machine.write("/etc/systemd/system/s3.service", S3)
            self.machine.run("install", "-d", "/srv/bucket/charm")
            self.systemctl("daemon-reload")
            self.systemctl("start", "s3")
            for name in ("access", "secret"):
                self.machine.write(f"/etc/credstore/cring.s3-{name}-key", f"ring-{name}", 0o600)
            with open(self.machine.path(CONFIG), "a", encoding="utf-8") as file:
                file.write(BACKUP)
            self.systemctl("restart", "cring")

            def is_stored():
                one = self.status()["backups"][0]
                return one["objects"] >= 2 and not one["owed"]
            wait_for("everything is in the bucket", is_stored)
        with self.report.check("restoring to a folder of this machine, with the drop-in for it"):
            self.machine.run("install", "-d", "-g", "charmedring-data", "-m", "2770", "/srv/restored")
            self.drop_in("cring", "restored", "[Service]\nReadWritePaths=/srv/restored\n")
            self.systemctl("restart", "cring")
            self.settled()
            self.machine.run("cring", "backup", "restore", "--to", "/srv/restored")
            found = self.machine.run("sh", "-c", "find /srv/restored -type f | wc -l").stdout
            same(int(found), files_of(self.machine, "charm1"))

    def check_exit_codes(self):
        with self.report.check("a bad configuration (exit 4) is not tried again"):
            with self.configuration(lambda _: "nonsense = 1\n"):
                assert self.systemctl("restart", "cring", check=False).returncode != 0
                same(self.show("ExecMainStatus"), "4")
                same(self.show("NRestarts"), "0")
                same(self.show("ActiveState"), "failed")
            self.systemctl("restart", "cring")
            self.settled()

    def check_person(self):
        """The user's unit, in a user's manager that lingers."""
        machine, person = self.machine, "ada"
        with self.report.check("one person's service, under their own systemd"):
            machine.run("loginctl", "enable-linger", person)
            number = machine.run("id", "-u", person).stdout.strip()
            env = {"XDG_RUNTIME_DIR": f"/run/user/{number}", "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{number}/bus"}

            def own(*command, check=True):
                return machine.run(*command, user=person, env=env, check=check)
            wait_for("ada's manager is there", lambda: own("systemctl", "--user", "is-system-running",
                                                            check=False).stdout.strip() in ("running", "degraded"))
            config = f"/home/{person}/.config/charmedring/config.toml"
            own("install", "-d", str(PurePosixPath(config).parent))
            machine.write(config, charmservers.config_text(
                {key: f"localhost:{port}" for key, port in (("address", 36354), ("ssh_address", 36353), ("metrics_address", 36355))}))
            own("systemctl", "--user", "enable", "--now", "cring")
            same(own("systemctl", "--user", "show", "--value", "-p", "ActiveState", "cring").stdout.strip(), "active")
            same(json.loads(own("cring", "status", "--json").stdout)["httpAddress"].split(",")[0], "127.0.0.1:36354")
            self.manual.run("person", env)
            own("systemctl", "--user", "reload", "cring")
            same(Client(machine, person, 36354, 36353).read("first"), "one\n")
            assert own("test", "-d", f"/home/{person}/.local/state/charmedring").returncode == 0
        with self.report.check("D-Bus starts the window in that session, once"):
            own("dbus-update-activation-environment", "--systemd", "QT_QPA_PLATFORM=offscreen")
            for _ in range(2):
                own("busctl", "--user", "call", WINDOW, "/" + WINDOW.replace(".", "/"), "org.freedesktop.Application",
                    "Activate", "a{sv}", "0")
            same(len(own("pgrep", "-x", "charmedring").stdout.split()), 1)
            own("pkill", "-x", "charmedring")
        with self.report.check("stopping one person's service ends it well"):
            own("systemctl", "--user", "disable", "--now", "cring")
            same(own("systemctl", "--user", "show", "--value", "-p", "Result", "cring").stdout.strip(), "success")

    def check_upgrade(self):
        with self.report.check("the packages again, as an upgrade does: the service is started anew, the configuration kept"):
            before, config = self.show("MainPID"), self.machine.path(CONFIG).read_text()
            self.machine.run("sh", "-c", "dpkg --install /packages/charmedring-common_*.deb /packages/cring_*.deb")
            assert self.show("MainPID") not in (before, "0")
            same(self.machine.path(CONFIG).read_text(), config)
            self.settled()
            same(self.client.read("second"), "two\n")
