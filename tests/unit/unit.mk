# SPDX-License-Identifier: GPL-2.0-only
#
# The host's unit tests, one stanza for all: in a folder of tests each test_*.c is a
# cmocka program, linked with the other files there and with what it tests, and scripts
# print TAP as they do. All are below HOST/tests as their sources are below tests/.

# Libmmlimit and the programs as this machine has them: undefined behaviour traps.
USER_HOST_CFLAGS := -Iuserland/lib -Iuserland/common -idirafter kernel-patches/files/include/uapi \
		    -DUSER_VERSION='"$(USER_VERSION)"' $(HOST_CHECKS)
USER_HOST_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard userland/*/*.c)))
user_objects	= $(filter $(HOST)/obj/userland/$(1)/%,$(USER_HOST_OBJS))
LIB_HOST	:= $(HOST)/lib/libmmlimit.a
COMMON_HOST	:= $(HOST)/lib/libcommon.a
MMLIMIT_HOST	:= $(HOST)/tests/unit/mmlimit/mmlimit
USER_HOST_BIN	:= $(USER_PROGRAMS:%=$(HOST)/bin/%)

$(USER_HOST_OBJS): private HOST_CFLAGS += $(USER_HOST_CFLAGS)
$(USER_HOST_OBJS): tests/unit/unit.mk
-include $(USER_HOST_OBJS:.o=.d)

$(LIB_HOST): $(call user_objects,lib)
$(COMMON_HOST): $(call user_objects,common)
$(LIB_HOST) $(COMMON_HOST): $(HOST_SOURCES)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rcsD $@ $(filter %.o,$^) $(call or_say,$@ cannot be made)

define USER_HOST_PROGRAM
$(HOST)/bin/$(1): $(call user_objects,$(1)) $(COMMON_HOST) $(LIB_HOST) $(HOST_SOURCES)
	@mkdir -p $$(@D)
	$$(Q)$$(HOSTCC) -o $$@ $$(filter %.o %.a,$$^) $$(call or_say,$(1) does not link)
endef
$(foreach p,$(USER_PROGRAMS),$(eval $(call USER_HOST_PROGRAM,$p)))

$(MMLIMIT_HOST): $(HOST)/bin/mmlimit
	@mkdir -p $(@D)
	@ln -f $< $@

# The same programs on a machine that tests/unit/pretend makes up: what is there as
# __wrap_NAME answers in the place of the C library's NAME.
PRETEND_OBJS	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard tests/unit/pretend/*.c)))
PRETEND_BIN	:= $(USER_PROGRAMS:%=$(HOST)/tests/unit/tools/bin/%)
PRETEND_WRAPS	:= $(HOST)/tests/unit/tools/wraps
# so that a program whose counts are wanted can write them down before _exit()
PRETEND_LDFLAGS	:= $(if $(findstring --coverage,$(HOSTCC)),-u __gcov_dump)

$(PRETEND_OBJS): private HOST_CFLAGS += $(USER_HOST_CFLAGS)
$(PRETEND_OBJS): tests/unit/unit.mk
-include $(PRETEND_OBJS:.o=.d)

$(PRETEND_WRAPS): $(PRETEND_OBJS) $(HOST_SOURCES)
	@mkdir -p $(@D)
	$(Q)nm --defined-only $(filter %.o,$^) | sed -n 's/.* T __wrap_/--wrap=/p' >$@

define PRETENDING_PROGRAM
$(HOST)/tests/unit/tools/bin/$(1): $(call user_objects,$(1)) $(PRETEND_OBJS) $(COMMON_HOST) \
		$(LIB_HOST) $(PRETEND_WRAPS) $(HOST_SOURCES)
	@mkdir -p $$(@D)
	$$(Q)$$(HOSTCC) $$(PRETEND_LDFLAGS) -Wl,@$(PRETEND_WRAPS) -o $$@ $$(filter %.o %.a,$$^) \
		$$(call or_say,$(1) does not link)
endef
$(foreach p,$(USER_PROGRAMS),$(eval $(call PRETENDING_PROGRAM,$p)))

# $(call UNIT,FOLDER,FLAGS,LIBRARIES,WHAT IT TESTS): the tests of tests/FOLDER
define UNIT
UNIT_OBJS_$(1)	:= $(patsubst %.c,$(HOST)/obj/%.o,$(sort $(wildcard tests/$(1)/*.c)))
UNIT_MAINS_$(1)	:= $$(filter $(HOST)/obj/tests/$(1)/test_%.o,$$(UNIT_OBJS_$(1)))
UNIT_TESTS_$(1)	:= $$(UNIT_MAINS_$(1):$(HOST)/obj/%.o=$(HOST)/%)
HOST_TESTS	+= $$(UNIT_TESTS_$(1))
$$(UNIT_OBJS_$(1)): private HOST_CFLAGS += -Itests/unit -Itests/fuzz $(2)
$$(UNIT_OBJS_$(1)): tests/unit/unit.mk
UNIT_HELPERS_$(1) := $$(filter-out %/main.o $$(UNIT_MAINS_$(1)),$$(UNIT_OBJS_$(1)))
$$(UNIT_TESTS_$(1)): $(HOST)/%: $(HOST)/obj/%.o $$(UNIT_HELPERS_$(1)) $(4) $(HOST_SOURCES)
	@mkdir -p $$(@D)
	$$(Q)$$(HOSTCC) $$(UNIT_LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) $(3) -lcmocka \
		$$(call or_say,$$(@F) does not link)
.SECONDARY: $$(UNIT_OBJS_$(1))
-include $$(UNIT_OBJS_$(1):.o=.d)
endef

UNIT_SCRIPTS	:= $(patsubst %,$(HOST)/%,$(sort $(wildcard tests/runner/tests/*.sh tests/unit/*/*.sh)))
HOST_TESTS	+= $(UNIT_SCRIPTS)

