#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# install.sh DESTDIR PREFIX VERSION STATIC SHARED ROOT PROGRAM... puts libmmlimit,
# what programs are built with, and PROGRAMs, which are files below ROOT/usr, below
# DESTDIR/PREFIX.
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

# put MODE FILE NAME
put() {
	install -D -m "$1" "$2" "$dest$prefix/$3"
}

put 644 "$static" lib/libmmlimit.a
put 755 "$shared" "lib/${shared##*/}"
ln -sfn "${shared##*/}" "$dest$prefix/lib/libmmlimit.so"
put 644 "$here/lib/mmlimit.h" include/mmlimit.h
put 644 "$here/../kernel-patches/files/include/uapi/linux/mm_limit.h" include/linux/mm_limit.h
install -d -m 755 "$dest$prefix/lib/pkgconfig"
sed -e "s,@PREFIX@,$prefix," -e "s,@VERSION@,$version," "$here/lib/libmmlimit.pc.in" >"$dest$prefix/lib/pkgconfig/libmmlimit.pc"
chmod 644 "$dest$prefix/lib/pkgconfig/libmmlimit.pc"

for p; do
	case $p in
	"$root"/usr/bin/*) put 755 "$p" "${p#"$root"/usr/}" ;;
	"$root"/usr/*) put 644 "$p" "${p#"$root"/usr/}" ;;
	*) die "$p is not below $root/usr." ;;
	esac
done
