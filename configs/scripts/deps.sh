#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh check|install: are the packages that configs/host-packages names there?
# check ends with one sentence when one is missing, install installs those.
set -eu

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

wanted=$(sed -e 's/#.*//' -e 's/[[:space:]].*//' -e '/^$/d' "$(dirname "$0")/../host-packages" | tr '\n' ' ')

command -v dpkg-query >/dev/null ||
	die "This is no Debian system (no dpkg-query): mm_limit builds on Debian 12 and 13."

# One fast query; a removed package has no "installed" line.
# shellcheck disable=SC2016,SC2086 # dpkg's variables, a list of names
missing=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
	awk -v wanted="$wanted" '
	$2 == "installed" { have[$1] = 1 }
	END {
		n = split(wanted, w, " ")
		for (i = 1; i <= n; i++)
			if (!(w[i] in have))
				printf "%s%s", n_missing++ ? " " : "", w[i]
	}')

case ${1-} in
check)
	[ -z "$missing" ] ||
		die "Missing Debian packages: $missing; run 'make deps' to install them."
	exit 0
	;;
install)
	;;
*)
	die "usage: deps.sh check|install"
	;;
esac

[ -n "$missing" ] || exit 0

as_root="env DEBIAN_FRONTEND=noninteractive"
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null ||
		die "Installing $missing needs root: run 'make deps' as root, or install sudo."
	as_root="sudo $as_root"
fi

echo "Installing $missing"

# An update only when the indexes known so far cannot provide the packages:
# none yet, or so old that the mirror no longer has what they list.
install() {
	# shellcheck disable=SC2086 # lists of words
	$as_root apt-get install -y -q --no-install-recommends $missing
}
# shellcheck disable=SC2086
if apt-get install -s --no-install-recommends $missing >/dev/null 2>&1 && install; then
	exit 0
fi
$as_root apt-get update -q ||
	die "'apt-get update' failed: check the network and the host's apt sources, then run 'make deps' again."
install ||
	die "apt could not install $missing: read its message above, then run 'make deps' again."
