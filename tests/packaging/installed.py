# SPDX-License-Identifier: GPL-3.0-or-later
"""What the packages have put into a system where nothing runs: programs, pages, completion, units, the desktop."""
import re

from report import has, same

SECURITY_LIMIT = 2.0
BASH = r"""
. /usr/share/bash-completion/bash_completion
__load_completion cring
COMP_LINE=$1 COMP_POINT=${#1}
read -ra COMP_WORDS <<<"$1"
case $1 in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
"$(complete -p cring | sed 's/.*-F \([^ ]*\).*/\1/')"
printf '%s\n' "${COMPREPLY[@]}"
"""
# On a terminal of its own, with the key that a person presses; what was completed is printed, and does not run.
ZSH = r"""
zmodload zsh/zpty
zpty inner zsh -f -i
waitfor() { local piece; zpty -r inner piece "*$1*"; }
zpty -w inner "PS1='PROMPT>' PS2=; unset zle_bracketed_paste; zstyle ':completion:*' insert-tab false"
zpty -w inner 'autoload -Uz compinit; compinit -u -D'
zpty -w inner 'cring() { if [[ $1 = completion ]]; then command cring "$@"; else print -r -- "RAN $*@@"; fi }; print -r "REA""DY"'
waitfor READY
waitfor 'PROMPT>'
zpty -w -n inner "$1"$'\t'"$2"$'\n'
zpty -r inner piece '*RAN *@@*'
print -r -- "${${piece##*RAN }%%@@*}"
"""


def bash(machine, line, **options):
    found = machine.run("bash", "--norc", "-c", BASH, "bash", line, **options).stdout
    return sorted(line for line in found.split("\n") if line)


def fish(machine, line, **options):
    found = machine.run("fish", "-c", f"complete -C '{line}'", **options).stdout
    return sorted(line.split("\t")[0] for line in found.split("\n") if line)


def zsh(machine, line, rest="", **options):
    """What `line`, tab, `rest`, enter would have run."""
    return machine.run("zsh", "-f", "-c", ZSH, "zsh", line, rest, limit=40, **options).stdout.strip()


def check_files(report, machine):
    with report.check("every file is root's, as the package has it, and in no place of people's own"):
        same(machine.run("dpkg", "--verify", "cring", "charmedring-common").stdout, "", "dpkg --verify")
        for name in machine.run("dpkg", "-L", "cring", "charmedring-common").stdout.split():
            path = machine.path(name)
            same((path.stat().st_uid, path.stat().st_gid), (0, 0), name)
            assert not path.stat().st_mode & 0o6022, f"{name} can be written by others, or runs as somebody else"
            assert not name.startswith(("/usr/local/", "/home/")), name
        assert not machine.path("/var/lib/charmedring").exists(), "there is a state directory before anything ran"
    with report.check("the program starts, and everything it is linked to is there"):
        has(machine.run("cring", "version").stdout, "cring")
        assert "not found" not in machine.run("ldd", "/usr/bin/cring").stdout
    with report.check("the two groups are there, and nobody's account"):
        for group in ("charmedring", "charmedring-data"):
            machine.run("getent", "group", group)
        assert machine.run("getent", "passwd", "cring", check=False).returncode != 0
    with report.check("the configuration is a conffile that everybody may read, and names no server"):
        has(machine.run("dpkg-query", "-W", "-f=${Conffiles}", "cring").stdout, "/etc/charmedring/config.toml")
        same(machine.path("/etc/charmedring/config.toml").stat().st_mode & 0o777, 0o644)
        found = machine.run("cring", "--config", "/etc/charmedring/config.toml", "serve", check=False, merge=True)
        same(found.returncode, 4, "exit")
        has(found.stdout, "CR-1004")
    with report.check("no service was enabled"):
        wants = machine.path("/etc/systemd/system/multi-user.target.wants/cring.service")
        assert not wants.is_symlink()


def check_pages(report, machine):
    for page, section, word in (("cring", 1, "backends"), ("charmedring.toml", 5, "CRING_ADDRESS")):
        with report.check(f"man {section} {page}"):
            text = machine.run("man", str(section), page, env={"MANWIDTH": "80"}).stdout
            has(text, "NAME")
            has(text, word)
    with report.check("whatis knows the pages"):
        machine.run("mandb", "--quiet", check=False)
        has(machine.run("whatis", "cring").stdout, "cring (1)")


def check_completion(report, machine):
    """Without a service: commands, options, and servers from a configuration."""
    machine.write("/srv/two.toml", "".join(
        f'[[server]]\nname = "{name}"\nurl = "http://127.0.0.1:{port}"\n' for name, port in (("north", 1), ("south", 2))))
    with report.check("bash completes, by its own way to the file"):
        same(bash(machine, "cring stat"), ["status"])
        same(bash(machine, "cring --config /srv/two.toml backends show "), ["north", "south"])
    with report.check("fish completes"):
        same(fish(machine, "cring stat"), ["status"])
        same(fish(machine, "cring --config /srv/two.toml backends show "), ["north", "south"])
    with report.check("zsh completes"):
        same(zsh(machine, "cring sta"), "status")
        same(zsh(machine, "cring --config /srv/two.toml backends show n"), "--config /srv/two.toml backends show north")


def check_units(report, machine):
    for scope, unit in (("--system", "/lib/systemd/system/cring.service"), ("--user", "/usr/lib/systemd/user/cring.service")):
        with report.check(f"systemd-analyze {scope} verify finds nothing"):
            said = machine.run("systemd-analyze", scope, "verify", unit, env={"XDG_RUNTIME_DIR": "/tmp"}, merge=True)
            same(said.stdout, "")
    with report.check(f"systemd-analyze security gives the system's unit at most {SECURITY_LIMIT}"):
        said = machine.run("systemd-analyze", "security", "--offline=yes", "--no-pager", "cring.service").stdout
        score = float(re.search(r"exposure level for cring\.service: ([\d.]+)", said)[1])
        print(f"        the score is {score}")
        assert score <= SECURITY_LIMIT, said


def check_desktop(report, machine):
    with report.check("the window's program is whole, and finds a platform to draw on"):
        assert "not found" not in machine.run("ldd", "/usr/bin/charmedring").stdout
        has(machine.run("charmedring", "--version", env={"QT_QPA_PLATFORM": "offscreen"}).stdout, "charmedring")
        same(machine.run("dpkg", "--verify", "charmedring").stdout, "", "dpkg --verify")
    with report.check("man charmedring"):
        has(machine.run("man", "charmedring", env={"MANWIDTH": "80"}).stdout, "appearance")
    name = "org.charmedring.CharmedRing"
    with report.check("desktop-file-validate finds nothing"):
        same(machine.run("desktop-file-validate", f"/usr/share/applications/{name}.desktop", merge=True).stdout, "")
        example = "/usr/share/doc/charmedring/examples/charmedring-autostart.desktop"
        same(machine.run("desktop-file-validate", example, merge=True).stdout, "")
    with report.check("appstreamcli validate finds nothing"):
        machine.run("appstreamcli", "validate", "--no-net", "--pedantic", f"/usr/share/metainfo/{name}.metainfo.xml")
    with report.check("the icons are where the desktop entry's name leads"):
        for icon in ("scalable/apps/charmedring.svg", "symbolic/apps/charmedring-symbolic.svg"):
            assert machine.path(f"/usr/share/icons/hicolor/{icon}").is_file(), icon
