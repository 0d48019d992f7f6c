# SPDX-License-Identifier: GPL-2.0-only
#
# The programs: a folder here is one, of all its files and of those in common/ that
# it needs. They use the shared libmmlimit, which the image has anyway.

USER_PROGRAMS	:= mmlimit mmlimitd oomrankd hog taskmon
# of all programs together
USER_VERSION	:= 1.0
USER_CFLAGS	:= -Iuserland/common -DUSER_VERSION='"$(USER_VERSION)"'

USER_COMMON	:= $(TARGET)/lib/libcommon.a
USER_COMMON_OBJS := $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard userland/common/*.c)))
USER_OBJS	:= $(USER_COMMON_OBJS) \
		   $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard $(USER_PROGRAMS:%=userland/%/*.c))))

$(USER_OBJS): private TARGET_CFLAGS += $(USER_CFLAGS)
$(USER_OBJS): userland/programs.mk
-include $(USER_OBJS:.o=.d)

$(USER_COMMON): $(USER_COMMON_OBJS) $(TARGET_SOURCES)
	$(TARGET_ARCHIVE)

define USER_PROGRAM
$(TARGET)/root/usr/bin/$(1): $(filter $(TARGET)/obj/userland/$(1)/%,$(USER_OBJS)) \
		$(USER_COMMON) $(LIBMMLIMIT_SO)
	$$(TARGET_LINK)
endef
$(foreach p,$(USER_PROGRAMS),$(eval $(call USER_PROGRAM,$p)))

USER_BIN	:= $(USER_PROGRAMS:%=$(TARGET)/root/usr/bin/%)
TARGET_PROGRAMS	+= $(USER_BIN)

# What bash completes. The image's shell is another one.
COMPLETIONS	:= $(TARGET)/root/usr/share/bash-completion/completions
COMPLETION	:= $(patsubst userland/%/completion.bash,$(COMPLETIONS)/%, \
			$(sort $(wildcard userland/*/completion.bash)))

$(COMPLETIONS)/%: userland/%/completion.bash
	@mkdir -p $(@D)
	$(Q)install -m 644 $< $@

INSTALL_PROGRAMS += $(USER_BIN) $(COMPLETION)
