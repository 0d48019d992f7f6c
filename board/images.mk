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

$(IMAGES)/manifest: $(LINUX_BUILD)/built $(ROOTFS)/rootfs.cpio.gz $(SOURCES)/u-boot-qemu \
		$(wildcard board/$(BOARD)/* board/*.sh)
	$(call step,7/7,make images,images) env SOURCE_DATE_EPOCH=$(BUILD_EPOCH) board/mkimages.sh \
		$(IMAGES) board/$(BOARD) $(LINUX_BUILD) $(ROOTFS)/rootfs.cpio.gz '$(BOARD_DTB)' \
		'$(BOARD_QEMU)' $(SOURCES) $(CROSS)gcc

# The same again, in another folder
.PHONY: reproduce
reproduce: image
	$(Q)rm -rf $(OUTPUT)/reproduce
	$(Q)+$(MAKE_AGAIN) KERNEL=$(KERNEL) O=$(OUTPUT)/reproduce image
	$(Q)diff $(IMAGES)/manifest $(OUTPUT)/reproduce/images/manifest $(call or_say,the two builds differ)
	@rm -rf $(OUTPUT)/reproduce
	@echo 'Two builds gave the same bytes.'

#
# U-Boot, where the board has one, starts the FIT image from a FAT disk.
#
UBOOT		:= $(WORK)/u-boot
FIT_DISK	:= $(WORK)/fit-disk

$(UBOOT)/u-boot.bin: $(SOURCES)/u-boot-qemu $(IMAGES)/manifest board/mkuboot.sh
	$(Q)board/mkuboot.sh $(UBOOT) $< $(BOARD_UBOOT) $(IMAGES)/$(DTB) \
		$(call or_say,U-Boot cannot be prepared)

$(FIT_DISK)/boot.scr: $(IMAGES)/manifest board/$(BOARD)/boot.cmd board/images.mk board/mkboot.sh \
		configs/flavours.mk
	$(Q)SOURCE_DATE_EPOCH=$(BUILD_EPOCH) board/mkboot.sh $(FIT_DISK) $(IMAGES)/image.itb \
		board/$(BOARD)/boot.cmd '$(BOOTARGS) MM_CHECK=fit MM_SLOWDOWN=$(SLOWDOWN)' \
		$(call or_say,the boot disk cannot be made)

#
# Somebody's own files, for boot and gdb: a second archive behind the image's, which
# stays as it is.
#
OVERLAY_INITRD	:= $(if $(OVERLAY),$(WORK)/overlay/rootfs.cpio.gz)
INITRD		:= $(or $(OVERLAY_INITRD),$(IMAGES)/rootfs.cpio.gz)

$(WORK)/overlay/rootfs.cpio.gz: image FORCE
	$(Q)board/mkoverlay.sh $(abspath $(OVERLAY)) $(IMAGES)/rootfs.cpio.gz $(ROOTFS)/list $@

#
# QEMU's command line: files with one argument a line
#
QEMU_KERNEL	:= $(WORK)/qemu-kernel.args
QEMU_FIT	:= $(if $(BOARD_UBOOT),$(WORK)/qemu-fit.args)

QEMU_COMMON	= $(BOARD_QEMU) -nic none -display none -no-reboot
QEMU_CHECK	= $(QEMU_COMMON) -monitor none -serial stdio
# $(call qemu_load,INITRD)
qemu_load	= -kernel $(IMAGES)/zImage -initrd $(1) $(if $(BOARD_DTB),-dtb $(IMAGES)/$(DTB))

$(QEMU_KERNEL): FORCE
	@configs/scripts/record.sh $@ $(QEMU_CHECK) \
		$(call qemu_load,$(IMAGES)/rootfs.cpio.gz) -append '$(BOOTARGS)'

ifneq ($(QEMU_FIT),)
$(QEMU_FIT): $(UBOOT)/u-boot.bin $(FIT_DISK)/boot.scr FORCE
	@configs/scripts/record.sh $@ $(QEMU_CHECK) -bios $(UBOOT)/u-boot.bin -dtb $(UBOOT)/u-boot.dtb \
		-drive if=none,id=boot,format=raw,readonly=on,file=fat:$(FIT_DISK) \
		-device virtio-blk-device,drive=boot
endif

QEMU_ARGS	:= $(QEMU_KERNEL) $(QEMU_FIT) $(QEMU_SWAP)

# $(call qemu_shell,WORDS): WORDS go to the end of the kernel's command line
qemu_shell	= $(strip $(QEMU_COMMON) -serial mon:stdio $(call qemu_load,$(INITRD)) $(SWAP_QEMU) \
		  -append "$(strip $(BOOTARGS_SHELL) $(1))")

.PHONY: boot gdb show-qemu
# Others may build while the guest runs: QEMU has read the images when it begins.
boot: image $(OVERLAY_INITRD) $(SWAP_DISK)
	@echo "Booting BOARD=$(BOARD) KERNEL=$(KERNEL): leave with 'poweroff', or with Ctrl-A x."
	@$(unlock); $(call qemu_shell,$$(board/terminal.sh))

# It waits for a debugger, which listens to nobody but this machine. The image is the
# same as ever; debugger and sources come from its twin with debug information.
GDB_PORT	?= 1234
# where a charge exceeds its limit; somebody else's queue has no such function
GDB_BREAK	:= $(if $(filter $(OUT),$(OUTPUT)),mm_limit_charge_exceeded)
# gdb would follow the way into the kernel for ever
GDB		= gdb-multiarch -q $(LINUX_TWIN)/vmlinux -ex 'set backtrace limit 32' \
		  -ex 'target remote :$(GDB_PORT)' $(GDB_BREAK:%=-ex 'hbreak %') -ex continue

gdb: image $(LINUX_TWIN)/built $(OVERLAY_INITRD) $(SWAP_DISK)
	@echo "Waiting for a debugger; in another terminal: $(GDB)"
	@echo "Leave with Ctrl-A x."
	@$(unlock); $(call qemu_shell,$$(board/terminal.sh)) -gdb tcp:127.0.0.1:$(GDB_PORT) -S

show-qemu:
	@echo '$(call qemu_shell)'
