# SPDX-License-Identifier: GPL-2.0-only
#
# `make fuzz`: one parser with libFuzzer and sanitizers, as long as you like. The
# same targets get mutated seeds in `make check`, without clang.

FUZZERS		:= console size duration list conf proc
FUZZ		?= conf
FUZZ_TIME	?= 600
FUZZ_DIR	:= $(HOST)/fuzz
FUZZ_CC		?= clang
FUZZ_CFLAGS	:= -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

ifeq ($(FUZZ),console)
FUZZ_SRCS	:= tests/host/fuzz_console.c $(filter-out %/main.c,$(sort $(wildcard tests/runner/*.c)))
FUZZ_DEPS	:= $(wildcard tests/host/*.h tests/runner/*.h)
FUZZ_FLAGS	= -Itests/runner $(shell pkg-config --cflags $(HOST_PKGS)) $(HOST_LIBS)
else ifeq ($(FUZZ),proc)
FUZZ_SRCS	:= tests/oomrankd/fuzz_proc.c userland/oomrankd/parse.c tests/lib/libfuzzer.c
FUZZ_DEPS	:= $(wildcard tests/lib/*.h userland/oomrankd/*.h)
FUZZ_FLAGS	:= -DFUZZ_TARGET=fuzz_$(FUZZ) -Itests/lib -Iuserland/oomrankd
else
# all targets, since fuzz_conf.c has the users, instead of user.c
FUZZ_SRCS	:= $(sort $(wildcard tests/lib/fuzz_*.c)) tests/lib/libfuzzer.c $(filter-out %/user.c,$(LIB_HOST_SRCS))
FUZZ_DEPS	:= $(wildcard tests/lib/*.h userland/lib/*.h)
FUZZ_FLAGS	:= -DFUZZ_TARGET=fuzz_$(FUZZ) $(LIB_HOST_CFLAGS)
endif

.PHONY: fuzz
fuzz: $(FUZZ_DIR)/$(FUZZ)
	@mkdir -p $<.corpus
	$(Q)$< -max_total_time=$(FUZZ_TIME) -max_len=4096 -print_final_stats=1 -verbosity=0 -artifact_prefix=$<- $<.corpus

$(FUZZ_DIR)/$(FUZZ): $(FUZZ_SRCS) $(FUZZ_DEPS) tests/fuzz.mk
	$(if $(filter $(FUZZ),$(FUZZERS)),,$(error FUZZ=$(FUZZ) is unknown: choose one of $(FUZZERS)))
	@mkdir -p $(@D)
	@command -v $(FUZZ_CC) >/dev/null || { echo 'mm_limit: make fuzz takes clang with its libFuzzer: apt-get install clang, or FUZZ_CC=clang-16 and the like.' >&2; exit 1; }
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(FUZZ_SRCS) $(FUZZ_FLAGS) $(call or_say,$(FUZZ) does not build)
