# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What bash completes after "mmlimit". `make install` puts it where
# bash-completion looks.

# Users that can be limited; the kernel says from which uid on, if it has limits
_mmlimit_users() {
	local min_uid=10000

	[[ -r /proc/sys/vm/mm_limit_min_uid ]] && read -r min_uid </proc/sys/vm/mm_limit_min_uid
	compgen -W "$(getent passwd 2>/dev/null | awk -F : -v min_uid="$min_uid" '$3 >= min_uid { print $1 }')" -- "$1"
}

_mmlimit() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} words i operand=0

	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		words="set get unset list top watch why load save kill run help --help --version"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return
	fi
	# which operand this is; options and what they take are none
	for ((i = 2; i <= COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--) ;;
		-[gprswTdnFx] | --grace | --policy | --reclaim | --swap-max | --warn | --term | --delay | --number | --format | --exec) ((i++)) ;;
		-*) ;;
		*) ((++operand)) ;;
		esac
		# what follows is another command's
		[[ $command != run || $operand -lt 3 ]] || break
	done
	if [[ $command:$operand == run:3 ]]; then
		[[ $i -lt $COMP_CWORD ]] && words=-f || words=-c
		mapfile -t COMPREPLY < <(compgen $words -- "$current")
		return
	fi
	case $previous in
	-p | --policy)
		words="highest_rss longest_run_time badness most_private user_ranked"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return
		;;
	-r | --reclaim)
		mapfile -t COMPREPLY < <(compgen -W "80% off" -- "$current")
		return
		;;
	-w | --warn)
		mapfile -t COMPREPLY < <(compgen -W "90% off" -- "$current")
		return
		;;
	-F | --format)
		mapfile -t COMPREPLY < <(compgen -W "table json prometheus" -- "$current")
		return
		;;
	-x | --exec)
		mapfile -t COMPREPLY < <(compgen -c -- "$current")
		return
		;;
	-s | --swap-max)
		mapfile -t COMPREPLY < <(compgen -W "none" -- "$current")
		return
		;;
	-g | --grace | -T | --term | -d | --delay | -n | --number)
		return
		;;
	esac
	case $command in
	set) words="--pool --grace --policy --reclaim --swap-max --warn --term --dry-run --no-dry-run --force --hard --help" ;;
	run) words="--grace --policy --reclaim --swap-max --warn --term --dry-run --no-dry-run --force --help --" ;;
	kill) words="--policy --help" ;;
	get | why) words="--bytes --json --help" ;;
	list) words="--json --format --bytes --wide --help" ;;
	top) words="--delay --number --once --bytes --json --help" ;;
	load) words="--check --help" ;;
	watch) words="--bytes --json --time --exec --help" ;;
	help) words="set get unset list top watch why load save kill run --help" ;;
	*) words="--help" ;;
	esac
	if [[ $current == -* || $command == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return
	fi
	case $command:$operand in
	set:1 | get:1 | unset:1 | watch:1 | why:1)
		if [[ $current == @* ]]; then
			mapfile -t COMPREPLY < <(compgen -g -P @ -- "${current#@}")
		else
			mapfile -t COMPREPLY < <(compgen -W default -- "$current"; _mmlimit_users "$current")
		fi
		;;
	run:1)
		mapfile -t COMPREPLY < <(_mmlimit_users "$current")
		;;
	load:1)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	esac
}
complete -F _mmlimit mmlimit
