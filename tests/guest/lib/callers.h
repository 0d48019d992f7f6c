/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which line of a test called a helper. When a function that many tests share
 * fails, its own line says little, so each call of one leaves its place.
 *
 * The compiler includes this before every file of tests (guest.mk), never before
 * those of lib/. The helpers' headers are read here first; afterwards each of their
 * functions that can fail a test is a macro of the same name.
 */
#ifndef GUEST_CALLERS_H
#define GUEST_CALLERS_H

#define _GNU_SOURCE 1

#include "ktap/ktap.h"
#include "lib/account_worker.h"
#include "lib/actor.h"
#include "lib/background.h"
#include "lib/captive.h"
#include "lib/crowd.h"
#include "lib/exiting.h"
#include "lib/faults.h"
#include "lib/frozen.h"
#include "lib/growth.h"
#include "lib/klog.h"
#include "lib/limits.h"
#include "lib/memory.h"
#include "lib/monitor.h"
#include "lib/oomchoice.h"
#include "lib/oomlist.h"
#include "lib/operations.h"
#include "lib/prepared.h"
#include "lib/pressure.h"
#include "lib/probe.h"
#include "lib/processes.h"
#include "lib/program.h"
#include "lib/rankd.h"
#include "lib/reclaim.h"
#include "lib/rules.h"
#include "lib/slabs.h"
#include "lib/storm.h"
#include "lib/swap.h"
#include "lib/tools.h"
#include "lib/usage.h"
#include "lib/user.h"
#include "lib/watch.h"
#include "lib/within.h"

/* A failure in a file of tests is not a helper's. */
#undef KTAP_FAIL
#define KTAP_FAIL(...) \
	(ktap_called_from(NULL), ktap_fail(__FILE__, __LINE__, __VA_ARGS__))

/* clang-format off: one a line reads best */

/* account_worker.h */
#define limit_users(...) KTAP_CALL(limit_users(__VA_ARGS__))
#define start_warm(...) KTAP_CALL(start_warm(__VA_ARGS__))
#define unlimit_users(...) KTAP_CALL(unlimit_users(__VA_ARGS__))

/* actor.h */
#define actor_end(...) KTAP_CALL(actor_end(__VA_ARGS__))
#define actor_has_died(...) KTAP_CALL(actor_has_died(__VA_ARGS__))
#define actor_is(...) KTAP_CALL(actor_is(__VA_ARGS__))
#define actor_start(...) KTAP_CALL(actor_start(__VA_ARGS__))
#define memory_free(...) KTAP_CALL(memory_free(__VA_ARGS__))
#define memory_minimum(...) KTAP_CALL(memory_minimum(__VA_ARGS__))
#define presser_end(...) KTAP_CALL(presser_end(__VA_ARGS__))
#define presser_leave(...) KTAP_CALL(presser_leave(__VA_ARGS__))
#define presser_start(...) KTAP_CALL(presser_start(__VA_ARGS__))
#define presser_take(...) KTAP_CALL(presser_take(__VA_ARGS__))

/* background.h */
#define background_close(...) KTAP_CALL(background_close(__VA_ARGS__))
#define background_drain(...) KTAP_CALL(background_drain(__VA_ARGS__))
#define background_end(...) KTAP_CALL(background_end(__VA_ARGS__))
#define background_expect(...) KTAP_CALL(background_expect(__VA_ARGS__))
#define background_resize(...) KTAP_CALL(background_resize(__VA_ARGS__))
#define background_start(...) KTAP_CALL(background_start(__VA_ARGS__))
#define background_start_on_terminal(...) \
	KTAP_CALL(background_start_on_terminal(__VA_ARGS__))
#define background_type(...) KTAP_CALL(background_type(__VA_ARGS__))
#define background_wait(...) KTAP_CALL(background_wait(__VA_ARGS__))

/* captive.h */
#define captivity_begin(...) KTAP_CALL(captivity_begin(__VA_ARGS__))
#define captivity_end(...) KTAP_CALL(captivity_end(__VA_ARGS__))
#define captivity_of_memory(...) KTAP_CALL(captivity_of_memory(__VA_ARGS__))
#define captivity_take(...) KTAP_CALL(captivity_take(__VA_ARGS__))

/* crowd.h */
#define crowd_add(...) KTAP_CALL(crowd_add(__VA_ARGS__))
#define crowd_await(...) KTAP_CALL(crowd_await(__VA_ARGS__))
#define crowd_end(...) KTAP_CALL(crowd_end(__VA_ARGS__))
#define crowd_make(...) KTAP_CALL(crowd_make(__VA_ARGS__))
#define crowd_settle(...) KTAP_CALL(crowd_settle(__VA_ARGS__))
#define crowd_start(...) KTAP_CALL(crowd_start(__VA_ARGS__))

