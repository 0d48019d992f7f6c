# SPDX-License-Identifier: GPL-2.0-only
#
# mm_limit: builds the patched kernel and its initramfs, boots and judges them.
# `make help` lists what there is. One graph behind a lock, no recursion but into the kernel's
# own build; each folder brings its fragment, a recipe longer than a few lines
# is a script beside it.

# Settings of this machine, not under version control
-include local.mk

BOARD		?= virt
KERNEL		?= release
O		?= output
DL		?= dl
PATCHES		?= kernel-patches
CROSS_COMPILE	?= arm-linux-gnueabi-
HOSTCC		?= gcc
NPROC		?= $(shell nproc)
V		?= 0

.DEFAULT_GOAL	:= image
.DELETE_ON_ERROR:
MAKEFLAGS	+= --no-builtin-rules
.SUFFIXES:

# What make, a shell or QEMU's options take for something else in a folder's name
UNSAFE		:= : ; \# $$ % & | < > ( ) [ ] { } * ? ! ' " \ ` = ,
# $(call folder,NAME,REMEDY): ends make if it cannot work with the folder
folder		= $(if $(filter 1,$(words $(1))),,$(error '$(1)' cannot be used, \
			since make takes no folder with an empty name or a blank in it: $(2))) \
		  $(foreach c,$(if $(filter ~%,$(1)),~) $(UNSAFE),$(if $(findstring $c,$(1)), \
			$(error $(1) cannot be used, since make takes no folder with a $c in its name: $(2))))
# Make would take away a dollar sign that somebody typed.
typed		= $(if $(filter command environment,$(firstword $(origin $(1)))),$(value $(1)),$($(1)))

$(call folder,$(CURDIR),move this folder)
$(foreach f,O DL PATCHES,$(call folder,$(call typed,$f),set $f= to another))

# A command with its words, but nothing that a shell would read otherwise
NOT_IN_COMMAND	:= ' " ` \ ; & | < > ( ) $$
$(foreach f,CROSS_COMPILE HOSTCC,$(foreach c,$(NOT_IN_COMMAND),$(if $(findstring $c,$(value $f)), \
	$(error $f=$(value $f) cannot be used, since it has a $c in it: set it to a command))))
