# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's tests: a folder of guest/ is a room, and each room but ktap/ (the
# harness, which knows nothing of limits) and lib/ (helpers) holds tests of one
# subject. They are one program, whose tests say which suites they belong to.

# Tests run in this order: by room, by file, by line. Rooms and files that are not
# named here come after those that are, by their names.
GUEST_ROOMS	:= system account held limits rules enforce attacks races reclaim oom monitor tools course
ROOM_system	:= cpus boot kunit
ROOM_account	:= charges sharing swap handover
ROOM_limits	:= syscalls table ctl ctl_users ctl_reclaim evict proc
ROOM_rules	:= each pools evasions coming many
ROOM_enforce	:= policies trigger grace overshoot justice kill growth_by_others growth_by_calls \
		   growth_by_moves growth_by_exec growth_at_the_end
ROOM_attacks	:= malice evasions uncounted many_small toggling waiting
ROOM_races	:= dying lingering sharing moment
ROOM_reclaim	:= sets swap compressed others swapping_in
ROOM_oom	:= list_write list_entries list_oom list_term list_storm rankd_ranking rankd_moments
ROOM_monitor	:= loading commands history load
ROOM_tools	:= mmlimit rules load run watch reclaim top daemon taskmon

GUEST_ROOMS	+= $(filter-out $(GUEST_ROOMS) ktap lib, \
			$(patsubst tests/guest/%/,%,$(sort $(wildcard tests/guest/*/))))

# Programs that go to /usr/bin, and one whose main() goes wrong on purpose
GUEST_COMMANDS	:= course/prj2_test course/killer_test
GUEST_MISBEHAVE	:= system/misbehave

# $(call guest_room,ROOM): its files; guest_ordered: in the order of their tests
guest_room	= $(sort $(patsubst tests/guest/%.c,%,$(wildcard tests/guest/$(1)/*.c)))
guest_ordered	= $(ROOM_$(1):%=$(1)/%) $(filter-out $(ROOM_$(1):%=$(1)/%),$(call guest_room,$(1)))
# $(call guest_objects,FILES): what they are made into; files are named from guest/, without .c
guest_objects	= $(1:%=$(TARGET)/obj/tests/guest/%.o)

GUEST_MAIN	:= $(call guest_objects,ktap/main)
GUEST_LIB_OBJS	:= $(filter-out $(GUEST_MAIN), \
			$(call guest_objects,$(call guest_room,ktap) $(call guest_room,lib)))
GUEST_OTHERS	:= $(call guest_objects,$(GUEST_COMMANDS) $(GUEST_MISBEHAVE))
GUEST_TEST_OBJS	:= $(filter-out $(GUEST_OTHERS), \
			$(call guest_objects,$(foreach r,$(GUEST_ROOMS),$(call guest_ordered,$r))))
GUEST_OBJS	:= $(GUEST_MAIN) $(GUEST_LIB_OBJS) $(GUEST_TEST_OBJS) $(GUEST_OTHERS)
GUEST_TESTS	:= $(TARGET)/root/usr/lib/mm_limit/tests
GUEST_PROGRAMS	:= $(GUEST_TESTS)/guest $(GUEST_TESTS)/misbehave \
		   $(GUEST_COMMANDS:course/%=$(TARGET)/root/usr/bin/%)

# A message of a test names its file from here.
GUEST_CFLAGS	:= -iquote tests/guest -fmacro-prefix-map=tests/guest/= -Wno-unused-parameter -fno-pie
$(GUEST_OBJS): private TARGET_CFLAGS += $(GUEST_CFLAGS)
# What fails in a helper is a line of the test's.
GUEST_CALLERS	:= $(GUEST_TEST_OBJS) $(call guest_objects,$(GUEST_MISBEHAVE))
$(GUEST_CALLERS): private TARGET_CFLAGS += -include tests/guest/lib/callers.h
$(GUEST_OBJS): tests/guest.mk

$(GUEST_PROGRAMS): private TARGET_LDFLAGS += -no-pie
$(GUEST_PROGRAMS): $(GUEST_LIB_OBJS) $(LIBMMLIMIT_SO)
	$(TARGET_LINK)

# The order of tests is that in which their files are linked.
$(GUEST_TESTS)/guest: $(GUEST_MAIN) $(GUEST_TEST_OBJS)
$(GUEST_TESTS)/misbehave: $(call guest_objects,$(GUEST_MISBEHAVE))
$(GUEST_COMMANDS:course/%=$(TARGET)/root/usr/bin/%): $(TARGET)/root/usr/bin/%: $(call guest_objects,course/%)

TARGET_PROGRAMS	+= $(GUEST_PROGRAMS)

.SECONDARY: $(GUEST_OBJS)
-include $(GUEST_OBJS:.o=.d)