/* exiting.h */
#define exiting_arm(...) KTAP_CALL(exiting_arm(__VA_ARGS__))
#define exiting_await(...) KTAP_CALL(exiting_await(__VA_ARGS__))
#define exiting_begin(...) KTAP_CALL(exiting_begin(__VA_ARGS__))
#define exiting_release(...) KTAP_CALL(exiting_release(__VA_ARGS__))

/* faults.h */
#define fail_count(...) KTAP_CALL(fail_count(__VA_ARGS__))
#define fail_each(...) KTAP_CALL(fail_each(__VA_ARGS__))
#define fail_in_call(...) KTAP_CALL(fail_in_call(__VA_ARGS__))
#define fail_prepare(...) KTAP_CALL(fail_prepare(__VA_ARGS__))

/* frozen.h */
#define frozen_prolong(...) KTAP_CALL(frozen_prolong(__VA_ARGS__))
#define frozen_spin(...) KTAP_CALL(frozen_spin(__VA_ARGS__))
#define frozen_stop(...) KTAP_CALL(frozen_stop(__VA_ARGS__))

/* growth.h */
#define growth_begin_wait(...) KTAP_CALL(growth_begin_wait(__VA_ARGS__))
#define growth_end_wait(...) KTAP_CALL(growth_end_wait(__VA_ARGS__))
#define growth_look_at_areas(...) KTAP_CALL(growth_look_at_areas(__VA_ARGS__))
#define growth_expect_peak(...) KTAP_CALL(growth_expect_peak(__VA_ARGS__))
#define growth_expect_wait(...) KTAP_CALL(growth_expect_wait(__VA_ARGS__))
#define growth_limit(...) KTAP_CALL(growth_limit(__VA_ARGS__))

/* klog.h */
#define klog_next(...) KTAP_CALL(klog_next(__VA_ARGS__))
#define klog_next_kill(...) KTAP_CALL(klog_next_kill(__VA_ARGS__))
#define klog_open(...) KTAP_CALL(klog_open(__VA_ARGS__))
#define klog_open_from_boot(...) KTAP_CALL(klog_open_from_boot(__VA_ARGS__))
#define klog_rest(...) KTAP_CALL(klog_rest(__VA_ARGS__))
#define klog_wait(...) KTAP_CALL(klog_wait(__VA_ARGS__))

/* ktap.h */
#define ktap_volume(...) KTAP_CALL(ktap_volume(__VA_ARGS__))

/* limits.h */
#define limit_call_as(...) KTAP_CALL(limit_call_as(__VA_ARGS__))
#define limit_call_by(...) KTAP_CALL(limit_call_by(__VA_ARGS__))
#define limit_expect(...) KTAP_CALL(limit_expect(__VA_ARGS__))
#define limit_expect_none(...) KTAP_CALL(limit_expect_none(__VA_ARGS__))
#define limit_expect_unchanged(...) \
	KTAP_CALL(limit_expect_unchanged(__VA_ARGS__))
#define limit_wait_for_state(...) KTAP_CALL(limit_wait_for_state(__VA_ARGS__))
#define limit_read(...) KTAP_CALL(limit_read(__VA_ARGS__))
#define limits_log_table(...) KTAP_CALL(limits_log_table(__VA_ARGS__))

/* memory.h */
#define memory_info(...) KTAP_CALL(memory_info(__VA_ARGS__))
#define region_map(...) KTAP_CALL(region_map(__VA_ARGS__))
#define region_map_shared(...) KTAP_CALL(region_map_shared(__VA_ARGS__))
#define region_unmap(...) KTAP_CALL(region_unmap(__VA_ARGS__))

/* monitor.h */
#define monitor_command(...) KTAP_CALL(monitor_command(__VA_ARGS__))
#define monitor_count(...) KTAP_CALL(monitor_count(__VA_ARGS__))
#define monitor_delete(...) KTAP_CALL(monitor_delete(__VA_ARGS__))
#define monitor_expect_given_back(...) \
	KTAP_CALL(monitor_expect_given_back(__VA_ARGS__))
#define monitor_expect_no_trace(...) \
	KTAP_CALL(monitor_expect_no_trace(__VA_ARGS__))
