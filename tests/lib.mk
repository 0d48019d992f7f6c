# SPDX-License-Identifier: GPL-2.0-only
#
# The host's tests of libmmlimit: lib/test_*.c are cmocka programs linked with the
# library, whose undefined behaviour traps; lib/fuzz_*.c are fuzz targets, which
# test_fuzz has all of; lib/install.sh builds against what `make install` makes.

LIB_TESTS	:= $(sort $(wildcard tests/lib/test_*.c))
LIB_TEST_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(filter-out %/libfuzzer.c,$(sort $(wildcard tests/lib/*.c))))
LIB_HOST_SRCS	:= $(sort $(wildcard userland/lib/*.c))
LIB_HOST_OBJS	:= $(LIB_HOST_SRCS:%.c=$(HOST)/obj/%.o)
LIB_HOST	:= $(HOST)/lib/libmmlimit.a
LIB_HOST_CFLAGS	:= -Iuserland/lib -idirafter kernel-patches/files/include/uapi
LIB_SYSROOT	:= $(HOST)/lib/sysroot
HOST_TESTS	+= $(LIB_TESTS:tests/lib/%.c=$(HOST)/lib/%) $(HOST)/lib/install.sh

$(LIB_TEST_OBJS) $(LIB_HOST_OBJS): tests/lib.mk
$(LIB_TEST_OBJS) $(LIB_HOST_OBJS): private HOST_CFLAGS += $(LIB_HOST_CFLAGS) -fsanitize=undefined -fsanitize-undefined-trap-on-error

$(LIB_HOST): $(LIB_HOST_OBJS)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rcsD $@ $^ $(call or_say,$@ cannot be made)

$(HOST)/lib/test_list: private LIB_TEST_LDFLAGS := -Wl,--wrap=poll,--wrap=pread
$(HOST)/lib/test_memory: private LIB_TEST_LDFLAGS := -Wl,--wrap=realloc,--wrap=reallocarray,--wrap=free
$(HOST)/lib/test_fuzz: $(filter %/fuzz.o %/fuzz_size.o %/fuzz_duration.o %/fuzz_list.o %/fuzz_conf.o,$(LIB_TEST_OBJS))
$(HOST)/lib/test_%: $(HOST)/obj/tests/lib/test_%.o $(LIB_HOST)
	$(Q)$(HOSTCC) $(LIB_TEST_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB_HOST) -lcmocka $(call or_say,$(@F) does not link)

$(HOST)/lib/install.sh: tests/lib/install.sh $(LIB_SYSROOT)/installed
	@ln -sf $(TOP)/$< $@

$(LIB_SYSROOT)/installed: userland/install.sh $(INSTALLED)
	@rm -rf $(@D)
	$(Q)$(call INSTALL,$(@D),/usr)
	@touch $@

.SECONDARY: $(LIB_TEST_OBJS)
-include $(LIB_TEST_OBJS:.o=.d) $(LIB_HOST_OBJS:.o=.d)
