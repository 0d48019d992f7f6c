# SPDX-License-Identifier: GPL-2.0-only
#
# The images, booting them, and QEMU's command line for it.

IMAGES		:= $(WORK)/images
DTB		:= $(if $(BOARD_DTB),$(notdir $(BOARD_DTB)),$(BOARD).dtb)

# Every guest: serial console, results through /dev/kmsg, and a panic ends QEMU
BOOTARGS	:= console=$(BOARD_CONSOLE) panic=-1 printk.devkmsg=on
# A person's boot is quiet until the shell is there.
BOOTARGS_SHELL	:= $(strip $(BOOTARGS) loglevel=3 $(SWAP_BOOTARGS))

#
# Images
#
.PHONY: image
image: $(IMAGES)/manifest
	@ln -sfn $(patsubst $(OUTPUT)/%,%,$(IMAGES)) $(OUTPUT)/images

$(IMAGES)/manifest: $(LINUX_BUILD)/built $(ROOTFS)/rootfs.cpio.gz $(SOURCES)/u-boot-qemu $(wildcard board/$(BOARD)/* board/*.sh)
	$(call step,7/7,make images,images) env SOURCE_DATE_EPOCH=$(BUILD_EPOCH) board/mkimages.sh $(IMAGES) board/$(BOARD) \
		$(LINUX_BUILD) $(ROOTFS)/rootfs.cpio.gz '$(BOARD_DTB)' '$(BOARD_QEMU)' $(SOURCES) $(CROSS)gcc

# The same again, in another folder
.PHONY: reproduce
reproduce: image
	$(Q)rm -rf $(OUTPUT)/reproduce
	$(Q)+$(MAKE) --no-print-directory BOARD=$(BOARD) KERNEL=$(KERNEL) O=$(OUTPUT)/reproduce DL=$(DL) PATCHES=$(PATCHES) \
		NPROC=$(NPROC) V=$(V) image
	$(Q)diff $(IMAGES)/manifest $(OUTPUT)/reproduce/images/manifest $(call or_say,the two builds differ)
	@rm -rf $(OUTPUT)/reproduce
	@echo 'Two builds gave the same bytes.'

#
# U-Boot, where the board has one, starts the FIT image from a FAT disk.
#
UBOOT		:= $(WORK)/u-boot
FIT_DISK	:= $(WORK)/fit-disk

$(UBOOT)/u-boot.bin: $(SOURCES)/u-boot-qemu $(IMAGES)/manifest board/mkuboot.sh
	$(Q)board/mkuboot.sh $(UBOOT) $< $(BOARD_UBOOT) $(IMAGES)/$(DTB) $(call or_say,U-Boot cannot be prepared)

$(FIT_DISK)/boot.scr: $(IMAGES)/manifest board/$(BOARD)/boot.cmd board/images.mk board/mkboot.sh configs/flavours.mk
	$(Q)SOURCE_DATE_EPOCH=$(BUILD_EPOCH) board/mkboot.sh $(FIT_DISK) $(IMAGES)/image.itb board/$(BOARD)/boot.cmd \
		'$(BOOTARGS) MM_CHECK=fit MM_SLOWDOWN=$(SLOWDOWN)' $(call or_say,the boot disk cannot be made)

#
# QEMU's command line: files with one argument a line
#
QEMU_KERNEL	:= $(WORK)/qemu-kernel.args
QEMU_FIT	:= $(if $(BOARD_UBOOT),$(WORK)/qemu-fit.args)

QEMU_COMMON	= $(BOARD_QEMU) -nic none -display none -no-reboot
QEMU_CHECK	= $(QEMU_COMMON) -monitor none -serial stdio
QEMU_LOAD	= -kernel $(IMAGES)/zImage -initrd $(IMAGES)/rootfs.cpio.gz $(if $(BOARD_DTB),-dtb $(IMAGES)/$(DTB))

$(QEMU_KERNEL): board/images.mk board/$(BOARD)/board.mk
	@mkdir -p $(@D)
	@printf '%s\n' $(QEMU_CHECK) $(QEMU_LOAD) -append '$(BOOTARGS)' >$@

ifneq ($(QEMU_FIT),)
$(QEMU_FIT): $(UBOOT)/u-boot.bin $(FIT_DISK)/boot.scr board/images.mk
	@printf '%s\n' $(QEMU_CHECK) -bios $(UBOOT)/u-boot.bin -dtb $(UBOOT)/u-boot.dtb \
		-drive if=none,id=boot,format=raw,readonly=on,file=fat:$(FIT_DISK) -device virtio-blk-device,drive=boot >$@
endif

QEMU_ARGS	:= $(QEMU_KERNEL) $(QEMU_FIT) $(QEMU_SWAP)

QEMU_SHELL	= $(strip $(QEMU_COMMON) -serial mon:stdio $(QEMU_LOAD) $(SWAP_QEMU) -append '$(BOOTARGS_SHELL)')

.PHONY: boot gdb show-qemu
boot: image $(SWAP_DISK)
	@echo "Booting BOARD=$(BOARD) KERNEL=$(KERNEL): leave with 'poweroff', or with Ctrl-A x."
	@$(QEMU_SHELL)

# It waits for a debugger, which listens to nobody but this machine.
gdb: image $(SWAP_DISK)
	@echo "Waiting for gdb-multiarch $(LINUX_BUILD)/vmlinux -ex 'target remote :1234'; leave with Ctrl-A x."
	@$(QEMU_SHELL) -gdb tcp:127.0.0.1:1234 -S

show-qemu:
	@echo "$(QEMU_SHELL)"