#define monitor_insert(...) KTAP_CALL(monitor_insert(__VA_ARGS__))
#define monitor_load(...) KTAP_CALL(monitor_load(__VA_ARGS__))
#define monitor_next(...) KTAP_CALL(monitor_next(__VA_ARGS__))
#define monitor_open(...) KTAP_CALL(monitor_open(__VA_ARGS__))
#define monitor_samples(...) KTAP_CALL(monitor_samples(__VA_ARGS__))
#define monitor_set_period(...) KTAP_CALL(monitor_set_period(__VA_ARGS__))
#define monitor_sleep_ms(...) KTAP_CALL(monitor_sleep_ms(__VA_ARGS__))
#define monitor_start(...) KTAP_CALL(monitor_start(__VA_ARGS__))
#define monitor_stop(...) KTAP_CALL(monitor_stop(__VA_ARGS__))
#define monitor_unload(...) KTAP_CALL(monitor_unload(__VA_ARGS__))
#define monitor_wait_for(...) KTAP_CALL(monitor_wait_for(__VA_ARGS__))

/* oomchoice.h */
#define oomchoice_play(...) KTAP_CALL(oomchoice_play(__VA_ARGS__))

/* oomlist.h */
#define oomlist_expect(...) KTAP_CALL(oomlist_expect(__VA_ARGS__))
#define oomlist_fork_as(...) KTAP_CALL(oomlist_fork_as(__VA_ARGS__))
#define oomlist_read_by(...) KTAP_CALL(oomlist_read_by(__VA_ARGS__))
#define oomlist_set(...) KTAP_CALL(oomlist_set(__VA_ARGS__))
#define oomlist_write(...) KTAP_CALL(oomlist_write(__VA_ARGS__))

/* operations.h */
#define operations_prepare(...) KTAP_CALL(operations_prepare(__VA_ARGS__))
#define operations_report(...) KTAP_CALL(operations_report(__VA_ARGS__))

/* prepared.h */
#define share_progress(...) KTAP_CALL(share_progress(__VA_ARGS__))
#define start_prepared(...) KTAP_CALL(start_prepared(__VA_ARGS__))

/* pressure.h */
#define pressure_begin(...) KTAP_CALL(pressure_begin(__VA_ARGS__))
#define pressure_end(...) KTAP_CALL(pressure_end(__VA_ARGS__))
#define pressure_grow(...) KTAP_CALL(pressure_grow(__VA_ARGS__))
#define pressure_leave(...) KTAP_CALL(pressure_leave(__VA_ARGS__))
#define pressure_until_death(...) KTAP_CALL(pressure_until_death(__VA_ARGS__))
#define system_oom_kills(...) KTAP_CALL(system_oom_kills(__VA_ARGS__))

/* probe.h */
#define probe_end(...) KTAP_CALL(probe_end(__VA_ARGS__))
#define probe_start(...) KTAP_CALL(probe_start(__VA_ARGS__))

/* processes.h */
#define process_set_oom_score_adj(...) \
	KTAP_CALL(process_set_oom_score_adj(__VA_ARGS__))
#define process_share_memory(...) KTAP_CALL(process_share_memory(__VA_ARGS__))
#define process_state(...) KTAP_CALL(process_state(__VA_ARGS__))
#define process_status(...) KTAP_CALL(process_status(__VA_ARGS__))
#define process_wait_end(...) KTAP_CALL(process_wait_end(__VA_ARGS__))
#define process_wait_for(...) KTAP_CALL(process_wait_for(__VA_ARGS__))
#define start_holding(...) KTAP_CALL(start_holding(__VA_ARGS__))

/* program.h */
#define program_install(...) KTAP_CALL(program_install(__VA_ARGS__))
#define program_run(...) KTAP_CALL(program_run(__VA_ARGS__))

/* rankd.h */
#define rankd_await(...) KTAP_CALL(rankd_await(__VA_ARGS__))
#define rankd_end(...) KTAP_CALL(rankd_end(__VA_ARGS__))
#define rankd_list(...) KTAP_CALL(rankd_list(__VA_ARGS__))
#define rankd_place(...) KTAP_CALL(rankd_place(__VA_ARGS__))
#define rankd_rank(...) KTAP_CALL(rankd_rank(__VA_ARGS__))
#define rankd_start(...) KTAP_CALL(rankd_start(__VA_ARGS__))

