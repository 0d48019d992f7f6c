# SPDX-License-Identifier: GPL-2.0-only
#
# What a guest swaps to: memory that is compressed, or a disk. SWAP= is for `make
# boot`; suites that want a disk say so. init.d/swap of the image reads MM_SWAP.
# configs/settings.mk checks SWAP=, and says what size a swap has that is told none.

# A guest writes to a copy of its own that ends with it, so that each starts with
# an empty one, and several may run at once.
$(WORK)/swap-%.img:
	@mkdir -p $(@D)
	$(Q)truncate -s $* $@ $(call or_say,$@ cannot be made)

# $(call swap_disk,FILE): QEMU's arguments
swap_disk	= -drive if=none,id=swap,format=raw,snapshot=on,cache=unsafe,file=$(1) \
		  -device virtio-blk-device,drive=swap,serial=swap

SWAP_KIND	:= $(firstword $(subst :, ,$(SWAP)))
SWAP_FILE	:= $(WORK)/swap-$(or $(word 2,$(subst :, ,$(SWAP))),$(SWAP_SIZE)).img
SWAP_DISK	:= $(if $(filter disk,$(SWAP_KIND)),$(SWAP_FILE))
SWAP_BOOTARGS	:= $(if $(filter-out none,$(SWAP)),MM_SWAP=$(if $(SWAP_DISK),disk,$(SWAP)))
SWAP_QEMU	:= $(if $(SWAP_DISK),$(call swap_disk,$(SWAP_DISK)))

# for suites
QEMU_SWAP	:= $(WORK)/qemu-swap.args

$(QEMU_SWAP): $(WORK)/swap-$(SWAP_SIZE).img FORCE
	@configs/scripts/record.sh $@ $(call swap_disk,$<)
