# SPDX-License-Identifier: GPL-2.0-only
#
# libmmlimit, the tools and their manual pages, for a sysroot. Read when INSTALL_PROGRAMS is complete.
# $(call INSTALL,FOLDER,PREFIX) puts there what INSTALLED is made into.

PREFIX		?= /usr
INSTALLED	:= $(LIBMMLIMIT) $(LIBMMLIMIT_SO) $(INSTALL_PROGRAMS) \
		   userland/lib/mmlimit.h userland/lib/libmmlimit.pc.in \
		   kernel-patches/files/include/uapi/linux/mm_limit.h rootfs/overlay/etc/mmlimit.conf \
		   rootfs/overlay/etc/init.d/mmlimit \
		   $(sort $(wildcard userland/man/*.[1-8] userland/systemd/*.in))
INSTALL		= userland/install.sh '$(1)' '$(2)' $(USER_VERSION) $(LIBMMLIMIT) $(LIBMMLIMIT_SO) \
		  $(TARGET)/root $(INSTALL_PROGRAMS)

.PHONY: install
install: $(INSTALLED)
	$(Q)$(call INSTALL,$(DESTDIR),$(PREFIX))
