# SPDX-License-Identifier: GPL-2.0-only
#
# The programs: a folder here is one, of all its files. They use the shared
# libmmlimit, which the image has anyway.

USER_PROGRAMS	:= mmlimit mmlimitd oomrankd hog taskmon
# those of them that are daemons, with what daemon/ has for all
USER_DAEMONS	:= mmlimitd oomrankd
# of all programs together
USER_VERSION	:= 1.0

USER_DAEMON_OBJS := $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard userland/daemon/*.c)))
$(USER_DAEMON_OBJS): userland/programs.mk
-include $(USER_DAEMON_OBJS:.o=.d)

define USER_PROGRAM
USER_OBJS_$(1)	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard userland/$(1)/*.c)))
$$(USER_OBJS_$(1)): private TARGET_CFLAGS += -Iuserland/daemon -DUSER_VERSION='"$(USER_VERSION)"'
$$(USER_OBJS_$(1)): userland/programs.mk
$(TARGET)/root/usr/bin/$(1): $$(USER_OBJS_$(1)) $(if $(filter $(1),$(USER_DAEMONS)),$(USER_DAEMON_OBJS)) $(LIBMMLIMIT_SO)
	$$(TARGET_LINK)
-include $$(USER_OBJS_$(1):.o=.d)
endef
$(foreach p,$(USER_PROGRAMS),$(eval $(call USER_PROGRAM,$p)))

# It draws on a screen as mmlimit does.
$(TARGET)/root/usr/bin/taskmon: $(TARGET)/obj/userland/mmlimit/terminal.o

USER_BIN	:= $(USER_PROGRAMS:%=$(TARGET)/root/usr/bin/%)
TARGET_PROGRAMS	+= $(USER_BIN)

# What bash completes. The image's shell is another one.
COMPLETIONS	:= $(TARGET)/root/usr/share/bash-completion/completions
COMPLETION	:= $(patsubst userland/%/completion.bash,$(COMPLETIONS)/%,$(sort $(wildcard userland/*/completion.bash)))

$(COMPLETIONS)/%: userland/%/completion.bash
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

INSTALL_PROGRAMS += $(USER_BIN) $(COMPLETION)
