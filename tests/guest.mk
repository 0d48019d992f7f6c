# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's tests: guest/suite_NAME.c is a table of tests, and belongs to one of the
# suites below; a program named below goes to /usr/bin, every other file there is
# their library. It is a shared one, so that the image has it once.

GUEST_COMMANDS	:= prj2_test killer_test

# A suite runs in a guest of its own: so many that all CPUs have something to do,
# so few that not everybody waits for boots and for the search for leaks. Their
# tables run in this order; without one here it is a suite of its own.
SUITE_system	:= boot kunit
SUITE_calls	:= syscalls table ctl library evict proc syscalls_random
SUITE_enforce	:= policies trigger grace malice prj2
SUITE_attacks	:= evasions attack races
SUITE_growth	:= growth waiting
SUITE_tools	:= tools top daemon taskmon
SUITE_oom	:= oomrankd oomchoice
SUITE_faults	:= trace oomlist_faults taskmonitor_faults
SUITE_account_smp := account_smp races_smp reclaim_smp
SUITE_enforce_smp := kill_smp storm_smp
SUITE_growth_smp := growth

GUEST_JOINT	:= system calls enforce attacks growth tools oom faults account_smp enforce_smp growth_smp

GUEST_SRCS	:= $(sort $(wildcard tests/guest/*.c))
GUEST_SUITES	:= $(filter tests/guest/suite_%.c,$(GUEST_SRCS))
GUEST_MAINS	:= $(filter $(GUEST_COMMANDS:%=tests/guest/%.c),$(GUEST_SRCS))
GUEST_OBJS	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(GUEST_SRCS))
GUEST_TESTS	:= $(TARGET)/root/usr/lib/mm_limit/tests
GUEST_BIN	:= $(TARGET)/root/usr/bin
GUEST_LIB	:= $(TARGET)/root/usr/lib/mm_limit/libguest.so
GUEST_TABLES	:= $(GUEST_SUITES:tests/guest/suite_%.c=%)
GUEST_JOINED	:= $(sort $(foreach s,$(GUEST_JOINT),$(SUITE_$(s))))
GUEST_NAMES	:= $(GUEST_JOINT) $(filter-out $(GUEST_JOINED),$(GUEST_TABLES))
ifneq ($(filter-out $(GUEST_TABLES),$(GUEST_JOINED)),)
$(error tests/guest.mk names $(filter-out $(GUEST_TABLES),$(GUEST_JOINED)), but tests/guest/ has no such suite_*.c)
endif
GUEST_PROGRAMS	:= $(GUEST_NAMES:%=$(GUEST_TESTS)/%) $(GUEST_MAINS:tests/guest/%.c=$(GUEST_BIN)/%)
GUEST_MAIN	:= $(TARGET)/obj/tests/guest/main.o
GUEST_LIB_OBJS	:= $(filter-out $(GUEST_MAIN) $(patsubst %.c,$(TARGET)/obj/%.o,$(GUEST_SUITES) $(GUEST_MAINS)),$(GUEST_OBJS))

# Helpers: what files of tests share. What fails in one is a line of the test's.
GUEST_HELPERS	:= account_worker actor background captive crowd files json_check klog ktap% limits memory monitor oomlist \
		   pressure probe processes program reclaim storm swap tools usage user
GUEST_NO_CALLS	:= $(GUEST_HELPERS) $(GUEST_COMMANDS)
GUEST_CALLERS	:= $(filter-out $(GUEST_NO_CALLS:%=$(TARGET)/obj/tests/guest/%.o),$(GUEST_OBJS))

$(GUEST_CALLERS): private TARGET_CFLAGS += -include tests/guest/callers.h
$(GUEST_LIB_OBJS): private TARGET_CFLAGS += -fPIC
$(GUEST_LIB_OBJS): tests/guest.mk
# without relocations for the tables of tests: 12 kB less in the image
$(filter-out $(GUEST_LIB_OBJS),$(GUEST_OBJS)): private TARGET_CFLAGS += -fno-pie
$(filter-out $(GUEST_LIB_OBJS),$(GUEST_OBJS)): tests/guest.mk

$(GUEST_LIB): private TARGET_LDFLAGS += -shared -Wl,-soname,$(notdir $(GUEST_LIB)),-z,defs
$(GUEST_LIB): $(GUEST_LIB_OBJS) $(LIBMMLIMIT_SO)
	$(TARGET_LINK)

$(GUEST_PROGRAMS): private TARGET_LDFLAGS += -no-pie -Wl,-rpath,/usr/lib/mm_limit

# One that goes wrong on purpose has a main() of its own.
guest_objects	= $(patsubst %,$(TARGET)/obj/tests/guest/suite_%.o,$(or $(SUITE_$(1)),$(1))) $(if $(filter-out misbehave,$(1)),$(GUEST_MAIN))
$(foreach s,$(GUEST_NAMES),$(eval $(GUEST_TESTS)/$(s): $(call guest_objects,$(s)) $(GUEST_LIB) $(LIBMMLIMIT_SO)))
$(GUEST_NAMES:%=$(GUEST_TESTS)/%):
	$(TARGET_LINK)

$(GUEST_BIN)/%: $(TARGET)/obj/tests/guest/%.o $(GUEST_LIB) $(LIBMMLIMIT_SO)
	$(TARGET_LINK)

TARGET_PROGRAMS	+= $(GUEST_PROGRAMS) $(GUEST_LIB)

.SECONDARY: $(GUEST_OBJS)
-include $(GUEST_OBJS:.o=.d)
