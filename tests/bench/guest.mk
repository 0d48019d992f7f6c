# SPDX-License-Identifier: GPL-2.0-only
#
# The guests of `make bench`: bench_NAME.c here is the suite bench_NAME, which
# only the images of the kernels for it hold (BENCH_KERNELS, configs/settings.mk).

BENCH_SRCS	:= $(sort $(wildcard tests/bench/*.c))
BENCH_OBJS	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(BENCH_SRCS))
BENCH_SUITES	:= $(patsubst tests/bench/%.c,$(GUEST_TESTS)/%,$(filter tests/bench/bench_%.c,$(BENCH_SRCS)))
BENCH_LIB_OBJS	:= $(TARGET)/obj/tests/bench/bench.o

$(BENCH_OBJS): private TARGET_CFLAGS += $(GUEST_CFLAGS)
$(BENCH_OBJS): tests/bench/guest.mk

$(BENCH_SUITES): private TARGET_LDFLAGS += -no-pie
$(GUEST_TESTS)/bench_%: $(TARGET)/obj/tests/bench/bench_%.o $(BENCH_LIB_OBJS) \
		$(GUEST_MAIN) $(GUEST_LIB_OBJS) $(LIBMMLIMIT_SO)
	$(TARGET_LINK)

ifneq ($(filter $(KERNEL),$(BENCH_KERNELS)),)
TARGET_PROGRAMS	+= $(BENCH_SUITES)
endif

.SECONDARY: $(BENCH_OBJS)
-include $(BENCH_OBJS:.o=.d)