/* reclaim.h */
#define hot_beside_cold(...) KTAP_CALL(hot_beside_cold(__VA_ARGS__))
#define hot_damage(...) KTAP_CALL(hot_damage(__VA_ARGS__))
#define hot_make(...) KTAP_CALL(hot_make(__VA_ARGS__))
#define hot_refaults(...) KTAP_CALL(hot_refaults(__VA_ARGS__))
#define hot_use(...) KTAP_CALL(hot_use(__VA_ARGS__))
#define reclaim_begin(...) KTAP_CALL(reclaim_begin(__VA_ARGS__))
#define reclaim_end(...) KTAP_CALL(reclaim_end(__VA_ARGS__))
#define reclaim_finish(...) KTAP_CALL(reclaim_finish(__VA_ARGS__))
#define reclaim_limit(...) KTAP_CALL(reclaim_limit(__VA_ARGS__))
#define reclaim_limit_with(...) KTAP_CALL(reclaim_limit_with(__VA_ARGS__))
#define reclaim_read(...) KTAP_CALL(reclaim_read(__VA_ARGS__))
#define reclaim_thrash_after(...) KTAP_CALL(reclaim_thrash_after(__VA_ARGS__))

/* rules.h */
#define pool_exact(...) KTAP_CALL(pool_exact(__VA_ARGS__))
#define pool_expect(...) KTAP_CALL(pool_expect(__VA_ARGS__))
#define rule_expect(...) KTAP_CALL(rule_expect(__VA_ARGS__))
#define rule_read(...) KTAP_CALL(rule_read(__VA_ARGS__))
#define rule_wait_until_gone(...) KTAP_CALL(rule_wait_until_gone(__VA_ARGS__))

/* slabs.h */
#define slabs_expect_grown_less(...) \
	KTAP_CALL(slabs_expect_grown_less(__VA_ARGS__))
#define slabs_used(...) KTAP_CALL(slabs_used(__VA_ARGS__))

/* storm.h */
#define storm_begin(...) KTAP_CALL(storm_begin(__VA_ARGS__))
#define storm_end(...) KTAP_CALL(storm_end(__VA_ARGS__))

/* swap.h */
#define swap_off(...) KTAP_CALL(swap_off(__VA_ARGS__))
#define swap_on(...) KTAP_CALL(swap_on(__VA_ARGS__))
#define swap_remove(...) KTAP_CALL(swap_remove(__VA_ARGS__))
#define swap_used(...) KTAP_CALL(swap_used(__VA_ARGS__))

/* tools.h */
#define tool(...) KTAP_CALL(tool(__VA_ARGS__))
#define tool_write(...) KTAP_CALL(tool_write(__VA_ARGS__))

/* usage.h */
#define usage_begin(...) KTAP_CALL(usage_begin(__VA_ARGS__))
#define usage_exact(...) KTAP_CALL(usage_exact(__VA_ARGS__))
#define usage_exact_of_all(...) KTAP_CALL(usage_exact_of_all(__VA_ARGS__))
#define usage_for_each(...) KTAP_CALL(usage_for_each(__VA_ARGS__))
#define usage_of_processes(...) KTAP_CALL(usage_of_processes(__VA_ARGS__))
#define usage_read(...) KTAP_CALL(usage_read(__VA_ARGS__))
#define usage_wait_for(...) KTAP_CALL(usage_wait_for(__VA_ARGS__))
#define usage_wait_for_nothing(...) \
	KTAP_CALL(usage_wait_for_nothing(__VA_ARGS__))

/* user.h */
#define user_become(...) KTAP_CALL(user_become(__VA_ARGS__))
#define user_run(...) KTAP_CALL(user_run(__VA_ARGS__))
#define worker_call(...) KTAP_CALL(worker_call(__VA_ARGS__))
#define worker_end(...) KTAP_CALL(worker_end(__VA_ARGS__))
#define worker_map_uids(...) KTAP_CALL(worker_map_uids(__VA_ARGS__))
#define worker_receive(...) KTAP_CALL(worker_receive(__VA_ARGS__))
#define worker_send(...) KTAP_CALL(worker_send(__VA_ARGS__))
#define worker_start(...) KTAP_CALL(worker_start(__VA_ARGS__))
#define worker_wait(...) KTAP_CALL(worker_wait(__VA_ARGS__))
#define worker_was_killed(...) KTAP_CALL(worker_was_killed(__VA_ARGS__))

/* watch.h */
#define watch_begin(...) KTAP_CALL(watch_begin(__VA_ARGS__))
#define watch_end(...) KTAP_CALL(watch_end(__VA_ARGS__))
#define watch_free(...) KTAP_CALL(watch_free(__VA_ARGS__))
#define watch_worker(...) KTAP_CALL(watch_worker(__VA_ARGS__))

/* within.h */
#define within_check(...) KTAP_CALL(within_check(__VA_ARGS__))
#define within_end(...) KTAP_CALL(within_end(__VA_ARGS__))
#define within_expect(...) KTAP_CALL(within_expect(__VA_ARGS__))
#define within_has_room(...) KTAP_CALL(within_has_room(__VA_ARGS__))
/* clang-format on */

#endif /* GUEST_CALLERS_H */
