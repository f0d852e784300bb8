#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# files.sh SOURCE BUILD: units, desktop files, metainfo, manual pages and completion, each judged by the tool that is made
# for it. All of them as they are installed: from the build.
set -uo pipefail
source=$1 build=$2/packaging
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

wrong() { echo "packaging: $*" >&2; failures=$((failures + 1)); }
# needs PROGRAM PACKAGE
needs() { command -v "$1" >/dev/null || { wrong "$1 is missing: apt-get install $2"; exit 1; }; }
# quiet WHAT COMMAND…: it succeeds, and has nothing to say.
quiet() {
    local what=$1 said
    shift
    said=$("$@" 2>&1) || wrong "$what: $said"
    [ -z "$said" ] || wrong "$what says: $said"
}

needs systemd-analyze systemd
needs desktop-file-validate desktop-file-utils
needs appstreamcli appstream
needs man man-db
needs zsh zsh
needs fish fish

# ---- units ----
# What they start is not installed where the test runs, and the pages that they name are found beside the build.
mkdir -p "$folder/units/user" "$folder/man/man1" "$folder/man/man5" "$folder/run"
for page in cring.1 charmedring.1; do cp "$build/made/$page" "$folder/man/man1/"; done
cp "$build/made/charmedring.toml.5" "$folder/man/man5/"
for unit in cring.service user/cring.service; do
    sed "s#^\(Exec[A-Za-z]*=\)[^ ]*/cring #\1$2/bin/cring #" "$build/systemd/$unit" >"$folder/units/$unit"
    grep -q "^ExecStart=$2/bin/cring serve" "$folder/units/$unit" || wrong "$unit does not start cring serve"
done
export MANPATH=$folder/man XDG_RUNTIME_DIR=$folder/run
quiet "systemd-analyze verify cring.service" systemd-analyze verify "$folder/units/cring.service"
quiet "systemd-analyze --user verify cring.service" systemd-analyze --user verify "$folder/units/user/cring.service"
# The threshold is in tenths: 20 is 2.0.
said=$(systemd-analyze security --offline=true --threshold=20 --no-pager "$folder/units/cring.service" 2>&1) ||
    wrong "cring.service is too open: $said"
tail -n 1 <<<"$said" | sed 's/^[^O]*//'
# Another one shows that the threshold is one.
printf '[Service]\nExecStart=/bin/true\n' >"$folder/units/open.service"
systemd-analyze security --offline=true --threshold=20 "$folder/units/open.service" >/dev/null 2>&1 &&
    wrong "systemd-analyze finds nothing wrong with a unit that is open"

# ---- the desktop ----
for file in "$build/desktop/org.charmedring.CharmedRing.desktop" "$source/packaging/desktop/charmedring-autostart.desktop"; do
    quiet "desktop-file-validate $(basename "$file")" desktop-file-validate "$file"
done
info=$build/desktop/org.charmedring.CharmedRing.metainfo.xml
said=$(appstreamcli validate --no-net --pedantic "$info" 2>&1) || wrong "appstreamcli: $said"
# As it is published: with links and pictures.
said=$(cmake -DPROJECT_SOURCE_DIR="$source" -DCRING_REPOSITORY_URL=https://git.example.org/charmedring -DOUT="$folder/links" \
    -P "$source/tests/packaging/links.cmake" 2>&1) || wrong "screenshots.cmake: $said"
python3 - "$info" "$folder" <<'END' || wrong "the metainfo has no place for links"
import pathlib, sys
text, folder = pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2])
assert text.count("  <provides>\n") == 1
links = (folder / "links").read_text()
(folder / "org.charmedring.CharmedRing.metainfo.xml").write_text(text.replace("  <provides>\n", links + "  <provides>\n"))
END
said=$(appstreamcli validate --no-net "$folder/org.charmedring.CharmedRing.metainfo.xml" 2>&1) || wrong "appstreamcli, with links: $said"
for icon in charmedring.svg symbolic/charmedring-symbolic.svg; do
    quiet "$icon" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$source/resources/icons/$icon"
done

# ---- manual pages ----
for page in "$folder"/man/man?/*; do
    LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>"$folder/said" >/dev/null ||
        wrong "man fails at $(basename "$page")"
    [ ! -s "$folder/said" ] || wrong "man finds fault with $(basename "$page"): $(cat "$folder/said")"
    lexgrog "$page" >/dev/null || wrong "no name and no summary in $(basename "$page")"
done
grep -q 'backends' "$folder/man/man1/cring.1" || wrong "cring(1) does not know the servers"
grep -q 'appearance' "$folder/man/man1/charmedring.1" || wrong "charmedring(1) does not know its options"
grep -q 'CRING_ADDRESS' "$folder/man/man5/charmedring.toml.5" || wrong "charmedring.toml(5) does not know the settings"
cmp -s "$build/made/config.sample.toml" "$source/docs/config.sample.toml" || wrong "the sample is not the one of docs/"

# ---- completion ----
quiet "bash -n" bash -n "$build/made/cring.bash"
quiet "zsh -n" zsh -n "$build/made/cring.zsh"
quiet "fish -n" fish --no-execute "$build/made/cring.fish"

# ---- maintainer scripts ----
for script in "$source"/packaging/debian/cring.*; do
    case $script in *.postinst | *.prerm | *.postrm) quiet "sh -n $(basename "$script")" sh -n "$script" ;; esac
done

exit $((failures > 0))
