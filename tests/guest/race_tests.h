/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of the suite races, by what makes the race. */
#ifndef GUEST_RACE_TESTS_H
#define GUEST_RACE_TESTS_H

/* races_dying.c: processes that die slowly, or not at all */
void exiting_process_is_waited_for(void);
void exiting_process_that_just_suffices_spares_the_others(void);
void exiting_process_that_is_held_loses_its_memory(void);
void process_that_dumps_core_dies(void);
void captive_victim_loses_its_memory(void);
void captive_victim_loses_its_swap(void);
void swapoff_at_the_limit_kills_nobody(void);
void memory_of_a_victim_that_proc_holds_is_taken(void);
void memory_that_cannot_be_taken_is_written_off(void);
void removal_while_a_victim_lingers_spares_the_others(void);
void lowering_while_a_victim_lingers_kills_at_once(void);
void stopped_tracee_of_the_same_user_dies(void);
void own_tracer_cannot_shelter_a_victim(void);
void system_out_of_memory_while_a_victim_lingers_kills_as_ever(void);

/* races_sharing.c: one address space and several processes */
void vfork_parent_and_child_die_together(void);
void vfork_child_of_another_user_dies_with_its_parent(void);
void sharer_of_another_user_dies_with_the_owner(void);
void memory_shared_with_a_protected_process_stays(void);
void init_is_never_killed(void);

/* races_moment.c: something happens just when the killer acts */
void exit_at_the_moment_of_a_kill_spares_the_others(void);
void exec_at_the_moment_of_a_kill_spares_the_others(void);
void fork_at_the_moment_of_a_kill_spares_the_others(void);
void vfork_at_the_moment_of_a_kill_spares_the_others(void);
void leader_exit_at_the_moment_of_a_kill_spares_the_others(void);
void setuid_at_the_moment_of_a_kill_spares_the_others(void);
void unmap_at_the_moment_of_a_kill_spares_the_others(void);

#endif /* GUEST_RACE_TESTS_H */
