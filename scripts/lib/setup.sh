# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts: installs what is missing and says what.

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need_packages NAME…: Debian packages.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "Installing: ${missing[*]}"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

need_build_packages() {
    need_packages g++ cmake ninja-build ccache pkg-config qt6-base-dev libboost-dev libssl-dev libxxhash-dev \
        libssh-dev libtomlplusplus-dev libcli11-dev libsystemd-dev
}
