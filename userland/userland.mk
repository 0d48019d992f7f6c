# SPDX-License-Identifier: GPL-2.0-only
#
# Programs of the guest: TARGET/root is laid out as the image is. Built once for
# all boards and kernels, against our own header of the system calls.

TARGET		:= $(OUTPUT)/target
TARGET_CC	:= $(CROSS_COMPILE)gcc
TARGET_AR	:= $(CROSS)ar
TARGET_CFLAGS	:= -Os -march=armv7-a -mthumb -std=gnu11 -ffunction-sections -fdata-sections \
		   -Wall -Wextra -Werror -MD -MP -Iuserland/lib -idirafter kernel-patches/files/include/uapi
TARGET_LDFLAGS	:= -s -Wl,--build-id=none -Wl,--gc-sections

# Made again where these differ: all objects, and all that is linked, which may have lost one.
# What says on which headers an object depends names the place of the object, too.
TARGET_MADE_WITH := $(TARGET)/made-with
TARGET_SOURCES	:= $(TARGET)/sources

# what rootfs.mk packs, below TARGET/root
TARGET_PROGRAMS	:=
# those of it, below TARGET/root/usr, that `make install` puts below PREFIX, too
INSTALL_PROGRAMS :=

$(TARGET_MADE_WITH): FORCE
	@configs/scripts/record.sh $@ '$(TARGET_CC)' '$@'

$(TARGET_SOURCES): FORCE
	@configs/scripts/record.sh $@ $(sort $(shell find userland tests -name '*.c'))

$(TARGET)/obj/%.o: %.c userland/userland.mk $(TARGET_MADE_WITH) | packages
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(TARGET_CC) $(TARGET_CFLAGS) -c -o $@ $< $(call or_say,$< does not compile)

# for rules that link: every object and library after the colon goes into the program
TARGET_LINK	= $(Q)mkdir -p $(@D) && $(TARGET_CC) $(TARGET_LDFLAGS) -o $@ $(filter %.o %.a %.so.1,$^) \
		  $(call or_say,$(@F) does not link)
# and for static libraries
TARGET_ARCHIVE	= $(Q)mkdir -p $(@D) && rm -f $@ && \
		  $(TARGET_AR) rcsD $@ $(filter %.o,$^) $(call or_say,$@ cannot be made)

#
# libmmlimit: the image has it once, as a shared library, which the programs of
# the image name as a prerequisite.
#
LIBMMLIMIT	:= $(TARGET)/lib/libmmlimit.a
LIBMMLIMIT_SO	:= $(TARGET)/root/usr/lib/libmmlimit.so.1
LIBMMLIMIT_MAP	:= userland/lib/libmmlimit.map
LIBMMLIMIT_OBJS	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard userland/lib/*.c)))

$(LIBMMLIMIT_OBJS): private TARGET_CFLAGS += -fPIC

$(LIBMMLIMIT): $(LIBMMLIMIT_OBJS) $(TARGET_SOURCES)
	$(TARGET_ARCHIVE)

$(LIBMMLIMIT_SO): private TARGET_LDFLAGS += -shared \
	-Wl,-soname,$(notdir $(LIBMMLIMIT_SO)),-z,defs,--version-script=$(LIBMMLIMIT_MAP)
$(LIBMMLIMIT_SO): $(LIBMMLIMIT_OBJS) $(LIBMMLIMIT_MAP)
	$(TARGET_LINK)

TARGET_PROGRAMS	+= $(LIBMMLIMIT_SO)

-include $(LIBMMLIMIT_OBJS:.o=.d)
