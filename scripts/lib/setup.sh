# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts: installs what is missing and says what. Debian 12 and Ubuntu 24.04; nothing is asked.

# A service manager or a container may start us without it; Go refuses to build then.
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6 || true)}
export HOME=${HOME:-/}

CHARM_VERSION=v0.12.6
CRING_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/charmedring"

say() { echo "==> $*" >&2; }
fail() { echo "error: $*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo: $*"
    fi
}

has_package() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# need_packages NAME…: Debian packages.
need_packages() {
    command -v apt-get >/dev/null || fail "this installs with apt-get, which is not here. Needed: $*"
    local missing=() package
    for package in "$@"; do
        has_package "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing ${missing[*]}"
    # Unattended upgrades hold the lock for minutes on a machine that was just started.
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    # An old index, or one broken source among many, need not matter: the installation says what does.
    as_root "${apt[@]}" update >&2 || true
    as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
}

need_build_packages() {
    need_packages g++ cmake ninja-build ccache pkg-config qt6-base-dev libqt6sql6-sqlite libboost-dev libssl-dev libxxhash-dev \
        libtomlplusplus-dev libcli11-dev libssh-dev libsqlite3-dev libsystemd-dev prometheus-cpp-dev qtkeychain-qt6-dev \
        libglib2.0-dev libsecret-1-0
}

# What the tests run against beside Charm: a real sshd, the sqlite3 program that node access uses by it, and a real
# secret service.
need_test_packages() {
    need_packages openssh-server openssh-client sqlite3 systemd dbus-daemon dbus-bin gnome-keyring
}

# What scripts/check runs with. Version 14 formats; where it is not to be had, scripts/check says so and takes another.
need_check_packages() {
    need_packages python3
    command -v clang-format-14 >/dev/null && return 0
    if apt-cache show clang-format-14 >/dev/null 2>&1; then
        need_packages clang-format-14
    else
        need_packages clang-format
    fi
}

# need_promtool: exports CRING_PROMTOOL, which judges what /metrics gives. Debian has it in the package prometheus, whose
# installation would start a server on every address: only the program is taken out of it, into a cache of ours.
need_promtool() {
    local candidate folder
    for candidate in "${CRING_PROMTOOL:-}" "$(command -v promtool || true)" "$CRING_CACHE/bin/promtool"; do
        if [ -n "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
            export CRING_PROMTOOL=$candidate
            return 0
        fi
    done
    say "Taking promtool out of the package prometheus into $CRING_CACHE/bin"
    folder=$(mktemp -d)
    (
        cd "$folder" && {
            apt-get -q download prometheus >&2 ||
                { as_root apt-get -q update >&2 && apt-get -q download prometheus >&2; }
        } && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
    ) || fail "promtool could not be had; install the package prometheus, or name the program in CRING_PROMTOOL"
    mkdir -p "$CRING_CACHE/bin"
    mv "$folder/usr/bin/promtool" "$CRING_CACHE/bin/promtool"
    rm -r "$folder"
    export CRING_PROMTOOL="$CRING_CACHE/bin/promtool"
}

# find_go: prints the newest go that is here, in PATH or where its installers put it.
find_go() {
    local candidate version best='' best_version=0
    for candidate in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go "$HOME/go/bin/go"; do
        [ -x "$candidate" ] || continue
        version=$(go_minor "$candidate")
        if [ "$version" -gt "$best_version" ]; then best=$candidate best_version=$version; fi
    done
    [ -n "$best" ] && echo "$best"
}

# go_minor GO: 26 for go1.26.8.
go_minor() {
    local minor
    minor=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    echo "${minor:-0}"
}

is_our_charm() { [ -x "$1" ] && [ "$("$1" --version 2>/dev/null)" = "charm version $CHARM_VERSION" ]; }

# need_charm: exports CRING_CHARM, the real charm program in the version that everything here is made for. The one that
# CRING_CHARM names must be it; else one that is there already is used; else it is built into a cache of ours with Go,
# which comes from the distribution when there is none (1.19, which Debian 12 has, is enough).
need_charm() {
    local candidate go
    if [ -n "${CRING_CHARM:-}" ]; then
        is_our_charm "$CRING_CHARM" && { export CRING_CHARM; return 0; }
        fail "CRING_CHARM names $CRING_CHARM, which is not charm $CHARM_VERSION (\`$CRING_CHARM --version\` says:" \
            "$("$CRING_CHARM" --version 2>&1 | head -n 1)). Unset it, and one is found or built."
    fi
    for candidate in "$CRING_CACHE/bin/charm" "${GOBIN:-/nowhere}/charm" \
        "${GOPATH:-$HOME/go}/bin/charm" "$(command -v charm || true)"; do
        if is_our_charm "$candidate"; then
            export CRING_CHARM=$candidate
            return 0
        fi
    done
    need_packages ca-certificates
    find_go >/dev/null || need_packages golang-go
    go=$(find_go) || fail "there is still no Go; see https://go.dev/doc/install"
    say "Building charm $CHARM_VERSION with $("$go" version | cut -d' ' -f3) into $CRING_CACHE/bin (a minute or two)"
    mkdir -p "$CRING_CACHE/bin"
    GOBIN="$CRING_CACHE/bin" "$go" install "github.com/charmbracelet/charm@$CHARM_VERSION" >&2 \
        || fail "charm $CHARM_VERSION could not be built; CRING_CHARM=/path/to/charm names one that exists"
    export CRING_CHARM="$CRING_CACHE/bin/charm"
}
