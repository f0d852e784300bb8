#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A library that is missing is said when the build is set up, with the package that brings it.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

# says PACKAGE OPTION…: with the options, which hide the library.
says() {
    local package=$1 said
    shift
    said=$(cmake -S "$root" -B "$folder/$package" -G Ninja "$@" 2>&1) && { echo "no word without $package" >&2; failures=1; }
    grep -q "apt-get install $package" <<<"$said" || { echo "without $package: $said" >&2; failures=1; }
}

says libcli11-dev -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON
says libtomlplusplus-dev -DCMAKE_FIND_ROOT_PATH=/nonexistent -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY
says libqt6svg6-dev -DCMAKE_DISABLE_FIND_PACKAGE_Qt6Svg=ON
says qt6-charts-dev -DCMAKE_DISABLE_FIND_PACKAGE_Qt6Charts=ON
says qt6-l10n-tools -DLRELEASE=OFF
says libsqlite3-dev -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON
PKG_CONFIG_LIBDIR=/nonexistent PKG_CONFIG_PATH=/nonexistent says libssh-dev
# Of pkg-config's libraries one alone.
for missing in prometheus:prometheus-cpp-dev libsodium:libsodium-dev libqrencode:libqrencode-dev libarchive:libarchive-dev; do
    printf '#!/bin/sh\ncase "$*" in *%s*) exit 1 ;; esac\nexec pkg-config "$@"\n' "${missing%%:*}" >"$folder/pkg-config"
    chmod +x "$folder/pkg-config"
    says "${missing#*:}" -DPKG_CONFIG_EXECUTABLE="$folder/pkg-config"
done
exit "$failures"
