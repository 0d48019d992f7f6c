#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# legal.sh SOURCES DL OUT: what the images are made of and under which licences.
# OUT/manifest.csv has a line for each package, OUT/licences/ what each says of
# its own, OUT/README what to do with that.
set -eu

sources=$1
dl=$2
out=$3

die() {
	echo "mm_limit: $*" >&2
	exit 1
}

rm -rf "$out.tmp"
mkdir -p "$out.tmp/licences/mm_limit" || die "cannot create $out: set O= to a folder that can be written."

{
	echo 'package,version,debian source,file,sha256,licence'
	for record in "$sources"/*; do
		package=${record##*/}
		read -r file version sha256 _ <"$record"
		source=$(dpkg-deb -f "$dl/$file" Source)
		licence=$out.tmp/licences/$package
		# Cross packages have theirs in the source package only.
		dpkg-deb --fsys-tarfile "$dl/$file" | tar -xO --wildcards './usr/share/doc/*/copyright' >"$licence" 2>/dev/null ||
			echo "See debian/copyright in Debian's source package ${source:-$package}." >"$licence"
		echo "$package,$version,${source:-$package},$file,$sha256,licences/$package"
	done
	echo "mm_limit,,,,,licences/mm_limit"
} >"$out.tmp/manifest.csv" || die "The licences cannot be read from the packages in $dl: run 'make source'."

cp COPYING LICENSES/* "$out.tmp/licences/mm_limit"
cat >"$out.tmp/README" <<-'END'
	manifest.csv names the packages that the images are made of. Whoever passes images on
	has to offer the sources: those of Linux are the linux-source package itself with this
	project's kernel-patches/; of the others, Debian's source packages in these versions:

	    apt-get source --download-only PACKAGE=VERSION

	licences/ has what each says about its licence.
END
rm -rf "$out"
mv "$out.tmp" "$out"
