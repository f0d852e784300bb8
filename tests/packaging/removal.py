# SPDX-License-Identifier: GPL-3.0-or-later
"""What removing and purging take away, and what they leave."""
from charmservers import CONFIG
from report import has, same


def remove(machine, how, check=True):
    return machine.run("apt-get", "-q", "-y", how, "cring", merge=True, check=check).stdout


def state_of(machine):
    return next((path for path in (machine.path("/var/lib/private/charmedring"), machine.path("/var/lib/charmedring"))
                 if path.is_dir() and not path.is_symlink()), None)


def check_removal(report, machine, booted):
    with report.check("removing stops the service, keeps the configuration and what it knows"):
        config = machine.path(CONFIG).read_text()
        state = state_of(machine)
        assert (state / "state.db").is_file(), "there is no state to keep"
        remove(machine, "remove")
        assert not machine.path("/usr/bin/cring").exists()
        assert not machine.path("/lib/systemd/system/cring.service").exists()
        same(machine.path(CONFIG).read_text(), config)
        assert (state / "state.db").is_file()
        if booted:
            assert machine.run("systemctl", "is-active", "cring", check=False).returncode != 0
    with report.check("purging takes both away, but leaves bodies of files, and says so"):
        (state / "spool").mkdir(exist_ok=True)
        (state / "spool" / "body").write_text("nowhere else")
        said = remove(machine, "purge")
        has(said, "spool")
        same(sorted(path.name for path in state.iterdir() if path.name not in ("spool", "conflicts")), [])
        same((state / "spool" / "body").read_text(), "nowhere else")
        assert not machine.path(CONFIG).exists()
        assert not machine.path("/etc/systemd/system/multi-user.target.wants/cring.service").is_symlink()
        same(machine.run("dpkg-query", "-W", "-f=${db:Status-Status}", "cring", check=False).stdout.strip(), "")
    with report.check("groups and credentials stay, for they are people's"):
        for group in ("charmedring", "charmedring-data"):
            machine.run("getent", "group", group)
        if booted:
            assert machine.path("/etc/credstore/cring.server-key").is_file()
            assert machine.path("/etc/charmedring/cert.pem").is_file(), "somebody's own file in /etc/charmedring"
    with report.check("once the bodies are gone, nothing of it is left"):
        machine.run("rm", "-rf", str(state)[len(str(machine.root)):])
        machine.run("rm", "-rf", "/etc/charmedring")
        machine.run("sh", "-c", "dpkg --install /packages/cring_*.deb")
        remove(machine, "purge")
        for name in ("/etc/charmedring", "/var/lib/charmedring", "/var/lib/private/charmedring"):
            path = machine.path(name)
            assert not path.exists() and not path.is_symlink(), name