$(HOST)/tests/%.sh: tests/%.sh
	@mkdir -p $(@D)
	@ln -sf $(TOP)/$< $@

# instead of what a test answers itself
UNIT_LIB	:= $(HOST)/tests/unit/lib
UNIT_MMLIMIT	:= $(HOST)/tests/unit/mmlimit
$(HOST)/tests/runner/tests/test_process: private UNIT_LDFLAGS := \
	-Wl,--wrap=pipe2,--wrap=fork,--wrap=__gcov_fork
$(UNIT_LIB)/test_calls: private UNIT_LDFLAGS := -Wl,--wrap=syscall
$(UNIT_LIB)/test_quantities: private UNIT_LDFLAGS := -Wl,--wrap=sysinfo
$(UNIT_LIB)/test_list: private UNIT_LDFLAGS := -Wl,--wrap=poll,--wrap=pread
$(UNIT_LIB)/test_memory: private UNIT_LDFLAGS := \
	-Wl,--wrap=malloc,--wrap=realloc,--wrap=reallocarray,--wrap=free
$(UNIT_LIB)/test_rules: private UNIT_LDFLAGS := -Wl,--wrap=syscall
$(UNIT_MMLIMIT)/test_change: private UNIT_LDFLAGS := \
	-Wl,--wrap=mmlimit_change,--wrap=mmlimit_read,--wrap=mmlimit_remove
$(UNIT_MMLIMIT)/test_rules: private UNIT_LDFLAGS := \
	-Wl,--wrap=mmlimit_rule_change,--wrap=mmlimit_rule_read,--wrap=mmlimit_rule_remove \
	-Wl,--wrap=terminal_write
$(UNIT_MMLIMIT)/test_prometheus: private UNIT_LDFLAGS := -Wl,--wrap=getpwuid
$(UNIT_MMLIMIT)/test_show: private UNIT_LDFLAGS := -Wl,--wrap=terminal_write

$(eval $(call UNIT,runner/tests,-Itests/runner,$$(HOST_LIBS),$(filter-out %/main.o,$(RUNNER_OBJS))))
$(eval $(call UNIT,unit/lib,$(USER_HOST_CFLAGS),,$(LIB_HOST)))
$(eval $(call UNIT,unit/common,$(USER_HOST_CFLAGS),,$(COMMON_HOST) $(LIB_HOST)))
$(eval $(call UNIT,unit/mmlimit,$(USER_HOST_CFLAGS) -Iuserland/mmlimit,, \
	$(filter-out %/main.o,$(call user_objects,mmlimit)) $(COMMON_HOST) $(LIB_HOST)))
$(eval $(call UNIT,unit/oomrankd,$(USER_HOST_CFLAGS) -Iuserland/oomrankd,, \
	$(filter-out %/oomrankd.o %/options.o %/pressure.o,$(call user_objects,oomrankd)) \
	$(COMMON_HOST) $(LIB_HOST)))
$(eval $(call UNIT,unit/taskmon,$(USER_HOST_CFLAGS) -Iuserland/taskmon,, \
	$(filter-out %/main.o,$(call user_objects,taskmon)) $(COMMON_HOST) $(LIB_HOST)))
$(eval $(call UNIT,unit/tools,$(USER_HOST_CFLAGS)))
$(eval $(call UNIT,coverage,-D_GNU_SOURCE,-ljansson))
$(eval $(call UNIT,mutants,-D_GNU_SOURCE))

$(filter $(UNIT_MMLIMIT)/%,$(UNIT_SCRIPTS)): $(MMLIMIT_HOST)
$(filter $(HOST)/tests/unit/common/%,$(UNIT_SCRIPTS)): $(USER_HOST_BIN)
$(UNIT_TESTS_unit/tools): | $(PRETEND_BIN)
