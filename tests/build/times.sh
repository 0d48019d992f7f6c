#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that a tree under linux-edit is built again where its content changed, and
# nowhere else, on a kernel of five files. Prints TAP; the runner of `make check`
# starts it, see ../README.md.
#
# The tests are called by name, which shellcheck cannot see:
# shellcheck disable=SC2317
set -u

# shellcheck source=tests/build/lib.sh
. "$MM_TESTS/build/lib.sh"

# patch_of FILE NUMBER SUBJECT: its "line NUMBER" becomes "patched NUMBER"
patch_of() {
	cat >"$queue/000$2-$3.patch" <<-END
		From: Somebody <somebody@example.org>
		Date: Wed, 1 Jan 2025 00:00:00 +0000
		Subject: [PATCH] $3

		Signed-off-by: Somebody <somebody@example.org>
		---
		--- a/$1
		+++ b/$1
		@@ -1,3 +1,3 @@
		 one of $1
		-line of $1
		+patched line of $1
		 end of $1
	END
}

# The same beginning for each test
prepare() {
	queue=$work/begin/queue
	here=$out
	out=$work/begin
	[ -d "$out" ] || begin || return
	out=$here
	state=$out/linux
	cp -a "$work/begin/." "$out"
}

# A kernel whose objects are copies, made in a folder outside by a make that says
# what it builds; two patches; under linux-edit, and built
begin() {
	state=$out/linux
	queue=$out/queue
	mkdir -p "$state/source" "$queue/files" "$out/build" || return
	for f in a b c d header; do
		printf 'one of %s\nline of %s\nend of %s\n' "$f" "$f" "$f" >"$state/source/$f"
	done
	cat >"$out/build/Makefile" <<-'END'
		.RECIPEPREFIX := >
		all: a.o b.o c.o d.o
		%.o: ../linux/source/% ../linux/source/header
		> @cat $^ >$@
		> @echo $* >>../built
	END
	echo ours >"$queue/files/ours"
	patch_of header 1 header
	patch_of a 2 a
	patch_of b 3 b
	find "$state/source" -type f -exec touch -d '3 hours ago' {} +
	touch -d '2 hours ago' "$state/unpacked"
	"$tree/kernel-patches/patch.sh" "$state" "$queue" && "$tree/kernel-patches/link.sh" "$state" "$queue" || return
	make -C "$out/build" >/dev/null && "$tree/kernel-patches/edit.sh" edit "$state" "$queue" >/dev/null || return
	builds nothing
}

# builds NAME...: exactly that is built, and the objects have the tree's content
builds() {
	: >"$out/built"
	"$tree/kernel-patches/times.sh" around "$state" "${builder:-make}" -C "$out/build" >"$out/log" 2>&1 || {
		cat "$out/log"
		return 1
	}
	is=$(sort "$out/built" | tr '\n' ' ')
	if [ "${is:-nothing }" != "$* " ]; then
		echo "# built ${is:-nothing}, expected $*"
		return 1
	fi
	for f in a b c d; do
		cat "$state/source/$f" "$state/source/header" | cmp - "$out/build/$f.o" || return
	done
}

tree_git() {
	git -C "$state/source" -c user.name=somebody -c user.email=somebody@example.org -c advice.detachedHead=false "$@" \
		>"$out/git" 2>&1 && return
	cat "$out/git"
	return 1
}

# each commit anew, so that git writes each file that one of them names
rebase() {
	tree_git rebase --force-rebase base
}

beginning_to_edit_builds_nothing() {
	prepare && builds nothing
}

rebase_without_changes_builds_nothing() {
	prepare || return
	before=$(stat -c %y "$state/source/header")
	rebase && [ "$(stat -c %y "$state/source/header")" != "$before" ] && builds nothing && builds nothing
}

rebase_builds_what_it_changed() {
	prepare || return
	echo more >>"$state/source/b"
	tree_git commit -q -a --amend --no-edit && rebase && builds b && builds nothing
}

changed_header_builds_all() {
	prepare || return
	echo more >>"$state/source/header"
	tree_git commit -q -a -m header && rebase && builds a b c d && builds nothing
}

dropped_commit_builds_its_files() {
	prepare || return
	tree_git reset -q --hard HEAD~1 && builds b && rebase && builds nothing
}

# The content that the last build saw is not the one before it.
change_and_return_are_built_each() {
	prepare || return
	cp "$state/source/a" "$out/a"
	echo more >>"$state/source/a"
	builds a && cp "$out/a" "$state/source/a" && builds a && builds nothing
}

