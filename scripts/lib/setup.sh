# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts: installs what is missing and says what. Debian 12 and Ubuntu 24.04; nothing is asked.

# A service manager or a container may start us without it; Go refuses to build then.
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6 || true)}
export HOME=${HOME:-/}

CHARM_VERSION=v0.12.6
# S3 servers of two makes: one that is strict and has versions, one that is widespread (and our peer for uploads).
VERSITYGW_VERSION=v1.8.0
RCLONE_VERSION=v1.76.0
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
        libglib2.0-dev libsecret-1-0 libsodium-dev libcurl4-openssl-dev libqrencode-dev libarchive-dev libqt6svg6-dev libqt6opengl6-dev qt6-charts-dev \
        qt6-l10n-tools
}

# What the tests run against beside Charm: a real sshd, the sqlite3 program that node access uses by it, a real secret
# service, a mail server, and Amazon's own signer; a desktop with a display, a window manager, a panel, notifications, keys that
# are pressed
# from outside and what a screen reader hears, and stand-ins for logind and NetworkManager; what the manual's reader types.
need_test_packages() {
    need_packages openssh-server openssh-client sqlite3 curl jq openssl iproute2 procps util-linux systemd dbus-daemon dbus-bin gnome-keyring python3-botocore python3-aiosmtpd \
        xvfb openbox x11-utils dunst xfce4-panel qt6-translations-l10n xfconf xdotool at-spi2-core python3-dbusmock \
        desktop-file-utils appstream man-db zsh fish
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

# need_debian_program VARIABLE NAME PACKAGE: exports VARIABLE, a program out of a Debian package whose installation would
# start a server on every address: only the program is taken out of it, into a cache of ours.
need_debian_program() {
    local variable=$1 name=$2 package=$3 candidate folder
    for candidate in "${!variable:-}" "$(command -v "$name" || true)" "$CRING_CACHE/bin/$name"; do
        if [ -n "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
            export "$variable=$candidate"
            return 0
        fi
    done
    say "Taking $name out of the package $package into $CRING_CACHE/bin"
    folder=$(mktemp -d)
    (
        cd "$folder" && {
            apt-get -q download "$package" >&2 ||
                { as_root apt-get -q update >&2 && apt-get -q download "$package" >&2; }
        } && dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x "./usr/bin/$name"
    ) || fail "$name could not be had; install the package $package, or name the program in $variable"
    mkdir -p "$CRING_CACHE/bin"
    mv "$folder/usr/bin/$name" "$CRING_CACHE/bin/$name"
    rm -r "$folder"
    export "$variable=$CRING_CACHE/bin/$name"
}

# need_promtool: exports CRING_PROMTOOL, which judges what /metrics gives.
need_promtool() { need_debian_program CRING_PROMTOOL promtool prometheus; }

# need_prometheus: exports CRING_PROMETHEUS, which asks the ring and raises the alarms.
need_prometheus() { need_debian_program CRING_PROMETHEUS prometheus prometheus; }

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

# The Go that fetches a newer one by itself where a module asks for it: 1.21 is the first that can. An older one (Debian
# 12 has 1.19) gets a newer one from where Go modules come from.
TOOLCHAIN=go1.26.0
find_modern_go() {
    local go arch folder
    find_go >/dev/null || need_packages golang-go
    go=$(find_go) || fail "there is still no Go; see https://go.dev/doc/install"
    if [ "$(go_minor "$go")" -lt 21 ]; then
        arch=$("$go" env GOARCH)
        say "Getting $TOOLCHAIN, as $("$go" version | cut -d' ' -f3) is too old"
        folder=$(cd / && "$go" mod download -json "golang.org/toolchain@v0.0.1-$TOOLCHAIN.linux-$arch" \
            | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
        [ -n "$folder" ] || fail "a newer Go could not be had; see https://go.dev/doc/install"
        # Modules carry no modes.
        chmod -R u+w "$folder/bin" "$folder/pkg/tool"
        chmod -R +x "$folder/bin" "$folder/pkg/tool"
        go=$folder/bin/go
    fi
    echo "$go"
}

# need_go_program VARIABLE NAME PACKAGE VERSION: exports VARIABLE, a program that is built once into a cache of ours.
# One that VARIABLE names already is taken as it is.
need_go_program() {
    local variable=$1 name=$2 package=$3 version=$4 go folder
    local program="$CRING_CACHE/bin/$name" stamp="$CRING_CACHE/bin/$name.version"
    if [ -n "${!variable:-}" ]; then
        [ -x "${!variable}" ] || fail "$variable names ${!variable}, which is no program"
        export "${variable?}"
        return 0
    fi
    if [ ! -x "$program" ] || [ "$(cat "$stamp" 2>/dev/null || true)" != "$version" ]; then
        need_packages ca-certificates
        go=$(find_modern_go)
        say "Building $name $version into $CRING_CACHE/bin (some minutes, once)"
        mkdir -p "$CRING_CACHE/bin"
        folder=$(mktemp -d)
        GOBIN=$folder GOTOOLCHAIN=auto CGO_ENABLED=0 "$go" install -trimpath "$package@$version" >&2 \
            || fail "$name $version could not be built; $variable=/path/to/$name names one that exists"
        mv "$folder/$name" "$program"
        rmdir "$folder"
        echo "$version" >"$stamp"
    fi
    export "$variable=$program"
}

need_versitygw() {
    need_go_program CRING_VERSITYGW versitygw github.com/versity/versitygw/cmd/versitygw "$VERSITYGW_VERSION"
}

# Debian 12's rclone is older than its S3 server (1.65).
need_rclone() {
    need_go_program CRING_RCLONE rclone github.com/rclone/rclone "$RCLONE_VERSION"
}
