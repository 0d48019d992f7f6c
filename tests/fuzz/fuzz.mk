# SPDX-License-Identifier: GPL-2.0-only
#
# Fuzz targets: any bytes for a parser. `make fuzz` gives one of them to libFuzzer
# with sanitizers, as long as you like; the tests test_fuzz, without clang, mutated
# seeds in `make check`. FUZZERS, all of them, and which is chosen are in configs/settings.mk.

FUZZ_DIR	:= $(HOST)/fuzz
FUZZ_CC		?= clang
FUZZ_NEEDS	:= make fuzz takes clang with its libFuzzer (apt-get install clang, or FUZZ_CC=clang-16)
FUZZ_CFLAGS	:= -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

# what test_fuzz of a subject has of them
FUZZ_OBJS	:= $(patsubst %,$(HOST)/obj/tests/fuzz/%.o,fuzz random $(FUZZERS))
$(FUZZ_OBJS): private HOST_CFLAGS += -Itests/unit -Itests/runner -Iuserland/oomrankd $(USER_HOST_CFLAGS)
$(FUZZ_OBJS): tests/fuzz/fuzz.mk
fuzz_objects	= $(1:%=$(HOST)/obj/tests/fuzz/%.o)
$(HOST)/tests/unit/lib/test_fuzz: $(call fuzz_objects,fuzz random size duration list kills conf)
$(HOST)/tests/unit/oomrankd/test_fuzz: $(call fuzz_objects,fuzz random proc)
$(HOST)/tests/runner/tests/test_fuzz: $(call fuzz_objects,random console)
.SECONDARY: $(FUZZ_OBJS)
-include $(FUZZ_OBJS:.o=.d)

FUZZ_SRCS	:= tests/fuzz/$(FUZZ).c
ifeq ($(FUZZ),console)
FUZZ_SRCS	+= $(filter-out %/main.c,$(sort $(wildcard tests/runner/*.c)))
FUZZ_FLAGS	= -Itests/runner $(shell pkg-config --cflags $(HOST_PKGS)) $(HOST_LIBS)
else ifeq ($(FUZZ),proc)
FUZZ_SRCS	+= tests/fuzz/libfuzzer.c userland/oomrankd/parse.c
FUZZ_FLAGS	:= -DFUZZ_TARGET=fuzz_$(FUZZ) -Iuserland/oomrankd
else
# not user.c: conf.c here has the users
FUZZ_SRCS	+= tests/fuzz/libfuzzer.c $(if $(filter conf,$(FUZZ)),,tests/fuzz/conf.c) \
		   $(filter-out %/user.c,$(sort $(wildcard userland/lib/*.c)))
FUZZ_FLAGS	:= -DFUZZ_TARGET=fuzz_$(FUZZ) -Iuserland/lib -idirafter kernel-patches/files/include/uapi
endif
FUZZ_DEPS	:= $(wildcard tests/fuzz/*.h tests/runner/*.h userland/lib/*.h userland/oomrankd/*.h)

.PHONY: fuzz
fuzz: $(FUZZ_DIR)/$(FUZZ)
	@mkdir -p $<.corpus
	$(Q)$< -max_total_time=$(FUZZ_TIME) -max_len=4096 -print_final_stats=1 -verbosity=0 \
		-artifact_prefix=$<- $<.corpus

$(FUZZ_DIR)/$(FUZZ): $(FUZZ_SRCS) $(FUZZ_DEPS) tests/fuzz/fuzz.mk
	@mkdir -p $(@D)
	@command -v $(FUZZ_CC) >/dev/null || { echo 'mm_limit: $(FUZZ_NEEDS).' >&2; exit 1; }
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(FUZZ_SRCS) $(FUZZ_FLAGS) $(call or_say,$(FUZZ) does not build)
