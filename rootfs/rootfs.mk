# SPDX-License-Identifier: GPL-2.0-only
#
# The initramfs: busybox and the C library from Debian, overlay/, device nodes,
# our programs, the kernel's modules.

ROOTFS		:= $(WORK)/rootfs
GEN_INIT_CPIO	:= $(OUTPUT)/host/gen_init_cpio

# the kernel's own tool, which needs no root and sets every owner, mode and time
$(GEN_INIT_CPIO): $(LINUX_STATE)/unpacked | packages
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -o $@ $(LINUX_SRC)/usr/gen_init_cpio.c $(call or_say,gen_init_cpio does not build)

$(TARGET_PROGRAMS): $(TARGET_SOURCES)

# what it is made of: without what is there no more
$(ROOTFS)/contents: FORCE
	@configs/scripts/record.sh $@ $(sort $(shell find rootfs/overlay) $(TARGET_PROGRAMS))

$(ROOTFS)/rootfs.cpio.gz: $(SOURCES)/busybox-static $(SOURCES)/libc6-armel-cross $(GEN_INIT_CPIO) \
		$(LINUX_BUILD)/built $(ROOTFS)/contents $(shell find rootfs -type f) $(TARGET_PROGRAMS)
	$(call step,6/7,build rootfs,rootfs) rootfs/mkrootfs.sh $(ROOTFS) $(GEN_INIT_CPIO) $(SOURCES) \
		$(LINUX_BUILD) $(BUILD_EPOCH) $(TARGET)/root $(TARGET_PROGRAMS:$(TARGET)/root/%=%)
