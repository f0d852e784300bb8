#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The scripts that a newcomer starts: from any folder, in a bare environment, and with a charm that is not ours.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

wrong() { echo "scripts: $*" >&2; failures=$((failures + 1)); }
setup() { bash -euo pipefail -c ". '$root/scripts/lib/setup.sh'; $1" 2>&1; }

for script in chaos demo screenshots test; do
    ln -s "$root/scripts/$script" "$folder/$script"
    for way in "cd $root && scripts/$script" "cd $root/scripts && ./$script" "cd / && $root/scripts/$script" \
        "cd $folder && ./$script"; do
        said=$(bash -c "$way --help" 2>&1) || wrong "$way --help fails: $said"
        grep -q "scripts/$script \[" <<<"$said" || wrong "$way --help does not say how it is used: $said"
    done
done

said=$(unset HOME XDG_CACHE_HOME; setup 'echo "home=$HOME cache=$CRING_CACHE"') || wrong "without HOME: $said"
grep -q '^home=/.* cache=/.*charmedring$' <<<"$said" || wrong "without HOME there is none: $said"

printf '#!/bin/sh\necho charm version v0.0.1\n' >"$folder/old"
chmod +x "$folder/old"
for charm in "$folder/old" "$folder/nothing"; do
    said=$(CRING_CHARM=$charm setup 'need_charm; echo "took $CRING_CHARM"') && wrong "took the charm $charm: $said"
    grep -q "CRING_CHARM names $charm, which is not charm v" <<<"$said" || wrong "no words about $charm: $said"
done
printf '#!/usr/bin/env bash\n. %s/scripts/lib/setup.sh\necho charm version $CHARM_VERSION\n' "$root" >"$folder/right"
chmod +x "$folder/right"
said=$(CRING_CHARM=$folder/right setup 'need_charm; echo "took $CRING_CHARM"')
[ "$said" = "took $folder/right" ] || wrong "does not take the charm that is named: $said"

printf '#!/bin/sh\nexit 1\n' >"$folder/broken"
printf '#!/bin/sh\necho promtool, version 1\n' >"$folder/promtool"
chmod +x "$folder/broken" "$folder/promtool"
said=$(CRING_PROMTOOL=$folder/broken PATH=$folder:$PATH setup 'need_promtool; echo "took $CRING_PROMTOOL"')
[ "$said" = "took $folder/promtool" ] || wrong "does not take the promtool that works: $said"

said=$(CRING_RCLONE=$folder/nothing setup 'need_rclone; echo "took $CRING_RCLONE"') && wrong "took no rclone at all: $said"
grep -q "CRING_RCLONE names $folder/nothing" <<<"$said" || wrong "no words about a missing rclone: $said"
# Built once for each version, by the newest Go.
mkdir "$folder/bin"
cat >"$folder/bin/go" <<END
#!/bin/sh
[ "\$1" = env ] && echo go1.999.0 && exit
[ "\$1" = install ] || exit 0
echo "\$3" >>$folder/built
cp $folder/promtool "\$GOBIN/rclone"
END
chmod +x "$folder/bin/go"
for version in v1 v1 v2; do
    said=$(XDG_CACHE_HOME=$folder PATH=$folder/bin:$PATH CRING_RCLONE='' \
        setup "RCLONE_VERSION=$version; need_rclone; echo \"took \$CRING_RCLONE\"") || wrong "need_rclone fails: $said"
    grep -q "^took $folder/charmedring/bin/rclone$" <<<"$said" || wrong "need_rclone says: $said"
done
[ "$(tr '\n' ' ' <"$folder/built")" = "github.com/rclone/rclone@v1 github.com/rclone/rclone@v2 " ] ||
    wrong "need_rclone built $(cat "$folder/built")"

# Another program may hold the lock: apt-get is to wait for it.
printf '#!/bin/sh\necho "$@" >>%s/asked\n' "$folder" >"$folder/apt-get"
printf '#!/bin/sh\nexit 1\n' >"$folder/dpkg-query"
printf '#!/bin/sh\nexec "$@"\n' >"$folder/sudo"
chmod +x "$folder"/{apt-get,dpkg-query,sudo}
said=$(PATH=$folder:$PATH setup 'need_build_packages') || wrong "need_build_packages fails: $said"
[ "$(grep -c 'DPkg::Lock::Timeout=' "$folder/asked")" = 2 ] || wrong "apt-get does not wait: $(cat "$folder/asked")"
grep -q libssh-dev "$folder/asked" || wrong "libssh-dev is linked, and not installed"

exit $((failures > 0))
