# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What bash completes after "hog". `make install` puts it where bash-completion
# looks.

_hog() {
	local current=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	# A size or a time is nobody's to guess.
	if [[ $COMP_CWORD -eq 1 && $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--help --version" -- "$current")
	fi
}
complete -F _hog hog
