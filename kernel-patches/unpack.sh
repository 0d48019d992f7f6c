#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# unpack.sh RECORD STATE: unpacks Debian's linux-source package into STATE/source.
set -eu

here=$(dirname "$0")
state=$2
deb=$("$here/../configs/scripts/source-file.sh" "$1")

if [ -d "$state/source/.git" ]; then
	"$here/edit.sh" unchanged "$state"
fi

rm -rf "$state"
mkdir -p "$state/source.tmp"
dpkg-deb --fsys-tarfile "$deb" >"$state/tar" # dpkg-deb's own status, which a pipe would hide
tar -xOf "$state/tar" --wildcards './usr/src/linux-source-*.tar.xz' >"$state/tar.xz"
rm "$state/tar"
tar -xJf "$state/tar.xz" -C "$state/source.tmp" --strip-components=1 --no-same-owner
rm "$state/tar.xz"
mv "$state/source.tmp" "$state/source"
touch "$state/unpacked"
