# SPDX-License-Identifier: GPL-2.0-only
#
# Programs of the guest: TARGET/root is laid out as the image is. Built once for
# all boards and kernels, against our own header of the system calls.

TARGET		:= $(OUTPUT)/target
TARGET_CC	:= $(CROSS_COMPILE)gcc
TARGET_AR	:= $(CROSS_COMPILE)ar
TARGET_CFLAGS	:= -Os -std=gnu11 -ffunction-sections -fdata-sections -Wall -Wextra -Werror -MD -MP -Iuserland/lib -idirafter kernel-patches/files/include/uapi
TARGET_LDFLAGS	:= -s -Wl,--build-id=none -Wl,--gc-sections

# what rootfs.mk packs
TARGET_PROGRAMS	:=

$(TARGET)/obj/%.o: %.c userland/userland.mk | packages
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(TARGET_CC) $(TARGET_CFLAGS) -c -o $@ $< $(call or_say,$< does not compile)

#
# libmmlimit
#
LIBMMLIMIT	:= $(TARGET)/lib/libmmlimit.a
LIBMMLIMIT_OBJS	:= $(patsubst %.c,$(TARGET)/obj/%.o,$(sort $(wildcard userland/lib/*.c)))

$(LIBMMLIMIT): $(LIBMMLIMIT_OBJS)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(TARGET_AR) rcsD $@ $^

-include $(LIBMMLIMIT_OBJS:.o=.d)
