// SPDX-License-Identifier: GPL-2.0-only
/* Sizes and durations: what is one, how much it is, how it is written. */
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <sys/sysinfo.h>

#include "internal.h"
#include "mmlimit.h"

/* What a failed call has to leave alone */
#define UNTOUCHED 12345

static void sizes_are_read_exactly(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} table[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "007", 7 },
		{ "4096B", 4096 },
		{ "4096b", 4096 },
		{ "1k", 1024 },
		{ "1K", 1024 },
		{ "1KiB", 1024 },
		{ "1kib", 1024 },
		{ "1KIB", 1024 },
		{ "1kB", 1000 },
		{ "1KB", 1000 },
		{ "1kb", 1000 },
		{ "100M", 104857600 },
		{ "100MiB", 104857600 },
		{ "100MB", 100000000 },
		{ "100mb", 100000000 },
		{ "1G", 1073741824 },
		{ "1gib", 1073741824 },
		{ "1GB", 1000000000 },
		{ "1.5GiB", 1610612736 },
		{ "1.50G", 1610612736 },
		{ "0.5k", 512 },
		{ "2.5", 2 },
		{ "0.999999999", 0 },
		{ "0.001kB", 1 },
		{ "0.0009765625K", 1 },
		{ "0.0009765624999999999999999999K", 0 },
		{ "0.1M", 104857 },
		/* 2^-30, and a hair less */
		{ "0.000000000931322574615478515625G", 1 },
		{ "0.000000000931322574615478515624999999999G", 0 },
		{ "0.99999999999999999999999999999999999G", 1073741823 },
		{ "00000000000000000000000000000000000001k", 1024 },
		{ "4294967293", 4294967293 },
		{ "3.999999999G", 4294967294 },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		bytes = UNTOUCHED;
		if (mmlimit_parse_size(table[i].text, &bytes) ||
		    bytes != table[i].bytes)
			fail_msg("%s is %llu, expected %llu", table[i].text,
				 (unsigned long long)bytes,
				 (unsigned long long)table[i].bytes);
	}
}

static void what_is_not_a_size_is_refused(void **state)
{
	static const char *const table[] = {
		"",	 " ",	     "M",	   "-1",
		"+1",	 " 1",	     "1 ",	   "1 M",
		".5G",	 "1.",	     "1.G",	   "1..5",
		"1.5.5", "1,5G",     "0x10",	   "1e9",
		"1T",	 "1TiB",     "1Ki",	   "1MiBB",
		"1MM",	 "1bits",    "none",	   "1\n",
		"1K\t",	 "\xd9\xa1", "1K\xc2\xa0", "99999999999999999999x",
		"nan",	 "inf",	     "%",	   "1 %",
		"1%%",	 "1%B",
	};
	uint64_t bytes = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mmlimit_parse_size(table[i], &bytes) != -EINVAL ||
		    bytes != UNTOUCHED)
			fail_msg("'%s' passes for a size", table[i]);
}

static void sizes_beyond_the_largest_limit_are_out_of_range(void **state)
{
	static const char *const table[] = {
		"18446744073709551615",
		"18446744073709551615.0",
		"18446744073709551616",
		"99999999999999999999999999999999999999999",
		"17179869184G",
		"18446744073.709551615GB",
		"99999999999G",
	};
	uint64_t bytes = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mmlimit_parse_size(table[i], &bytes) != -ERANGE ||
		    bytes != UNTOUCHED)
			fail_msg("%s fits", table[i]);
	assert_int_equal(mmlimit_parse_size("18446744073709551614.9", &bytes),
			 0);
	assert_true(bytes == MM_LIMIT_ATTR_NONE - 1);
}

/* The linker's --wrap gives this machine so much memory. */
static struct sysinfo machine;

int __wrap_sysinfo(struct sysinfo *info);
int __wrap_sysinfo(struct sysinfo *info)
{
	*info = machine;
	return 0;
}

static void percent_are_of_the_memory(void **state)
{
	static const struct {
		unsigned long ram;
		unsigned int unit;
		const char *text;
		uint64_t bytes;
	} table[] = {
		{ 1000, 1, "50%", 500 },
		{ 1000, 1, "0%", 0 },
		{ 1000, 1, "0.1%", 1 },
		{ 1000, 1, "0.0999999999999%", 0 },
		{ 1000, 1, "99.99%", 999 },
		{ 1000, 1, "100%", 1000 },
		{ 1000, 1, "100.000%", 1000 },
		{ 999, 1, "33.3%", 332 },
		{ 4294967295, 4096, "50%", 8796093020160 },
		{ 4294967295, 4096, "100%", 17592186040320 },
	};
	static const char *const beyond[] = {
		"101%",
		"100.0001%",
		"1000%",
		"18446744073709551616%",
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		machine.totalram = table[i].ram;
		machine.mem_unit = table[i].unit;
		bytes = UNTOUCHED;
		if (mmlimit_parse_size(table[i].text, &bytes) ||
		    bytes != table[i].bytes)
			fail_msg("%s is %llu, expected %llu", table[i].text,
				 (unsigned long long)bytes,
				 (unsigned long long)table[i].bytes);
	}
	bytes = UNTOUCHED;
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++)
		if (mmlimit_parse_size(beyond[i], &bytes) != -ERANGE ||
		    bytes != UNTOUCHED)
			fail_msg("%s fits", beyond[i]);
}

