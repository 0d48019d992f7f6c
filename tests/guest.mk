# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's tests: guest/suite_NAME.c becomes the suite NAME, a program named
# below goes to /usr/bin, every other file there is their library. It is a shared
# one, so that the image has it once.

GUEST_COMMANDS	:= prj2_test killer_test

GUEST_SRCS	:= $(sort $(wildcard tests/guest/*.c))
GUEST_SUITES	:= $(filter tests/guest/suite_%.c,$(GUEST_SRCS))
GUEST_MAINS	:= $(filter $(GUEST_COMMANDS:%=tests/guest/%.c),$(GUEST_SRCS))
GUEST_OBJS	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(GUEST_SRCS))
GUEST_TESTS	:= $(TARGET)/root/usr/lib/mm_limit/tests
GUEST_BIN	:= $(TARGET)/root/usr/bin
GUEST_LIB	:= $(TARGET)/root/usr/lib/mm_limit/libguest.so
GUEST_PROGRAMS	:= $(GUEST_SUITES:tests/guest/suite_%.c=$(GUEST_TESTS)/%) $(GUEST_MAINS:tests/guest/%.c=$(GUEST_BIN)/%)
GUEST_LIB_OBJS	:= $(filter-out $(patsubst %.c,$(TARGET)/obj/%.o,$(GUEST_SUITES) $(GUEST_MAINS)),$(GUEST_OBJS))

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

$(GUEST_TESTS)/%: $(TARGET)/obj/tests/guest/suite_%.o $(GUEST_LIB) $(LIBMMLIMIT_SO)
	$(TARGET_LINK)

$(GUEST_BIN)/%: $(TARGET)/obj/tests/guest/%.o $(GUEST_LIB) $(LIBMMLIMIT_SO)
	$(TARGET_LINK)

TARGET_PROGRAMS	+= $(GUEST_PROGRAMS) $(GUEST_LIB)

.SECONDARY: $(GUEST_OBJS)
-include $(GUEST_OBJS:.o=.d)
