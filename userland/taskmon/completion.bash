# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What bash completes after "taskmon". `make install` puts it where
# bash-completion looks.

# Processes that run, or of which there is a history, for the commands that take those
_taskmon_pids() {
	local history=/sys/kernel/debug/taskmonitor pids

	if [[ $1 == start ]]; then
		pids=$(cd /proc && printf '%s\n' [1-9]*)
	else
		pids=$([[ ! -r $history ]] || awk '{ print $2 }' "$history" | sort -u)
	fi
	compgen -W "$pids" -- "$2"
}

_taskmon() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} words="--help"

	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		words="start stop show plot csv help --help --version"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return
	fi
	[[ $command != start ]] || words="--period --help"
	[[ $command != show ]] || words="--json --help"
	case $previous in
	-p | --period) return ;;
	esac
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	elif [[ $command == st* || $COMP_CWORD -eq 2 && $command != help ]]; then
		mapfile -t COMPREPLY < <(_taskmon_pids "$command" "$current")
	fi
}
complete -F _taskmon taskmon
