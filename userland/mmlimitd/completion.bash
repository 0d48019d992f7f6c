# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What bash completes after "mmlimitd". `make install` puts it where
# bash-completion looks.

_mmlimitd() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local words="--interval --policy --foreground --pid-file --help --version"

	COMPREPLY=()
	case $previous in
	-i | --interval) return ;;
	-P | --pid-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	-p | --policy) words="highest_rss longest_run_time badness most_private user_ranked own" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _mmlimitd mmlimitd