/* On the target a long has 32 bits, which no test on this machine would see. */
static void ranges_of_32_bits_are_kept(void **state)
{
	static const struct {
		const char *text;
		unsigned long long factor;
		int ret;
		unsigned long long value;
	} table[] = {
		{ "4294967294", 1, 0, 4294967294 },
		{ "4294967294.99", 1, 0, 4294967294 },
		{ "4294967295", 1, -ERANGE, 0 },
		{ "3.99999999", 1ULL << 30, 0, 4294967285 },
		{ "3.9999999999", 1ULL << 30, -ERANGE, 0 },
		{ "4", 1ULL << 30, -ERANGE, 0 },
		{ "18446744073709551615", 1, -ERANGE, 0 },
		{ "17179869184", 1ULL << 30, -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned long long value = 0;
		struct quantity quantity;
		int ret;

		ret = __mmlimit_scan_quantity(table[i].text, &quantity);
		assert_int_equal(ret, 0);
		ret = __mmlimit_scale_quantity(&quantity, table[i].factor,
					       UINT_MAX - 1, &value);
		if (ret != table[i].ret || value != table[i].value)
			fail_msg(
				"%s times %llu: %d and %llu, expected %d and %llu",
				table[i].text, table[i].factor, ret, value,
				table[i].ret, table[i].value);
	}
}

static void sizes_are_written_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} table[] = {
		{ 0, "0B" },
		{ 1, "1B" },
		{ 1023, "1023B" },
		{ 1024, "1KiB" },
		{ 1075, "1KiB" },
		{ 1076, "1.1KiB" },
		{ 1536, "1.5KiB" },
		{ 1048524, "1023.9KiB" },
		{ 1048525, "1MiB" },
		{ 100000000, "95.4MiB" },
		{ 104857600, "100MiB" },
		{ 1610612736, "1.5GiB" },
		{ 4294967294, "4GiB" },
		{ 1ULL << 40, "1024GiB" },
		{ MM_LIMIT_ATTR_NONE - 1, "17179869184GiB" },
		{ MM_LIMIT_ATTR_NONE, "none" },
	};
	char text[MMLIMIT_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_string_equal(mmlimit_format_size(table[i].bytes, text),
				    table[i].text);
}

static void durations_are_read_exactly(void **state)
{
	static const struct {
		const char *text;
		unsigned int ms;
	} table[] = {
		{ "0", 0 },
		{ "0.0", 0 },
		{ "000", 0 },
		{ "0s", 0 },
		{ "1ms", 1 },
		{ "1.9ms", 1 },
		{ "20ms", 20 },
		{ "2s", 2000 },
		{ "0.1s", 100 },
		{ "0.0019s", 1 },
		{ "1.001s", 1001 },
		{ "1.0009999999999999999999999999s", 1000 },
		{ "1m", 60000 },
		{ "1min", 60000 },
		{ "1.5min", 90000 },
		{ "1h", 3600000 },
		{ "0.5h", 1800000 },
		{ "0.00000027777777777777777777h", 0 },
		{ "0.00000027777777777777777778h", 1 },
		{ "4294967295ms", UINT_MAX },
		{ "4294967.295s", UINT_MAX },
		{ "4294967.2959999s", UINT_MAX },
		{ "1193.0464708h", 4294967294 },
	};
	unsigned int ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		ms = UNTOUCHED;
		if (mmlimit_parse_duration(table[i].text, &ms) ||
		    ms != table[i].ms)
			fail_msg("%s is %u ms, expected %u", table[i].text, ms,
				 table[i].ms);
	}
}

static void what_is_not_a_duration_is_refused(void **state)
{
	static const char *const table[] = {
		"",	" ",	"s",	"2",	"0.5",	"-1s",
		"+1s",	" 1s",	"1s ",	"1 s",	".5s",	"1.s",
		"1,5s", "2S",	"2MS",	"1d",	"1us",	"1sec",
		"1hms", "1h1m", "0x1s", "1e3s", "1s\n", "99999999999999999999",
	};
	unsigned int ms = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mmlimit_parse_duration(table[i], &ms) != -EINVAL ||
		    ms != UNTOUCHED)
			fail_msg("'%s' passes for a duration", table[i]);
}

static void durations_of_more_than_32_bits_are_out_of_range(void **state)
{
	static const char *const table[] = {
		"4294967296ms", "4294967.296s", "71582.79min",
		"1193.0465h",	"9999h",	"99999999999999999999999s",
	};
	unsigned int ms = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (mmlimit_parse_duration(table[i], &ms) != -ERANGE ||
		    ms != UNTOUCHED)
			fail_msg("%s fits", table[i]);
}

