#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# install.sh DESTDIR PREFIX VERSION STATIC SHARED ROOT PROGRAM... puts libmmlimit,
# what programs are built with, PROGRAMs, which are files below ROOT/usr, manual
# pages, units of systemd, an init script and a sample of the configuration below DESTDIR/PREFIX, and
# says so.
set -eu

here=$(dirname "$0")
dest=$1
prefix=$2
version=$3
static=$4
shared=$5
root=$6
shift 6

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

# Programs for ARM have no business in this machine's own folders.
[ -n "$dest" ] || die "Where to? make install DESTDIR=folder [PREFIX=/usr]"
case $prefix in
/*[!A-Za-z0-9/._+-]*) die "PREFIX=$prefix has a character that libmmlimit.pc cannot hold: choose letters, digits and /._+-" ;;
/*) ;;
*) die "PREFIX=$prefix does not begin with a slash." ;;
esac

# Others are to read it, whatever this shell's umask is.
umask 022
# what has been put somewhere, below DESTDIR/PREFIX, a name a line
placed=$(mktemp)
trap 'rm -f "$placed"' EXIT

# put MODE FILE NAME
put() {
	install -D -m "$1" "$2" "$dest$prefix/$3"
	echo "$3" >>"$placed"
}

# fill FILE NAME: the same with what FILE has to know of this installation
fill() {
	sed -e "s,@PREFIX@,$prefix,g" -e "s,@VERSION@,$version," "$1" | put 644 /dev/stdin "$2"
}

# A page goes by the name of its file, and by all that its NAME has.
page() {
	name=${1##*/}
	section=${name##*.}
	put 644 "$1" "share/man/man$section/$name"
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([^ /][^ /]*\).*/\1/p' "$1" | while read -r other; do
		[ "$other.$section" = "$name" ] ||
			echo ".so man$section/$name" | put 644 /dev/stdin "share/man/man$section/$other.$section"
	done
}

put 644 "$static" lib/libmmlimit.a
put 755 "$shared" "lib/${shared##*/}"
ln -sfn "${shared##*/}" "$dest$prefix/lib/libmmlimit.so"
echo lib/libmmlimit.so >>"$placed"
put 644 "$here/lib/mmlimit.h" include/mmlimit.h
put 644 "$here/../kernel-patches/files/include/uapi/linux/mm_limit.h" include/linux/mm_limit.h
fill "$here/lib/libmmlimit.pc.in" lib/pkgconfig/libmmlimit.pc

for p; do
	case $p in
	"$root"/usr/bin/*) put 755 "$p" "${p#"$root"/usr/}" ;;
	"$root"/usr/*) put 644 "$p" "${p#"$root"/usr/}" ;;
	*) die "$p is not below $root/usr." ;;
	esac
done

for p in "$here"/man/*.[1-8]; do
	page "$p"
done
for p in "$here"/systemd/*.in; do
	name=${p##*/}
	fill "$p" "lib/systemd/system/${name%.in}"
done
put 644 "$here/../rootfs/overlay/etc/mmlimit.conf" share/doc/mm_limit/mmlimit.conf
put 755 "$here/../rootfs/overlay/etc/init.d/mmlimit" share/doc/mm_limit/init.d/mmlimit

echo "installed below $dest$prefix:"
sort "$placed" | awk -F / '
	function tell() {
		if (count > 9)
			names = " " count " files"
		printf "  %-40s%s\n", folder, names
	}
	{
		name = $NF
		this = substr($0, 1, length($0) - length(name))
		if (NR > 1 && this != folder) {
			tell()
			names = ""
			count = 0
		}
		folder = this
		names = names " " name
		count++
	}
	END { tell() }'
