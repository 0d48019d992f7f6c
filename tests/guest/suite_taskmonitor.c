// SPDX-License-Identifier: GPL-2.0-only
/* The task monitor, from its loading to its unloading. */
#define _GNU_SOURCE 1
#include <stdio.h>
#include <unistd.h>

#include "klog.h"
#include "ktap.h"
#include "monitor.h"
#include "taskmonitor_tests.h"

static void loading_tells_the_size_of_a_sample(void)
{
	struct klog log = klog_open();
	unsigned int bytes, takes;

	monitor_load("");
	klog_wait(&log, "taskmonitor: a sample has ");
	ASSERT_EQ(sscanf(strstr(log.text, "has "), "has %u bytes and takes %u",
			 &bytes, &takes),
		  2);
	EXPECT_GT(bytes, 0);
	EXPECT_GE(takes, bytes);
	klog_close(&log);
	EXPECT_EQ(access(MONITOR_HISTORY, F_OK), 0);
	EXPECT_EQ(access(MONITOR_NEWEST, F_OK), 0);
	EXPECT_EQ(monitor_samples(0, NULL, NULL), 0);
	monitor_unload();
}

static const struct ktap_test tests[] = {
	KTAP_TEST(loading_tells_the_size_of_a_sample, 10),
	KTAP_TEST(number_of_a_process_starts_and_its_negative_stops, 10),
	KTAP_TEST(bad_commands_are_invalid_and_change_nothing, 10),
	KTAP_TEST(what_is_no_process_is_not_found, 10),
	KTAP_TEST(recycled_number_is_another_process, 10),
	KTAP_TEST(process_lives_on_in_its_threads, 10),
	KTAP_TEST(commands_may_share_an_open_file, 10),
	KTAP_TEST(only_the_privileged_write_and_read, 10),
	KTAP_TEST(target_is_the_first_process, 10),
	KTAP_TEST(bad_parameters_refuse_to_load_and_leave_nothing, 10),
	KTAP_TEST(period_has_bounds_and_changes_at_once, 10),
	KTAP_TEST(cap_keeps_the_newest, 10),
	KTAP_TEST(sample_says_what_proc_says, 10),
	KTAP_TEST(kernel_thread_has_no_sizes, 10),
	KTAP_TEST(samples_come_at_fixed_distances, 20),
	KTAP_TEST(ended_process_keeps_its_history, 10),
	KTAP_TEST(history_is_the_same_whatever_the_size_of_reads, 20),
	KTAP_TEST(history_can_be_sought_in, 20),
	KTAP_TEST(reading_ends_while_samples_come_faster, 20),
	KTAP_TEST(reader_survives_the_removal_of_what_it_reads, 20),
	KTAP_TEST(reader_survives_the_shrinker, 20),
	KTAP_TEST(sysfs_has_the_newest_in_whole_lines, 20),
	KTAP_TEST(many_processes_are_sampled_at_once, 30),
	KTAP_TEST(overload_leaves_rounds_out_and_goes_on, 30),
	KTAP_TEST(one_millisecond_is_kept_up_with, 100),
	KTAP_TEST(memory_pressure_takes_the_oldest_and_sampling_goes_on, 60),
	KTAP_TEST(open_file_keeps_the_module, 10),
	KTAP_TEST(unload_under_load_leaves_nothing, 60),
	KTAP_TEST(storm_of_processes_readers_and_reclaim_is_survived, 60),
	KTAP_TEST(module_loads_and_unloads_again_and_again, 60),
};

KTAP_TESTS(tests);