static void durations_are_written_so_that_they_can_be_read(void **state)
{
	static const struct {
		unsigned int ms;
		const char *text;
	} table[] = {
		{ 0, "0s" },	     { 1, "1ms" },
		{ 20, "20ms" },	     { 999, "999ms" },
		{ 1000, "1s" },	     { 1001, "1.001s" },
		{ 1010, "1.01s" },   { 1500, "1.5s" },
		{ 2000, "2s" },	     { 60000, "1min" },
		{ 90000, "90s" },    { 60001, "60.001s" },
		{ 3600000, "1h" },   { 5400000, "90min" },
		{ 86400000, "24h" }, { UINT_MAX, "4294967.295s" },
	};
	char text[MMLIMIT_TEXT_SIZE];
	unsigned int ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_string_equal(mmlimit_format_duration(table[i].ms, text),
				    table[i].text);
		assert_int_equal(mmlimit_parse_duration(text, &ms), 0);
		assert_true(ms == table[i].ms);
	}
}

static void thresholds_are_whole_percents_or_off(void **state)
{
	static const struct {
		const char *text;
		int ret;
		unsigned int threshold;
	} table[] = {
		{ "80%", 0, 80 },
		{ "80", 0, 80 },
		{ "1", 0, 1 },
		{ "1%", 0, 1 },
		{ "100", 0, 100 },
		{ "0100%", 0, 100 },
		{ "off", 0, 0 },
		{ "0", -ERANGE, UNTOUCHED },
		{ "0%", -ERANGE, UNTOUCHED },
		{ "101%", -ERANGE, UNTOUCHED },
		{ "4294967376", -ERANGE, UNTOUCHED },
		{ "18446744073709551696%", -ERANGE, UNTOUCHED },
		{ "", -EINVAL, UNTOUCHED },
		{ "%", -EINVAL, UNTOUCHED },
		{ "-80%", -EINVAL, UNTOUCHED },
		{ "+80", -EINVAL, UNTOUCHED },
		{ " 80", -EINVAL, UNTOUCHED },
		{ "80 %", -EINVAL, UNTOUCHED },
		{ "80%%", -EINVAL, UNTOUCHED },
		{ "80% ", -EINVAL, UNTOUCHED },
		{ "80.0%", -EINVAL, UNTOUCHED },
		{ "0.8", -EINVAL, UNTOUCHED },
		{ "80M", -EINVAL, UNTOUCHED },
		{ "0x50", -EINVAL, UNTOUCHED },
		{ "8e1", -EINVAL, UNTOUCHED },
		{ "Off", -EINVAL, UNTOUCHED },
		{ "off ", -EINVAL, UNTOUCHED },
		{ "none", -EINVAL, UNTOUCHED },
		{ "no", -EINVAL, UNTOUCHED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned int threshold = UNTOUCHED;
		int ret = mmlimit_parse_reclaim(table[i].text, &threshold);

		if (ret != table[i].ret || threshold != table[i].threshold)
			fail_msg("'%s' is %d and %u", table[i].text, ret,
				 threshold);
	}
}

static void swap_is_bounded_by_a_size_or_by_none(void **state)
{
	static const struct {
		const char *text;
		int ret;
		__u64 bytes;
	} table[] = {
		{ "none", 0, MM_LIMIT_SWAP_UNBOUNDED },
		{ "0", 0, 0 },
		{ "1.5G", 0, 1610612736 },
		{ "", -EINVAL, UNTOUCHED },
		{ "None", -EINVAL, UNTOUCHED },
		{ "none ", -EINVAL, UNTOUCHED },
		{ "off", -EINVAL, UNTOUCHED },
		{ "80%", 0, 800 },
		{ "101%", -ERANGE, UNTOUCHED },
		{ "-1", -EINVAL, UNTOUCHED },
		{ "99999999999G", -ERANGE, UNTOUCHED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		__u64 bytes = UNTOUCHED;
		int ret;

		machine = (struct sysinfo){ .totalram = 1000, .mem_unit = 1 };
		ret = mmlimit_parse_swap_max(table[i].text, &bytes);

		if (ret != table[i].ret || bytes != table[i].bytes)
			fail_msg("'%s' is %d and %llu", table[i].text, ret,
				 (unsigned long long)bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read_exactly),
		cmocka_unit_test(what_is_not_a_size_is_refused),
		cmocka_unit_test(
			sizes_beyond_the_largest_limit_are_out_of_range),
		cmocka_unit_test(percent_are_of_the_memory),
		cmocka_unit_test(ranges_of_32_bits_are_kept),
		cmocka_unit_test(sizes_are_written_for_people),
		cmocka_unit_test(durations_are_read_exactly),
		cmocka_unit_test(what_is_not_a_duration_is_refused),
		cmocka_unit_test(
			durations_of_more_than_32_bits_are_out_of_range),
		cmocka_unit_test(
			durations_are_written_so_that_they_can_be_read),
		cmocka_unit_test(thresholds_are_whole_percents_or_off),
		cmocka_unit_test(swap_is_bounded_by_a_size_or_by_none),
	};

	return RUN_GROUP(tests);
}
