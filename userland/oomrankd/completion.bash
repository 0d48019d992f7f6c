# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What bash completes after "oomrankd". `make install` puts it where
# bash-completion looks.

_oomrankd() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local words="--dry-run --json --interval --psi --top --foreground --verbose --pid-file --proc --help --version"

	COMPREPLY=()
	case $previous in
	-i | --interval | -t | --top | -p | --psi) ;;
	-P | --pid-file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	--proc) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
	esac
}
complete -F _oomrankd oomrankd
