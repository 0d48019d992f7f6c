// SPDX-License-Identifier: GPL-2.0-only
/* The configuration of several files: which are read, and which one counts. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/stat.h>

#include "conf_files.h"

static char folder[] = "/tmp/test_conf_files.XXXXXX";
static char main_path[64], drop_ins[64];
static char why[CONF_WHY_SIZE];
static struct conf_files files;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(main_path, sizeof(main_path), "%s/main.conf", folder);
	snprintf(drop_ins, sizeof(drop_ins), "%s/main.conf.d", folder);
	return mkdir(drop_ins, 0700);
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void write_drop_in(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", drop_ins, name);
	write_file(path, text);
}

static void remove_all(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -f '%s' '%s'/* '%s'/.[a-z]*",
		 main_path, drop_ins, drop_ins);
	assert_int_equal(system(command), 0);
}

static void expect_limit(size_t number, uid_t uid, __u64 bytes,
			 const char *name, unsigned int line)
{
	const struct conf_limit *limit = &files.limits[number];

	assert_true(number < files.limits_count);
	assert_int_equal(limit->attr->uid, uid);
	assert_int_equal(limit->attr->mm_max, bytes);
	assert_string_equal(strrchr(limit->path, '/') + 1, name);
	assert_int_equal(limit->line, line);
}

static void of_several_limits_of_a_user_the_last_one_counts(void **state)
{
	(void)state;
	write_file(main_path, "1 10\n2 20\n3 30\n");
	write_drop_in("20-b.conf", "# none\n2 22\n4 44\n");
	write_drop_in("10-a.conf", "2 21\n3 31\n");
	/* These are not read. */
	write_drop_in("30-c.conf~", "1 99\n");
	write_drop_in(".40-d.conf", "1 99\n");
	write_drop_in("conf", "no configuration\n");
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why), 0);
	assert_int_equal(files.count, 3);
	assert_int_equal(files.limits_count, 4);
	expect_limit(0, 1, 10, "main.conf", 1);
	expect_limit(1, 3, 31, "10-a.conf", 2);
	expect_limit(2, 2, 22, "20-b.conf", 2);
	expect_limit(3, 4, 44, "20-b.conf", 3);
	conf_files_free(&files);

	/* Without a folder the file stands alone. */
	assert_int_equal(conf_files_read(&files, main_path, NULL, why), 0);
	assert_int_equal(files.limits_count, 3);
	conf_files_free(&files);
	remove_all();
}

static void of_settings_the_last_one_counts(void **state)
{
	(void)state;
	write_file(main_path, "[mmlimitd]\ninterval=5s\npolicy=badness\n");
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why), 0);
	assert_int_equal(files.interval_ms, 5000);
	assert_int_equal(files.policy, MM_LIMIT_BADNESS);
	conf_files_free(&files);
	write_drop_in("a.conf", "[mmlimitd]\npolicy=own\n");
	write_drop_in("b.conf", "1 10\n");
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why), 0);
	assert_int_equal(files.interval_ms, 5000);
	assert_int_equal(files.policy, MM_LIMIT_POLICY_OWN);
	conf_files_free(&files);
	write_drop_in("c.conf", "[mmlimitd]\ninterval=7s\n");
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why), 0);
	assert_int_equal(files.interval_ms, 7000);
	assert_int_equal(files.policy, MM_LIMIT_POLICY_OWN);
	conf_files_free(&files);
	remove_all();
}

static void files_need_not_exist_where_there_is_a_folder(void **state)
{
	(void)state;
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why), 0);
	assert_int_equal(files.count, 0);
	assert_int_equal(files.limits_count, 0);
	assert_int_equal(files.policy, MM_LIMIT_POLICY_OWN);
	conf_files_free(&files);
	assert_int_equal(
		conf_files_read(&files, main_path, "/nonexistent", why), 0);
	conf_files_free(&files);
	write_drop_in("a.conf", "1 10\n");
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why), 0);
	assert_int_equal(files.limits_count, 1);
	conf_files_free(&files);
	assert_int_equal(conf_files_read(&files, main_path, NULL, why),
			 -ENOENT);
	assert_non_null(strstr(why, "/main.conf: No such file or directory"));
	conf_files_free(&files);
	remove_all();
}

static void what_is_wrong_is_told_with_file_and_line(void **state)
{
	(void)state;
	write_file(main_path, "1 10\n");
	write_drop_in("a.conf", "2 20\n");
	write_drop_in("b.conf", "3 30\n\n4 1X\n");
	assert_int_equal(conf_files_read(&files, main_path, drop_ins, why),
			 -EINVAL);
	assert_ptr_equal(strstr(why, drop_ins), why);
	assert_string_equal(
		why + strlen(drop_ins),
		"/b.conf:3: '1X' is not a size such as 100M, 1.5GiB or 50%");
	conf_files_free(&files);
	/* The folder is a file. */
	assert_int_equal(conf_files_read(&files, main_path, main_path, why),
			 -ENOTDIR);
	assert_non_null(strstr(why, "/main.conf: Not a directory"));
	conf_files_free(&files);
	remove_all();
}

static void a_dash_is_standard_input(void **state)
{
	static const char text[] = "1 10\n2 1X\n";
	int before = dup(STDIN_FILENO), fd = memfd_create("conf", 0);

	(void)state;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(conf_files_read(&files, "-", NULL, why), -EINVAL);
	assert_ptr_equal(strstr(why, "standard input:2: '1X' is not "), why);
	conf_files_free(&files);
	assert_int_equal(ftruncate(fd, 5), 0);
	assert_int_equal(conf_files_read(&files, "-", NULL, why), 0);
	assert_int_equal(files.limits_count, 1);
	assert_string_equal(files.limits[0].path, "standard input");
	conf_files_free(&files);
	dup2(before, STDIN_FILENO);
	close(before);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			of_several_limits_of_a_user_the_last_one_counts),
		cmocka_unit_test(of_settings_the_last_one_counts),
		cmocka_unit_test(files_need_not_exist_where_there_is_a_folder),
		cmocka_unit_test(what_is_wrong_is_told_with_file_and_line),
		cmocka_unit_test(a_dash_is_standard_input),
	};

	return RUN_GROUP_IN(tests, setup, teardown);
}
