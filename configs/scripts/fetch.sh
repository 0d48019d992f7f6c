#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Fetches what configs/sources.lock pins into DL, checked by sha256, through an
# apt root of its own: the host's package lists, architectures and configuration
# stay untouched, and Debian's archive keys vouch for what comes.
#
#	fetch.sh source DL	fetch what is missing, for this host's release
#	fetch.sh lock DL	renew the lock: this host's release, and the others in it
#
# "source" writes one record per package, DL/RELEASE/PACKAGE:
#	file version sha256 locked|unlocked
# Environment: LOCKED=1 makes it an error that a pinned version left the archive.
set -eu

# Warnings go to descriptor 3, which step.sh keeps open to the terminal.
{ : >&3; } 2>/dev/null || exec 3>&2

configs=$(dirname "$0")/..
lock=$configs/sources.lock
verb=$1
dl=$2
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

mkdir -p "$dl" || die "Cannot create $dl: set DL= to a folder that can be written."
# Makes with other output folders may share this one.
exec 8<"$dl"
if ! flock -n 8; then
	echo "waiting for another make that fetches into $dl" >&3
	flock 8
fi

# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
known=$(awk '!/^#/ && NF { print $1 }' "$lock" | sort -u | tr '\n' ' ')
case " $known " in
*" $release "*) ;;
*) die "configs/sources.lock has no entries for this host's release (${release:-unknown}), only for: $known" ;;
esac

tmp=$dl/fetch.tmp
rm -rf "$tmp"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# The mirror that the host itself uses for a suite, by apt's own account.
# The archive of the named origin is preferred; before the first apt-get update
# apt does not know origins yet.
# shellcheck disable=SC2016 # apt's variables
mirror_of() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT) $(ORIGIN)' \
		'Created-By: Packages' | awk -v suite="$1" '
		($2 == suite || $3 == suite) && $4 == "main" && ($5 == "Debian" || $5 ~ /^(\$|$)/) {
			sub("/+$", "", $1)
			print $1
			exit
		}'
}

# apt_root RELEASE: creates the private root of a release and reads its indexes.
apt_root() {
	# apt does not notice a full disk for many minutes.
	free=$(df -P -k "$dl" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$free" -ge 400 ] ||
		die "$dl has only $free MB left and fetching takes 400: make room, or set DL= to a folder with more."
	root=$tmp/apt-$1
	mirror=$(mirror_of "$release")
	[ -n "$mirror" ] || die "apt on this host names no Debian mirror for $release: add one to its sources."
	security=$(mirror_of "$release-security")
	security=${security:-$mirror-security}
	host=$(dpkg --print-architecture)

	mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial"
	# Only the main suite has every architecture of the lock.
	cat >"$root/sources.list" <<-END
		deb [arch=$host,armel signed-by=$keyring] $mirror $1 main
		deb [arch=$host signed-by=$keyring] $mirror $1-updates main
		deb [arch=$host signed-by=$keyring] $security $1-security main
	END
	cat >"$root/apt.conf" <<-END
		Dir::State "$root/state";
		Dir::State::status "/dev/null";
		Dir::Cache "$root/cache";
		Dir::Etc::sourcelist "$root/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "$host";
		APT::Architectures { "$host"; "armel"; };
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
	export APT_CONFIG="$root/apt.conf"
	echo "reading the package indexes of $1"
	apt-get update -q 2>&1 || true
}

# apt's name of a package of some architecture
apt_name() {
	case $2 in
	all) echo "$1" ;;
	*) echo "$1:$2" ;;
	esac
}

