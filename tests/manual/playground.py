# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines that the manual speaks of, in one network and file system that nobody else sees and that end with this process:
real Charm servers on charm1, charm2, …, a real S3 server behind https://s3.example.org, and the reader's own machine."""
import os
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from terminal import Terminal

READER = 1000
HOME = Path("/home/ada")
WORLD = Path("/run/manual")
PUBLIC_URL = "http://localhost:35354"
HOSTS = {"charm1": "127.0.1.1", "charm2": "127.0.1.2", "charm3": "127.0.1.3", "charm4": "127.0.1.4",
         "s3.example.org": "127.0.2.1", "hooks.example.org": "127.0.2.2"}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00", "AWS_SECRET_ACCESS_KEY": "example/EXAMPLE+exampleEXAMPLEexampleEX"}
PEER = Path(__file__).resolve().parent.parent / "support" / "noticepeer.py"
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "packaging" / "prometheus"
LIMIT = 30


def wait_for(what, condition, limit=LIMIT):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.05)


def answers(url):
    try:
        context = ssl.create_default_context(cafile=WORLD / "ca.pem") if url.startswith("https") else None
        with urllib.request.urlopen(url, timeout=2, context=context):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Playground:
    """`programs` are the names of programs and where each of them is. `alone`: there is one user only."""

    def __init__(self, programs, alone):
        self._alone = alone
        self._running = []
        self._terminals = {}
        self._mount(programs)

    def prepare(self, what):
        """One of the settings that a page may name in its first line."""
        {"one": self._one_server, "three": self._three_servers, "ring": self._ring, "bucket": self._bucket,
         "hooks": self._hooks}[what]()

    def terminal(self, name="here"):
        """The reader's, or that of the machine of a Charm server, or one for a program that goes on."""
        if name not in self._terminals:
            environment = dict(self._environment(), **(self._machine_of(name) if name in HOSTS else {}))
            self._terminals[name] = Terminal(self._as_reader(), environment, WORLD, name)
        return self._terminals[name]

    def write(self, name, text, append=False):
        """As the reader's editor does it."""
        path = Path(name.replace("~", str(HOME), 1))
        # What is made on the way is the reader's, too.
        made = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a" if append else "w", encoding="utf-8") as file:
            file.write(text)
        self._give(path, *made)

    def logs(self):
        """The end of what everything has said, for a page that went wrong."""
        said = {path.name: path.read_text(errors="replace") for path in sorted(WORLD.glob("*.log"))}
        said.update({f"terminal {name}": terminal.said() for name, terminal in self._terminals.items() if name != "here"})
        return "".join(f"--- {name}:\n{text[-3000:]}\n" for name, text in said.items())

    def run(self, *command, **variables):
        """As the reader, before the page begins. Fails with what it said."""
        done = subprocess.run([*self._as_reader(), *command], env=dict(self._environment(), **variables), cwd=HOME,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=LIMIT, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    # ---- the machine ----

    def _mount(self, programs):
        """Nothing of this is seen outside, and all of it ends with the mount namespace."""
        run = subprocess.run
        run(["ip", "link", "set", "lo", "up"], check=True)
        # The reader runs all that stands for other machines, on the ports that these have.
        Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0", encoding="utf-8")
        run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
        (WORLD / "bin").mkdir(parents=True)
        for name, place in programs.items():
            (WORLD / "bin" / name).touch()
            run(["mount", "--bind", place, WORLD / "bin" / name], check=True)
        shutil.copy2(PEER, WORLD / "noticepeer.py")
        shutil.copytree(EXAMPLES, WORLD / "examples")
        self._authority()
        for place in ("/home", "/srv", "/tmp", "/usr/share/doc"):
            run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", place], check=True)
        # As the package has them.
        shutil.copytree(WORLD / "examples", "/usr/share/doc/cring/examples")
        self._put("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n" + "".join(f"{at} {name}\n" for name, at in HOSTS.items()))
        passwd = Path("/etc/passwd").read_text(encoding="utf-8")
        self._put("/etc/passwd", "".join(line + "\n" for line in passwd.splitlines() if f":x:{READER}:" not in line)
                  + f"ada:x:{READER}:{READER}::{HOME}:/bin/bash\n")
        for folder in (HOME, Path("/run/user/1000")):
            folder.mkdir(parents=True)
            self._give(folder)
            folder.chmod(0o700)

    def _put(self, name, text):
        path = WORLD / name.strip("/").replace("/", "-")
        path.write_text(text, encoding="utf-8")
        subprocess.run(["mount", "--bind", path, name], check=True)

    def _authority(self):
        """A certificate for example.org, of an authority that this machine trusts."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=WORLD, check=True, capture_output=True)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
        openssl("req", "-x509", *key, "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem")
        openssl("req", *key, "-subj", "/CN=example.org", "-keyout", "key.pem", "-out", "request.pem")
        (WORLD / "names").write_text("subjectAltName=DNS:s3.example.org,DNS:hooks.example.org\n", encoding="utf-8")
        openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", "names",
                "-out", "cert.pem")
        certificates = WORLD / "certs"
        shutil.copytree("/etc/ssl/certs", certificates, symlinks=True)
        digest = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", WORLD / "ca.pem"], check=True, capture_output=True,
                                text=True).stdout.strip()
        shutil.copy2(WORLD / "ca.pem", certificates / f"{digest}.0")
        bundle = certificates / "ca-certificates.crt"
        bundle.write_text(bundle.read_text(encoding="utf-8") + (WORLD / "ca.pem").read_text(encoding="utf-8"), encoding="utf-8")
        subprocess.run(["mount", "--bind", certificates, "/etc/ssl/certs"], check=True)
        self._give(WORLD / "key.pem")

    def _give(self, *paths):
        if not self._alone:
            for path in paths:
                os.chown(path, READER, READER)

    def _as_reader(self):
        return [] if self._alone else ["setpriv", "--reuid", str(READER), "--regid", str(READER), "--clear-groups", "--"]

    def _environment(self):
        return {"HOME": str(HOME), "USER": "ada", "PATH": f"{WORLD}/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
                "TERM": "dumb", "XDG_RUNTIME_DIR": "/run/user/1000", "QT_QPA_PLATFORM": "offscreen"}

    def _machine_of(self, name):
        """A server of that machine listens on its address, and not on those of the others."""
        return {"CHARM_SERVER_BIND_ADDRESS": HOSTS[name]}

    def _start(self, log, *command, **variables):
        with open(WORLD / f"{log}.log", "ab") as out:
            self._running.append(subprocess.Popen([*self._as_reader(), *command], cwd=HOME, stdin=subprocess.DEVNULL, stdout=out,
                                                  stderr=subprocess.STDOUT, env=dict(self._environment(), **variables)))

    # ---- what may be there before a page begins ----

    def _server(self, name):
        self._start(name, "charm", "serve", CHARM_SERVER_DATA_DIR=f"/srv/{name}", CHARM_SERVER_HOST=name,
                    CHARM_SERVER_PUBLIC_URL=PUBLIC_URL, **self._machine_of(name))
        wait_for(f"{name} answers", lambda: answers(f"http://{name}:35354/v1/public/jwks"))

    def _one_server(self):
        """charm1, with the reader's account and a file."""
        self._server("charm1")
        self.write("~/notes.txt", "Water the plants.\n")
        self.run("charm", "fs", "cp", "notes.txt", "charm:notes.txt", CHARM_HOST="charm1")

    def _three_servers(self):
        """charm1 to charm3, which share key, accounts and files. The reader's clients know charm1."""
        self._one_server()
        self._running.pop().kill()
        for name in ("charm2", "charm3"):
            self.run("cp", "-a", "/srv/charm1", f"/srv/{name}")
        wait_for("charm1 is gone", lambda: not answers("http://charm1:35354/"))
        for name in ("charm1", "charm2", "charm3"):
            self._server(name)

    def _ring(self):
        """The ring in front of three servers, as first-ring.md makes it, in the terminal `service`."""
        self._three_servers()
        for name in ("charm1", "charm2", "charm3"):
            self.run("cring", "backends", "add", name, "--url", f"http://{name}:35354", "--data", f"/srv/{name}")
        self.run("cring", "identity", "adopt", "--yes")
        self.terminal("service").type("cring serve")
        wait_for("the ring listens", lambda: "serving 3 servers" in self.terminal("service").said())
        self.terminal().run("export CHARM_HOST=localhost", LIMIT)
        wait_for("the file is on all three", lambda: "1 file: 1 on 3 servers" in self.run("cring", "status"))

    def _bucket(self):
        """An S3 server with the bucket `charm`, and its keys, a line each, in the reader's ~/keys."""
        (WORLD / "buckets" / "charm").mkdir(parents=True)
        (WORLD / "versions").mkdir()
        self._give(WORLD / "buckets", WORLD / "buckets/charm", WORLD / "versions")
        self._start("s3", "versitygw", "--port", f"{HOSTS['s3.example.org']}:443", "--cert", str(WORLD / "cert.pem"), "--key",
                    str(WORLD / "key.pem"), "posix", "--versioning-dir", str(WORLD / "versions"), str(WORLD / "buckets"),
                    ROOT_ACCESS_KEY=KEYS["AWS_ACCESS_KEY_ID"], ROOT_SECRET_KEY=KEYS["AWS_SECRET_ACCESS_KEY"])
        wait_for("the S3 server answers", lambda: answers("https://s3.example.org/"))
        self.write("~/keys", "".join(value + "\n" for value in KEYS.values()))
        (HOME / "keys").chmod(0o600)

    def _hooks(self):
        """Somebody at https://hooks.example.org who takes notices."""
        self._start("hooks", "/usr/bin/python3", str(WORLD / "noticepeer.py"), "http", HOSTS["hooks.example.org"], "443",
                    f"cert={WORLD / 'cert.pem'}", f"key={WORLD / 'key.pem'}")
        wait_for("hooks.example.org answers", lambda: answers("https://hooks.example.org/"))
