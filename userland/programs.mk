# SPDX-License-Identifier: GPL-2.0-only
#
# The programs: a folder here is one, of all its files. They use the shared
# libmmlimit, which the image has anyway.

USER_PROGRAMS	:= mmlimit mmlimitd hog taskmon
# of all programs together
USER_VERSION	:= 1.0

define USER_PROGRAM
USER_OBJS_$(1)	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard userland/$(1)/*.c)))
$$(USER_OBJS_$(1)): private TARGET_CFLAGS += -DUSER_VERSION='"$(USER_VERSION)"'
$$(USER_OBJS_$(1)): userland/programs.mk
$(TARGET)/root/usr/bin/$(1): $$(USER_OBJS_$(1)) $(LIBMMLIMIT_SO)
	$$(TARGET_LINK)
-include $$(USER_OBJS_$(1):.o=.d)
endef
$(foreach p,$(USER_PROGRAMS),$(eval $(call USER_PROGRAM,$p)))

# It draws on a screen as mmlimit does.
$(TARGET)/root/usr/bin/taskmon: $(TARGET)/obj/userland/mmlimit/terminal.o

USER_BIN	:= $(USER_PROGRAMS:%=$(TARGET)/root/usr/bin/%)
TARGET_PROGRAMS	+= $(USER_BIN)

# What bash completes. The image's shell is another one.
COMPLETION	:= $(TARGET)/root/usr/share/bash-completion/completions/mmlimit

$(COMPLETION): userland/mmlimit/completion.bash
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

INSTALL_PROGRAMS += $(USER_BIN) $(COMPLETION)