# newest NAME: the newest version apt knows, empty when none
newest() {
	apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

sha256_of() {
	apt-cache show "$1=$2" 2>/dev/null | sed -n 's/^SHA256: //p' | head -n 1
}

# file_of PACKAGE ARCH VERSION: the file's name, as in Debian's pool
file_of() {
	echo "$1_${3#*:}_$2.deb"
}

has_sum() {
	[ "$(sha256sum <"$1")" = "$2  -" ]
}

# download PACKAGE ARCH VERSION FILE
download() {
	rm -rf "$tmp/get"
	mkdir "$tmp/get"
	if ! (cd "$tmp/get" && apt-get download -q "$(apt_name "$1" "$2")=$3") >"$tmp/log" 2>&1; then
		cat "$tmp/log"
		return 1
	fi
	mv "$tmp/get/"*.deb "$dl/$4.tmp"
}

#
# lock: the newest of each package, for every release in the lock
#
if [ "$verb" = lock ]; then
	mkdir -p "$tmp"
	sed -n '/^#/p' "$lock" >"$tmp/lock"
	for r in $known; do
		apt_root "$r"
		awk -v r="$r" '$1 == r { print $2, $3 }' "$lock" >"$tmp/wanted"
		while read -r package arch; do
			name=$(apt_name "$package" "$arch")
			version=$(newest "$name")
			[ -n "$version" ] || die "The archive of $r has no $name: configs/sources.lock is unchanged."
			echo "$r $package $arch $version $(sha256_of "$name" "$version")" >>"$tmp/lock"
		done <"$tmp/wanted"
	done
	cat "$tmp/lock" >"$lock"
	exit 0
fi

#
# source: what this host's release pins
#
records=$dl/$release
mkdir -p "$records" "$tmp"
grep "^$release " "$lock" >"$tmp/wanted"

# record PACKAGE TEXT: written only when it changes, so that nothing is rebuilt in vain
record() {
	[ "$(cat "$records/$1" 2>/dev/null)" = "$2" ] && return 0
	echo "$2" >"$records/$1.tmp"
	mv "$records/$1.tmp" "$records/$1"
}

# fallback PACKAGE ARCH VERSION: the pinned version cannot be had. Take what an
# earlier fallback brought, or the newest build that apt vouches for.
fallback() {
	if [ "${LOCKED-}" = 1 ]; then
		die "$1 $3 is not to be had from the mirror: run 'make lock-update', or build without LOCKED=1."
	fi
	new=$(newest "$(apt_name "$1" "$2")")
	if [ -z "$new" ] && [ -s "$records/$1" ]; then
		read -r f v sum _ <"$records/$1"
		if [ -f "$dl/$f" ] && has_sum "$dl/$f" "$sum"; then
			echo "WARNING: $1 $3 is pinned but not to be had: using $v, fetched earlier, UNLOCKED" >&3
			return 0
		fi
	fi
	[ -n "$new" ] || die "Cannot fetch $1 $3: the mirror does not answer or has no such package; check the network, then run 'make source' again."

	f=$(file_of "$1" "$2" "$new")
	sum=$(sha256_of "$(apt_name "$1" "$2")" "$new")
	echo "WARNING: $1 $3 is pinned but has left the archive: using $new, UNLOCKED" >&3
	if ! [ -f "$dl/$f" ] || ! has_sum "$dl/$f" "$sum"; then
		download "$1" "$2" "$new" "$f" || failed "$1" "$new"
		has_sum "$dl/$f.tmp" "$sum" || die "The download of $1 $new does not match the archive's signed sum: run 'make source' again."
		mv "$dl/$f.tmp" "$dl/$f"
	fi
	record "$1" "$f $new $sum unlocked"
}

failed() {
	die "Downloading $1 $2 into $dl failed ($(tail -n 1 "$tmp/log")): run 'make source' again."
}

while read -r _ package arch version sum; do
	file=$(file_of "$package" "$arch" "$version")
	if [ -f "$dl/$file" ]; then
		has_sum "$dl/$file" "$sum" ||
			die "$dl/$file does not have the sha256 that configs/sources.lock pins: delete it and run 'make source' again."
		record "$package" "$file $version $sum locked"
		continue
	fi
	[ -n "${APT_CONFIG-}" ] || apt_root "$release"
	if [ -z "$(sha256_of "$(apt_name "$package" "$arch")" "$version")" ]; then
		fallback "$package" "$arch" "$version"
		continue
	fi
	echo "fetching $package $version"
	download "$package" "$arch" "$version" "$file" || failed "$package" "$version"
	if ! has_sum "$dl/$file.tmp" "$sum"; then
		rm -f "$dl/$file.tmp"
		die "The download of $package $version does not have the sha256 that configs/sources.lock pins: the mirror or the lock is wrong."
	fi
	mv "$dl/$file.tmp" "$dl/$file"
	record "$package" "$file $version $sum locked"
done <"$tmp/wanted"
