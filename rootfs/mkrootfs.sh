#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mkrootfs.sh DIR GEN_INIT_CPIO SOURCES LINUX_BUILD EPOCH TARGET PROGRAM...
# makes DIR/rootfs.cpio.gz. PROGRAMs are files below TARGET, which is laid out as
# the image is. The same inputs give the same bytes: names sorted, owner root,
# modes and times set here.
set -eu

here=$(dirname "$0")
dir=$1
gen_init_cpio=$2
sources=$3
linux=$4
epoch=$5
target=$6
shift 6

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# Debian's programs
rm -rf "$dir/debian"
mkdir -p "$dir/debian"
for p in busybox-static libc6-armel-cross; do
	deb=$("$here/../configs/scripts/source-file.sh" "$sources/$p")
	dpkg-deb -x "$deb" "$dir/debian"
done
busybox=$dir/debian/bin/busybox
[ -f "$busybox" ] || busybox=$dir/debian/usr/bin/busybox
lib=$dir/debian/usr/arm-linux-gnueabi/lib

grep -v '^#' "$here/applets" >"$dir/applets"
tr '\0' '\n' <"$busybox" | sort -u >"$dir/strings"
absent=$(sed 's,.*/,,' "$dir/applets" | sort | comm -23 - "$dir/strings" | tr '\n' ' ')
[ -z "$absent" ] ||
	die "This busybox lacks ${absent}listed in rootfs/applets: take it out there."

# "file NAME PATH MODE UID GID": the executable bit is what git keeps of a mode
entry() {
	if [ -x "$2" ]; then
		echo "file $1 $2 0755 0 0"
	else
		echo "file $1 $2 0644 0 0"
	fi
}

{
	grep -v '^#' "$here/devices.list"
	echo "file /bin/busybox $busybox 0755 0 0"
	while read -r link; do
		case $link in
		/bin/*) echo "slink $link busybox 0777 0 0" ;;
		*) echo "slink $link ../bin/busybox 0777 0 0" ;;
		esac
	done <"$dir/applets"
	for l in ld-linux.so.3 libc.so.6; do
		echo "file /lib/$l $lib/$l 0755 0 0"
	done
	find "$here/overlay" -type f | while read -r f; do
		entry "${f#"$here/overlay"}" "$f"
	done
	for p; do
		entry "/$p" "$target/$p"
	done
	find "$linux" -name '*.ko' | while read -r m; do
		echo "file /lib/modules/${m##*/} $m 0644 0 0"
	done
} | sort -k 2,2 >"$dir/list"

doubled=$(awk 'n == $2 { printf "%s ", n } { n = $2 }' "$dir/list")
[ -z "$doubled" ] || die "The image would hold ${doubled}twice: see rootfs/devices.list, applets and overlay/."

"$gen_init_cpio" -t "$epoch" "$dir/list" >"$dir/rootfs.cpio"
gzip -n -9 <"$dir/rootfs.cpio" >"$dir/rootfs.cpio.gz"
rm "$dir/rootfs.cpio"
