/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of the task monitor that its suites share. */
#ifndef GUEST_TASKMONITOR_TESTS_H
#define GUEST_TASKMONITOR_TESTS_H

/* taskmonitor_commands.c: what starts and stops it, and who may */
void number_of_a_process_starts_and_its_negative_stops(void);
void bad_commands_are_invalid_and_change_nothing(void);
void what_is_no_process_is_not_found(void);
void recycled_number_is_another_process(void);
void process_lives_on_in_its_threads(void);
void commands_may_share_an_open_file(void);
void only_the_privileged_write_and_read(void);
void target_is_the_first_process(void);
void bad_parameters_refuse_to_load_and_leave_nothing(void);
void period_has_bounds_and_changes_at_once(void);
void cap_keeps_the_newest(void);

/* taskmonitor_history.c: what is read */
void sample_says_what_proc_says(void);
void kernel_thread_has_no_sizes(void);
void samples_come_at_fixed_distances(void);
void ended_process_keeps_its_history(void);
void history_is_the_same_whatever_the_size_of_reads(void);
void history_can_be_sought_in(void);
void reading_ends_while_samples_come_faster(void);
void reader_survives_the_removal_of_what_it_reads(void);
void reader_survives_the_shrinker(void);
void sysfs_has_the_newest_in_whole_lines(void);

/* taskmonitor_load.c: much of it */
void many_processes_are_sampled_at_once(void);
void overload_leaves_rounds_out_and_goes_on(void);
void one_millisecond_is_kept_up_with(void);
void memory_pressure_takes_the_oldest_and_sampling_goes_on(void);
void module_loads_and_unloads_again_and_again(void);

/* taskmonitor_unload.c: everything at the same time */
void open_file_keeps_the_module(void);
void unload_under_load_leaves_nothing(void);
void storm_of_processes_readers_and_reclaim_is_survived(void);

#endif /* GUEST_TASKMONITOR_TESTS_H */
