# SPDX-License-Identifier: GPL-2.0-only
#
# Settings that have choices, a range or a form: a wrong value ends make with one
# sentence, before anything is written. What they mean is said by `make help`.

include configs/flavours.mk

BOARDS		:= $(patsubst board/%/board.mk,%,$(sort $(wildcard board/*/board.mk)))

# $(call one_of,NAME,CHOICES): ends make if the variable is none of them
one_of		= $(if $(and $(filter 1,$(words $($1))),$(filter $2,$($1))),, \
			$(error $1=$($1) is unknown: choose one of $2))

# $(call switch,NAME): the same if it is neither 0, nor 1, nor empty, which is 0
switch		= $(if $(strip $($1)),$(call one_of,$1,0 1))

# $(call number,NAME,LEAST,MOST): ends make unless the variable is a number in that range
not_digits	= $(subst 0,,$(subst 1,,$(subst 2,,$(subst 3,,$(subst 4,,$(call not_5_to_9,$1))))))
not_5_to_9	= $(subst 5,,$(subst 6,,$(subst 7,,$(subst 8,,$(subst 9,,$1)))))
in_range	= $(shell [ $1 -ge $2 ] 2>/dev/null && [ $1 -le $3 ] && echo 1)
number		= $(if $(and $(filter 1,$(words $($1))),$(if $(call not_digits,$($1)),,1), \
			$(call in_range,$(strip $($1)),$2,$3)),, \
			$(error $1=$($1) is not a number from $2 to $3))
# the same for one that need not be set
number_or_none	= $(if $(filter undefined,$(origin $1)),,$(call number,$1,$2,$3))

$(call one_of,BOARD,$(BOARDS))
$(call one_of,KERNEL,$(KERNELS))
$(foreach s,LOCKED SOAK V,$(call switch,$s))
$(call number,NPROC,1,4096)

# for `make boot`
SWAP		?= none
SWAP_SIZE	:= 256M

ifneq ($(SWAP),none)
ifeq ($(shell echo '$(SWAP)' 2>/dev/null | grep -Ex '(zram|disk)(:[1-9][0-9]{0,8}[KMG]?)?'),)
$(error SWAP=$(SWAP) is unknown: choose none, zram or disk, \
	the latter two perhaps with a size: zram:$(SWAP_SIZE))
endif
endif

# for `make boot` and `make gdb`
OVERLAY		?=
ifneq ($(OVERLAY),)
$(call folder,$(call typed,OVERLAY),set OVERLAY= to another)
ifeq ($(wildcard $(OVERLAY)/.),)
$(error OVERLAY=$(OVERLAY) is no folder: set it to one that is laid out as the guest's root is)
endif
endif

# for `make fuzz`
FUZZERS		:= console size duration list kills conf proc
FUZZ		?= conf
FUZZ_TIME	?= 600

ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
$(call one_of,FUZZ,$(FUZZERS))
$(call number,FUZZ_TIME,1,31536000)
endif

# for `make mutants`: how many, in which order
N		?= 100

ifneq ($(filter mutants mutants-debug,$(MAKECMDGOALS)),)
$(call number,N,1,1000000)
$(call number_or_none,SEED,0,1000000000)
endif

# for `make check` and `make coverage`, with the ranges of the runner's options
ifneq ($(filter check coverage,$(MAKECMDGOALS)),)
$(call number_or_none,JOBS,1,256)
$(call number_or_none,REPEAT,1,10000)
$(call number_or_none,SEED,0,1000000000)
$(call number_or_none,SHIFT,0,10)
endif

# parts of `make bench`, whose suites only the images of these kernels hold
BENCH_KERNELS	:= $(filter bench%,$(KERNELS))
BENCH_PARTS	:= $(filter bench-counted bench-concurrent,$(MAKECMDGOALS))

ifneq ($(BENCH_PARTS),)
ifeq ($(filter $(KERNEL),$(BENCH_KERNELS)),)
$(error KERNEL=$(KERNEL) is not for $(BENCH_PARTS): choose one of $(BENCH_KERNELS))
endif
endif
