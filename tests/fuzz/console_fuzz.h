/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a console; libFuzzer's entry. */
#ifndef FUZZ_CONSOLE_H
#define FUZZ_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