change_and_return_between_builds_build_nothing() {
	prepare || return
	echo more >>"$state/source/a"
	echo more >>"$state/source/c"
	tree_git stash && builds nothing && tree_git stash pop && builds a c && tree_git stash && builds a c &&
		tree_git checkout base && tree_git checkout mm_limit && builds nothing
}

# A file that no patch names, and that had been changed in an earlier edit
file_of_nobody_keeps_its_time() {
	prepare || return
	echo more >>"$state/source/d"
	builds d && tree_git checkout d && builds d && tree_git checkout base && tree_git checkout mm_limit && builds nothing
}

removed_and_restored_file_is_built() {
	prepare || return
	rm "$state/source/c"
	builder=true
	"$tree/kernel-patches/times.sh" around "$state" true && builder= && tree_git checkout c && builds c
}

# What is written while the build runs may have been seen or not.
change_during_a_build_is_built() {
	prepare || return
	cp "$state/source/a" "$out/a"
	tool slow-make <<-END
		echo during >>$state/source/a
		make "\$@"
		cp $out/a $state/source/a
	END
	"$tree/kernel-patches/times.sh" around "$state" "$out/bin/slow-make" -C "$out/build" >/dev/null && builds a && builds nothing
}

change_during_a_failing_build_is_built() {
	prepare || return
	cp "$state/source/a" "$out/a"
	tool failing-make <<-END
		echo during >>$state/source/a
		make "\$@"
		cp $out/a $state/source/a
		exit 2
	END
	! "$tree/kernel-patches/times.sh" around "$state" "$out/bin/failing-make" -C "$out/build" >/dev/null && builds a && builds nothing
}

change_during_a_killed_build_is_built() {
	prepare || return
	cp "$state/source/a" "$out/a"
	tool killed-make <<-END
		echo during >>$state/source/a
		make "\$@"
		cp $out/a $state/source/a
		kill -KILL \$PPID
	END
	! "$tree/kernel-patches/times.sh" around "$state" "$out/bin/killed-make" -C "$out/build" >/dev/null && builds a && builds nothing
}

# New patches, a pull perhaps: the tree stops being one of git's.
leaving_after_a_rebase_builds_nothing() {
	prepare && rebase && "$tree/kernel-patches/edit.sh" refresh "$state" "$queue" >/dev/null &&
		"$tree/kernel-patches/patch.sh" "$state" "$queue" || return
	[ ! -e "$state/source/.git" ] && [ ! -e "$state/times" ] && : >"$out/built" && make -C "$out/build" >/dev/null || return
	[ ! -s "$out/built" ] && return
	echo "# built $(cat "$out/built")"
	return 1
}

# For people who do not have our tree: files first, then a mail for each patch
series_gives_the_patched_tree() {
	prepare && "$tree/kernel-patches/edit.sh" series "$state" "$queue" "$out/series" >"$out/log" &&
		said "$out/series has the series, 5 mails: fill in the cover letter." || return
	mkdir "$out/other" && cp "$state/orig"/* "$out/other" && git -C "$out/other" init -q || return
	rm "$out/series/0000-cover-letter.patch"
	git -C "$out/other" add -A && git -C "$out/other" -c user.name=a -c user.email=a@b commit -q -m base &&
		git -C "$out/other" -c user.name=a -c user.email=a@b am -q "$out/series"/*.patch || return
	for f in header a b ours; do
		cmp "$state/source/$f" "$out/other/$f" || return
	done
	[ "$(git -C "$out/other" log --format=%s | tr '\n' ' ')" = 'b a header mm: add the files of per-user memory limits base ' ]
}

# As a hook of git's has them for its own repository
variables_of_a_git_hook_do_not_matter() {
	tree_of_hook=$out/hook
	git init -q "$tree_of_hook" || return
	export GIT_DIR="$tree_of_hook/.git" GIT_WORK_TREE="$tree_of_hook" GIT_INDEX_FILE="$tree_of_hook/.git/index"
	result=0
	begin || result=$?
	unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
	[ "$result" = 0 ] && ! git -C "$tree_of_hook" rev-parse -q --verify HEAD
}

run_tests beginning_to_edit_builds_nothing rebase_without_changes_builds_nothing rebase_builds_what_it_changed \
	changed_header_builds_all dropped_commit_builds_its_files change_and_return_are_built_each \
	change_and_return_between_builds_build_nothing file_of_nobody_keeps_its_time removed_and_restored_file_is_built \
	change_during_a_build_is_built change_during_a_failing_build_is_built change_during_a_killed_build_is_built \
	leaving_after_a_rebase_builds_nothing series_gives_the_patched_tree variables_of_a_git_hook_do_not_matter
