# SPDX-License-Identifier: GPL-3.0-or-later
"""check.py PACKAGES BASE CHARM [--no-boot] [--keep]: scripts/check-package, once all that it takes is there.

PACKAGES is a folder with the .deb files, BASE an archive of a Debian system that has none of them, CHARM the charm program.
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import installed
from booted import Booted
from machine import Machine
from removal import check_removal
from report import Report
from unbooted import Unbooted

NOT_WITHOUT_SYSTEMD = ("Type=notify and WatchdogSec= as systemd takes them", "LoadCredential=", "DynamicUser= and the sandbox",
                       "the user's unit", "drop-ins", "stopping, restarting and disabling by the maintainer scripts")


def lintian(report, packages):
    with report.check("lintian finds nothing"):
        said = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", "--tag-display-limit", "0",
                               *map(str, packages)], capture_output=True, text=True, check=False)
        assert said.returncode == 0 and not said.stdout.strip(), said.stdout + said.stderr


def install(report, root, packages):
    """As a person does it: apt-get gets from the distribution what they depend on."""
    (root / "packages").mkdir()
    for package in packages:
        shutil.copy2(package, root / "packages")
    shutil.copy2("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    with Machine(root).hold(network=True) as machine, report.check("apt-get installs the packages"):
        machine.run("apt-get", "-q", "update", limit=300)
        machine.run("sh", "-c", "apt-get -q -y install /packages/*.deb", limit=1500)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("charm", type=Path)
    parser.add_argument("--no-boot", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    packages = sorted(options.packages.glob("*.deb"))
    if not packages:
        sys.exit(f"there are no packages in {options.packages}: scripts/package makes them")

    report = Report()
    folder = Path(tempfile.mkdtemp(prefix="cring-package-", dir="/var/tmp"))
    root = folder / "root"
    root.mkdir()
    try:
        lintian(report, packages)
        subprocess.run(["tar", "-x", "--numeric-owner", "-C", root, "-f", options.base], check=True)
        install(report, root, packages)
        machine = Machine(root)
        machine.put(options.charm, "/usr/local/bin/charm")
        with machine.hold():
            installed.check_files(report, machine)
            installed.check_pages(report, machine)
            installed.check_completion(report, machine)
            installed.check_units(report, machine)
            installed.check_desktop(report, machine)
        if not options.no_boot and machine.boot(folder / "boot.log"):
            with machine:
                Booted(report, machine).run()
                check_removal(report, machine, booted=True)
        else:
            with machine.hold():
                Unbooted(report, machine).run()
                check_removal(report, machine, booted=False)
            why = "asked for" if options.no_boot else f"systemd-nspawn does not run here ({folder / 'boot.log'})"
            for what in NOT_WITHOUT_SYSTEMD:
                report.leave_out(what, why)
    finally:
        if options.keep:
            print(f"The system is in {root}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
