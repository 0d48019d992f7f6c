# SPDX-License-Identifier: GPL-2.0-only
#
# Boards are folders of data: board.mk, linux.config, image.its, boot.cmd. The
# names of all, BOARDS, are those that configs/settings.mk checks BOARD= against.

include board/$(BOARD)/board.mk
