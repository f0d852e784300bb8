# SPDX-License-Identifier: GPL-3.0-or-later
"""check.py PACKAGES BASE CHARM VERSITYGW [OPTION…]: scripts/check-package, once all that it takes is there.

PACKAGES is a folder with the .deb files, BASE an archive of a Debian system that has none of them, CHARM and VERSITYGW the
programs of these names.
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import installed
from booted import Booted
from container import Container
from machine import Machine
from removal import check_removal
from report import Report
from unbooted import Unbooted

NOT_WITHOUT_SYSTEMD = ("Type=notify and WatchdogSec= as systemd takes them", "LoadCredential=", "DynamicUser= and the sandbox",
                       "the user's unit", "drop-ins", "the manual's commands for packages and systemd",
                       "stopping, restarting and disabling by the maintainer scripts")


def lintian(report, packages):
    with report.check("lintian finds nothing"):
        said = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", "--tag-display-limit", "0",
                               *map(str, packages)], capture_output=True, text=True, check=False)
        assert said.returncode == 0 and not said.stdout.strip(), said.stdout + said.stderr


def unpack(base, root, charm):
    """A machine with the charm program and nothing of ours."""
    root.mkdir()
    subprocess.run(["tar", "-x", "--numeric-owner", "-C", root, "-f", base], check=True)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    machine = Machine(root)
    machine.put(charm, "/usr/local/bin/charm")
    return machine


def install(report, machine, packages):
    """As a person does it: apt-get gets from the distribution what they depend on."""
    folder = machine.path("/packages")
    folder.mkdir()
    for package in packages:
        shutil.copy2(package, folder)
    shutil.copy2("/etc/resolv.conf", machine.path("/etc/resolv.conf"))
    with machine.hold(network=True), report.check("apt-get installs the packages"):
        machine.run("apt-get", "-q", "update", limit=300)
        machine.run("sh", "-c", "apt-get -q -y install /packages/*.deb", limit=1500)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("charm", type=Path)
    parser.add_argument("versitygw", type=Path)
    parser.add_argument("--no-boot", action="store_true")
    parser.add_argument("--container", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    packages = sorted(options.packages.glob("*.deb"))
    if not packages:
        sys.exit(f"there are no packages in {options.packages}: scripts/package makes them")

    report = Report()
    folder = Path(tempfile.mkdtemp(prefix="cring-package-", dir="/var/tmp"))
    try:
        lintian(report, packages)
        machine = unpack(options.base, folder / "root", options.charm)
        install(report, machine, packages)
        with machine.hold():
            installed.check_files(report, machine)
            installed.check_pages(report, machine)
            installed.check_completion(report, machine)
            installed.check_units(report, machine)
            installed.check_desktop(report, machine)
        machine.put(options.versitygw, "/usr/local/bin/versitygw")
        booted = False
        if not options.no_boot:
            with report.check("systemd boots (where systemd-nspawn cannot, --no-boot leaves it out)"):
                booted = machine.boot(folder / "boot.log")
                assert booted, (folder / "boot.log").read_text()[-2000:]
        if booted:
            with machine:
                Booted(report, machine).run()
                check_removal(report, machine, booted=True)
        else:
            with machine.hold():
                Unbooted(report, machine).run()
                check_removal(report, machine, booted=False)
            why = "asked for" if options.no_boot else "systemd does not boot"
            for what in NOT_WITHOUT_SYSTEMD:
                report.leave_out(what, why)
        if options.container:
            with unpack(options.base, folder / "other", options.charm).hold() as held:
                Container(report, held, folder, options.packages, options.base).run()
    finally:
        if options.keep:
            print(f"The system is in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
