#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what comes from outside: host packages, sources, their licences, and that both
# can be removed again. Programs that only seem to be apt take packages of a few bytes
# from a folder. Prints TAP; the runner of `make check` starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")

# packages_but NAME: all that a build needs are there, but for this one
packages_but() {
	sed -n 's/^\([a-z][^ ]*\) .*/\1 installed/p' "$top/configs/host-packages" | grep -v "^$1 " >"$out/packages"
	echo "cat $out/packages" | tool dpkg-query
	# shellcheck disable=SC2016 # that script's
	echo 'exec "$@"' | tool sudo
}

present_packages_are_not_installed() {
	packages_but none
	echo "echo \"\$*\" >>$out/apt" | tool apt-get
	accepted deps && [ ! -e "$out/apt" ] && [ ! -s "$out/log" ]
}

missing_package_is_named_and_installed() {
	packages_but cpio
	echo "echo \"\$*\" >>$out/apt" | tool apt-get
	refused packages && said "Missing Debian packages: cpio; run 'make deps' to install them." && [ ! -e "$out/apt" ] &&
		accepted deps && said 'Installing cpio' || return
	diff - "$out/apt" <<-'END'
		install -s --no-install-recommends cpio
		install -y -q --no-install-recommends cpio
	END
}

indexes_are_read_when_they_lack_a_package() {
	packages_but cpio
	tool apt-get <<-END
		echo "\$1" >>$out/apt
		[ "\$1" = update ] || grep -q update $out/apt
	END
	accepted deps && [ "$(tr '\n' ' ' <"$out/apt")" = 'install update install ' ] || return
	echo 'exit 100' | tool apt-get
	refused deps && said "'apt-get update' failed: check the network"
}

# package NAME VERSION [COPYRIGHT]: the archive has it
package() {
	rm -rf "$out/deb"
	mkdir -p "$out/deb/DEBIAN" "$out/deb/usr/share/doc/$1" "$out/archive" || return
	printf '%s: %s\n' Package "$1" Version "$2" Architecture all Maintainer 'a <a@b>' Description none Source "$1-source" \
		>"$out/deb/DEBIAN/control"
	[ -z "${3-}" ] || echo "$3" >"$out/deb/usr/share/doc/$1/copyright"
	dpkg-deb --root-owner-group -Znone -b "$out/deb" "$out/archive/$1_$2_all.deb" >/dev/null || return
	sum=$(sha256sum <"$out/archive/$1_$2_all.deb" | cut -d ' ' -f 1)
	echo "$1 $2 $sum" >>"$out/index"
}

# An archive of two packages, which are those that the lock pins, for another release, too
prepare() {
	: >"$out/index"
	echo '# a comment stays' >"$tree/configs/sources.lock"
	for p in apple pear; do
		package "$p" 1.0 "${1-}" || return
		printf '%s\n' "$release $p all 1.0 $sum" "another $p all 0.9 0" >>"$tree/configs/sources.lock"
	done
	tool apt-get <<-END
		echo "\$*" >>$out/apt
		case \$1 in
		indextargets) echo http://localhost/debian $release $release main Debian ;;
		download)
			name=\${3%%=*}
			cp $out/archive/\${name}_\${3#*=}_all.deb .
			;;
		esac
	END
	tool apt-cache <<-EOF
		for name; do :; done
		awk -v name="\$name" '
			\$1 == name || \$1 "=" \$2 == name { found = "Version: " \$2 "\nSHA256: " \$3 }
			END { if (found) print found; exit !found }' $out/index
	EOF
}

# recorded NAME VERSION STATE
recorded() {
	read -r file version _ state <"$out/dl/$release/$1" && [ "$file $version $state" = "$1_$2_all.deb $2 $3" ] &&
		cmp "$out/dl/$file" "$out/archive/$file"
}

sources_are_fetched_once() {
	prepare && accepted source && recorded apple 1.0 locked && recorded pear 1.0 locked || return
	rm "$out/apt"
	accepted source && [ ! -e "$out/apt" ] && [ ! -e "$out/dl/fetch.tmp" ]
}

file_with_another_sum_is_named_with_the_remedy() {
	prepare && accepted source || return
	echo more >>"$out/dl/pear_1.0_all.deb"
	refused source && said "mm_limit: $out/dl/pear_1.0_all.deb does not have the sha256 that configs/sources.lock pins: delete it" &&
		rm "$out/dl/pear_1.0_all.deb" && accepted source && recorded pear 1.0 locked
}

download_with_another_sum_is_not_kept() {
	prepare || return
	echo more >>"$out/archive/pear_1.0_all.deb"
	refused source && said 'The download of pear 1.0 does not have the sha256' && [ ! -e "$out/dl/pear_1.0_all.deb" ] &&
		[ ! -e "$out/dl/pear_1.0_all.deb.tmp" ]
}

# leave NAME: its pinned version leaves the archive for a newer one
leave() {
	package "$1" 1.1 || return
	grep -v "^$1 1.0 " "$out/index" >"$out/index.new"
	mv "$out/index.new" "$out/index"
}