ifeq ($(wildcard $(PATCHES)/*),)
$(error PATCHES=$(PATCHES) is no folder with a patch queue in it)
endif

include configs/settings.mk

# What is built lies below OUT, what depends on the board and the kernel's
# flavour below WORK. Somebody else's patch queue gets a subtree of its own.
TOP		:= $(CURDIR)
OUTPUT		:= $(abspath $(O))
PATCH_DIR	:= $(abspath $(PATCHES))
ifeq ($(PATCH_DIR),$(TOP)/kernel-patches)
OUT		:= $(OUTPUT)
else
OUT		:= $(OUTPUT)/patches/$(subst /,-,$(patsubst /%,%,$(PATCH_DIR)))
endif
WORK		:= $(OUT)/$(BOARD)-$(KERNEL)
LOGS		:= $(WORK)/logs
DL_DIR		:= $(abspath $(DL))

# One make at a time may work in OUTPUT: a second one ends with a sentence, as
# does one that finds what a killed one left running. This make, that of the
# command line, hands everything to another that holds the lock, unless it writes
# nothing there; makes that this one starts in turn are part of it.
UNLOCKED	:= help show-qemu deps
TAKE_LOCK	:=
ifneq ($(filter-out $(UNLOCKED),$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))),)
ifeq ($(strip $(foreach o,n q,$(findstring $o,$(filter-out --%,$(firstword -$(MAKEFLAGS)))))),)
ifneq ($(BUILD_LOCK),$(OUTPUT))
TAKE_LOCK	:= configs/scripts/lock.sh $(OUTPUT)
endif
endif
endif
# for recipes that go on for long with nothing of OUTPUT that others may not change
unlock		= flock -u 9
# what would change what tools do: settings of a person's shell, a sysroot's, a git hook's
SETTINGS	:= CPATH C_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX GCC_COMPARE_DEBUG \
		   DEPENDENCIES_OUTPUT SUNPRO_DEPENDENCIES PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR \
		   TAR_OPTIONS XZ_DEFAULTS XZ_OPT GZIP GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

ifneq ($(TAKE_LOCK),)
.PHONY: $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL)) locked
$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL)): locked
	@:
locked:
	@+env $(SETTINGS:%=-u %) $(TAKE_LOCK) $(MAKE) --no-print-directory $(MAKECMDGOALS)
else
# our O= and the like are not for the kernel's make
MAKEOVERRIDES	:=

override V	:= $(or $(strip $(V)),0)
export V
export LC_ALL := C
Q		:= $(if $(filter 0,$(V)),@)

# $(call step,PLACE,NAME,LOG): runs the command that follows as a step; PLACE is
# its place among those of `make image`, from nothing to all.
step		= $(Q)configs/scripts/step.sh $(1) '$(2)' $(LOGS)/$(3).log

# This make once more, for another flavour or folder; a recipe that has it begins with +.
MAKE_AGAIN	= $(MAKE) --no-print-directory BOARD=$(BOARD) DL=$(DL) PATCHES=$(PATCHES) \
		  NPROC=$(NPROC) V=$(V)

# $(call say,WORD): announces a short command, as kbuild does
say		= @$(if $(filter 0,$(V)),printf '      %-4s %s\n' $(1) $(2),:)

# $(call or_say,SENTENCE): ends a command whose failure needs no log
or_say		= || { echo 'mm_limit: $(1): see above.' >&2; exit 1; }

include configs/configs.mk
include board/boards.mk
include kernel-patches/linux.mk
include userland/userland.mk
include userland/programs.mk
include tests/guest.mk
include tests/bench/guest.mk
include rootfs/rootfs.mk
include board/swap.mk
include board/images.mk
include userland/install.mk
include tests/tests.mk
include tests/bench/bench.mk

.PHONY: FORCE
FORCE:

# Together with others, these have to be done when the others begin.
ifneq ($(filter clean distclean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

# By name, not the whole folders: O= and DL= may hold other things, too.
.PHONY: clean distclean
clean:
	$(Q)rm -rf $(addprefix $(OUTPUT)/,linux host target series patches images check bench coverage \
		mutants legal-info reproduce $(foreach b,$(BOARDS),$(KERNELS:%=$(b)-%)))
	$(Q)rm -f $(OUTPUT)/.lock
	$(Q)[ ! -d $(OUTPUT) ] || rmdir --ignore-fail-on-non-empty $(OUTPUT)

distclean: clean
	$(Q)rm -rf $(addprefix $(DL_DIR)/,$(LOCKED_RELEASES) $(LOCKED_PACKAGES:%=%_*.deb))
	$(Q)[ ! -d $(DL_DIR) ] || rmdir --ignore-fail-on-non-empty $(DL_DIR)

define HELP
Build
  deps                 install the host packages that are missing (root or sudo)
  source               fetch all sources into dl/; afterwards everything builds offline
  image                kernel, device trees, initramfs, FIT image, manifest: output/images/
  install              libmmlimit, tools, manual pages, for a sysroot: DESTDIR=folder
                       [PREFIX=$(PREFIX)]
  reproduce            build the images a second time and compare the bytes
  legal-info           packages and licences of the images: output/legal-info/
  lock-update          renew configs/sources.lock from the archive
  clean, distclean     remove output/; and dl/ too

Run
  boot                 boot the image: a root shell on this terminal
  gdb                  boot, halted until a debugger says go on; builds the kernel once more,
                       with debug information, and says how to debug it
  show-qemu            the exact QEMU command line (make -s show-qemu)
  check                all tests, summary, verdict: output/check/index.html
  list                 the suites there are; with SUITE=, their tests, too
  coverage             what the tests execute of the kernel code: output/coverage/;
                       coverage-same: do deterministic guests count the same twice?
  mutants              do they notice when it is wrong? output/mutants/
                       N=$(N) SEED=1 (1 to 1000000, 0 to 1000000000): how many, in which order
                       FILE=glob ONLY=globs: which files, which ids (all)
                       mutants-debug: what is left, on the debug kernel
  bench                what limits cost, in instructions: output/bench/; parts of it are
                       bench-counted, bench-concurrent (both with KERNEL=bench or bench-without);
                       bench-targets: is the charge path as cheap as it has to be?
  fuzz                 a parser with libFuzzer: FUZZ=$(FUZZ) (one of $(FUZZERS))
                       FUZZ_TIME=$(FUZZ_TIME) (1 to 31536000 seconds) FUZZ_CC=$(FUZZ_CC)
  lint                 style, spelling, licences, words, includes, messages of commits

Work on the kernel (kernel-patches/README.md)
  linux-edit           make the patched tree in output/linux/source a git tree
  linux-refresh        write its commits back to kernel-patches/
  linux-check          compare the tree with a fresh one
  linux-series         everything as one series of mails: output/series/
  linux-menuconfig     change the configuration
  linux-savedefconfig  show how it differs from the fragments

Variables, as they are unless you set them
  BOARD=$(BOARD)           $(BOARDS)
  KERNEL=$(KERNEL)       $(KERNELS)
  SUITE= TEST=         which suites (globs between blanks), which of their tests (a
                       glob): all (check, bench-*)
  SOAK=0               1: much more of what each test does (check)
  REPEAT=1             how often, 1 to 10000 (check)
  JOBS=NPROC           how many guests at once, 1 to 256 (check)
  SEED=1 SHIFT=3       0 to 1000000000, 0 to 10, as a failure's "rerun:" line has them (check)
  SWAP=$(SWAP)            what to swap to (boot): none, zram[:256M], disk[:256M]
  OVERLAY=             a folder of your own files, laid out as the guest's root (boot, gdb)
  GDB_PORT=$(GDB_PORT)        where it listens for a debugger, on this machine alone (gdb)
  O=output DL=dl       folders for what is built, for what is fetched
  PATCHES=folder       another patch queue than kernel-patches: *.patch, files/, *.config
  LOCKED=0             1: no other source versions than the pinned ones
  CROSS_COMPILE=$(CROSS_COMPILE) HOSTCC=$(HOSTCC)
                       compilers; either may have a launcher: 'ccache gcc'
  NPROC=$(NPROC)              parallel jobs of a build, 1 to 4096
  V=0                  1: show every command

Settings of this machine may stand in local.mk.
endef

.PHONY: help
help:
	$(info $(HELP))
	@:

endif # TAKE_LOCK
