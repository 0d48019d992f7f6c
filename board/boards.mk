# SPDX-License-Identifier: GPL-2.0-only
#
# Boards are folders of data: board.mk, linux.config, image.its, boot.cmd.

BOARDS		:= $(patsubst board/%/board.mk,%,$(sort $(wildcard board/*/board.mk)))
ifeq ($(filter $(BOARD),$(BOARDS)),)
$(error BOARD=$(BOARD) is unknown: choose one of $(BOARDS))
endif
include board/$(BOARD)/board.mk
