# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian system in a folder, and what runs in it."""
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
               "LANG": "C.UTF-8", "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"}

# What it sees of this machine: its devices, and of the network only a loopback of its own (or, to install, all).
HOLD = r"""
set -e
root=$1
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
[ "$2" = network ] || ip link set lo up
exec chroot "$root" /bin/sh -c 'echo held; while :; do sleep 60; done'
"""

# nspawn wants cgroups of the second kind. Where this machine has none of them in that place, it gets them there in a
# mount namespace that ends with it.
BOOT = r"""
set -e
root=$1 group=/sys/fs/cgroup/$2
shift 2
if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    umount -R /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
# Where /run is no file system of its own, nspawn would leave something there.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
mkdir -p "$group"
echo $$ >"$group/cgroup.procs"
exec systemd-nspawn --quiet --register=no --keep-unit --directory="$root" --private-network --console=pipe \
    --kill-signal=SIGRTMIN+3 --boot "$@"
"""


class CommandFailed(Exception):
    pass


def wait_for(what, condition, limit=60):
    """The condition's value as soon as it is one; never slept for longer than it takes."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.2)


def child_of(pid):
    """0 when there is none (yet)."""
    return int((Path(f"/proc/{pid}/task/{pid}/children").read_text().split() or ["0"])[0])


class Running:
    """A command that goes on in a system. Its signals go past nsenter, which waits for it."""

    def __init__(self, command, out):
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self._pid = 0

    def send(self, number):
        self._pid = self._pid or wait_for("nsenter has started it", lambda: child_of(self._process.pid))
        os.kill(self._pid, number)

    def is_running(self):
        return self._process.poll() is None

    def end(self, number=signal.SIGTERM, limit=60):
        """Its exit status."""
        if self.is_running():
            self.send(number)
        return self._process.wait(limit)


class Machine:
    """Runs commands in the namespaces of a process, its leader. Owns both: leave it by `stop`, or as a context."""

    def __init__(self, root):
        self.root = Path(root)
        self.leader = None
        self._process = None
        self._group = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def hold(self, network=False):
        """Nothing runs but what is asked for: a chroot with processes of its own."""
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        if not network:
            command.append("--net")
        self._process = subprocess.Popen(
            [*command, "sh", "-c", HOLD, "sh", str(self.root), "network" if network else "alone"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != "held\n":
            raise CommandFailed("no namespaces are to be had here: this has to run as root")
        self.leader = child_of(self._process.pid)
        return self

    def boot(self, log, *options):
        """systemd, as on a machine. False where this machine does not let it."""
        self._group = f"cring-{os.getpid()}"
        with open(log, "wb") as out:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", BOOT, "sh", str(self.root),
                 self._group, *options], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_for("it boots", lambda: self._process.poll() is not None or self._is_up(), 120)
        except AssertionError:
            pass
        if self._process.poll() is None and self._is_up():
            return True
        self.stop()
        return False

    def _is_up(self):
        if not self.leader:
            self.leader = child_of(self._process.pid) or None
        if not self.leader:
            return False
        said = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return said in ("running", "degraded")

    def stop(self):
        if self._process is None:
            return
        if self.leader and self._process.poll() is None:
            # nspawn's own way: its SIGTERM asks the machine to power off.
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                pass
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process = None
        self.leader = None
        self._remove_group()

    def _remove_group(self):
        if not self._group:
            return
        mounted = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        for place in (fields[1] for fields in mounted if fields[2] == "cgroup2"):
            top = Path(place) / self._group
            if top.is_dir():
                for folder, _, _ in os.walk(top, topdown=False):
                    os.rmdir(folder)
        self._group = None

    def _enter(self, user, env):
        variables = {**ENVIRONMENT, **({"HOME": f"/home/{user}", "USER": user} if user else {}), **(env or {})}
        enter = ["nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
                 "--root", "--wd", "--", "env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        return enter + ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"] if user else enter

    def run(self, *command, user=None, env=None, check=True, input=None, limit=120, merge=False):
        """The command's result, its output as text. Fails with what it said, unless check is off."""
        try:
            done = subprocess.run([*self._enter(user, env), *command], input=input, stdin=None if input else subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT if merge else subprocess.PIPE,
                                  text=True, errors="replace", timeout=limit)
        except subprocess.TimeoutExpired as late:
            raise CommandFailed(f"{' '.join(command)}: not done within {limit} s; {late.stdout} {late.stderr}") from None
        if check and done.returncode != 0:
            raise CommandFailed(f"{' '.join(command)}: exit {done.returncode}: {done.stdout}{done.stderr or ''}")
        return done

    def start(self, *command, user=None, env=None, log):
        """A command that goes on; the caller ends it."""
        with open(log, "ab") as out:
            return Running([*self._enter(user, env), *command], out)

    def path(self, name):
        """A file of the system, from outside: absolute links lead astray here."""
        return self.root / name.lstrip("/")

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def put(self, program, name):
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(program, self.path(name))
        self.path(name).chmod(0o755)