version_that_left_is_an_error_if_locked() {
	prepare && leave pear || return
	refused LOCKED=1 source && said "pear 1.0 is not to be had from the mirror: run 'make lock-update', or build without LOCKED=1" &&
		[ ! -e "$out/dl/$release/pear" ]
}

version_that_left_is_replaced_and_marked() {
	prepare && leave pear && accepted source && recorded apple 1.0 locked && recorded pear 1.1 unlocked &&
		said 'WARNING: pear 1.0 is pinned but has left the archive: using 1.1, UNLOCKED' || return
	# without a network, what was fetched then will do, but not for those who want it locked
	: >"$out/index"
	accepted source && recorded pear 1.1 unlocked && said 'using 1.1, fetched earlier, UNLOCKED' &&
		refused LOCKED=1 "$out/dl/$release/.fetched" && said "run 'make lock-update'"
}

# With images of a few bytes
manifest_tells_what_is_not_locked() {
	prepare && leave pear && accepted source && mkdir -p "$out/linux/arch/arm/boot/dts" "$out/linux/include/config" || return
	echo 6.12.1 >"$out/linux/include/config/kernel.release"
	touch "$out/linux/arch/arm/boot/zImage" "$out/linux/arch/arm/boot/dts/a.dtb" "$out/rootfs"
	# shellcheck disable=SC2016 # the tool's own
	echo 'for f; do :; done; [ "$f" = -V ] || : >"$f"' | tool mkimage
	PATH="$out/bin:$PATH" "$tree/board/mkimages.sh" "$out/images" "$tree/board/virt" "$out/linux" "$out/rootfs" a.dtb true \
		"$out/dl/$release" true >"$out/log" 2>&1 || return
	sed -n '/^# source/,/^# tools/p' "$out/images/manifest" | awk '!/^#/ { print $1, $2, $4 }' >"$out/told"
	diff - "$out/told" <<-'END'
		apple 1.0 locked
		pear 1.1 unlocked
	END
}

lock_has_the_newest_of_all_releases_after_an_update() {
	prepare && leave pear && accepted lock-update || return
	apple=$(sha256sum <"$out/archive/apple_1.0_all.deb")
	pear=$(sha256sum <"$out/archive/pear_1.1_all.deb")
	{
		echo '# a comment stays'
		for r in "$release" another; do
			echo "$r apple all 1.0 ${apple%  -}"
			echo "$r pear all 1.1 ${pear%  -}"
		done
	} | sort >"$out/expected"
	sort "$tree/configs/sources.lock" | diff "$out/expected" -
}

lock_stays_if_a_package_is_gone() {
	prepare || return
	cp "$tree/configs/sources.lock" "$out/lock"
	: >"$out/index"
	refused lock-update && said 'has no apple: configs/sources.lock is unchanged' && cmp "$out/lock" "$tree/configs/sources.lock"
}

licences_of_all_packages_are_told() {
	prepare 'You may eat it.' && package pear 1.0 && sed -i "s/^$release pear all 1.0 .*/$release pear all 1.0 $sum/" \
		"$tree/configs/sources.lock" && accepted legal-info || return
	cut -d , -f 1-4,6 "$out/output/legal-info/manifest.csv" >"$out/told"
	diff - "$out/told" <<-'END' || return
		package,version,debian source,file,licence
		apple,1.0,apple-source,apple_1.0_all.deb,licences/apple
		pear,1.0,pear-source,pear_1.0_all.deb,licences/pear
		mm_limit,,,,licences/mm_limit
	END
	grep -qx 'You may eat it.' "$out/output/legal-info/licences/apple" &&
		grep -q "Debian's source package pear-source" "$out/output/legal-info/licences/pear" &&
		grep -q 'GNU GENERAL PUBLIC LICENSE' "$out/output/legal-info/licences/mm_limit/"*
}

# O= and DL= may hold what is somebody's own.
distclean_removes_what_was_fetched_and_nothing_else() {
	prepare && accepted source && accepted "$out/output/virt-release/fragments" && echo >"$out/dl/mine" || return
	accepted clean && [ ! -e "$out/output" ] && recorded pear 1.0 locked && accepted distclean || return
	[ "$(ls "$out/dl")" = mine ] && rm "$out/dl/mine" && accepted distclean && [ ! -e "$out/dl" ]
}

run_tests present_packages_are_not_installed missing_package_is_named_and_installed \
	indexes_are_read_when_they_lack_a_package sources_are_fetched_once \
	file_with_another_sum_is_named_with_the_remedy download_with_another_sum_is_not_kept \
	version_that_left_is_an_error_if_locked version_that_left_is_replaced_and_marked \
	manifest_tells_what_is_not_locked lock_has_the_newest_of_all_releases_after_an_update lock_stays_if_a_package_is_gone \
	licences_of_all_packages_are_told distclean_removes_what_was_fetched_and_nothing_else
