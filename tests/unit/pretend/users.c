// SPDX-License-Identifier: GPL-2.0-only
/* The users and groups of the machine, and who runs the program. */
#define _GNU_SOURCE
#include "pretend.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWD "/etc/passwd"
#define GROUP "/etc/group"

/* The entry of a name, or, if that is NULL, of a number */
static struct passwd *find_user(const char *name, uid_t uid)
{
	FILE *file = pretend_open(PASSWD, "re");
	struct passwd *entry = NULL;

	if (!file)
		return NULL;
	while ((entry = fgetpwent(file)))
		if (name ? !strcmp(entry->pw_name, name) : entry->pw_uid == uid)
			break;
	fclose(file);
	return entry;
}

static struct group *find_group(const char *name, gid_t gid)
{
	FILE *file = pretend_open(GROUP, "re");
	struct group *entry = NULL;

	if (!file)
		return NULL;
	while ((entry = fgetgrent(file)))
		if (name ? !strcmp(entry->gr_name, name) : entry->gr_gid == gid)
			break;
	fclose(file);
	return entry;
}

struct passwd *__wrap_getpwnam(const char *name);
struct passwd *__wrap_getpwnam(const char *name)
{
	return find_user(name, 0);
}

struct passwd *__wrap_getpwuid(uid_t uid);
struct passwd *__wrap_getpwuid(uid_t uid)
{
	return find_user(NULL, uid);
}

struct group *__wrap_getgrnam(const char *name);
struct group *__wrap_getgrnam(const char *name)
{
	return find_group(name, 0);
}

struct group *__wrap_getgrgid(gid_t gid);
struct group *__wrap_getgrgid(gid_t gid)
{
	return find_group(NULL, gid);
}

/* The library wants no more of it than the number. */
int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *room,
		      size_t size, struct passwd **found);
int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *room,
		      size_t size, struct passwd **found)
{
	const struct passwd *user = find_user(name, 0);

	(void)room;
	(void)size;
	*found = NULL;
	if (!user)
		return 0;
	*entry = *user;
	*found = entry;
	return 0;
}

static FILE *all_users;

void __wrap_setpwent(void);
void __wrap_setpwent(void)
{
	all_users = pretend_open(PASSWD, "re");
}

struct passwd *__wrap_getpwent(void);
struct passwd *__wrap_getpwent(void)
{
	return all_users ? fgetpwent(all_users) : NULL;
}

void __wrap_endpwent(void);
void __wrap_endpwent(void)
{
	if (all_users)
		fclose(all_users);
	all_users = NULL;
}

uid_t pretend_uid(void)
{
	const char *uid = getenv("MM_UID");

	return uid ? strtoul(uid, NULL, 10) : 0;
}

void pretend_become(uid_t uid)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", uid);
	setenv("MM_UID", text, 1);
}

uid_t __wrap_getuid(void);
uid_t __wrap_getuid(void)
{
	return pretend_uid();
}

int __wrap_setuid(uid_t uid);
int __wrap_setuid(uid_t uid)
{
	if (pretend_fails("setuid"))
		return -1;
	pretend_become(uid);
	return 0;
}

int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved);
int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	(void)effective;
	(void)saved;
	if (pretend_fails("setresuid"))
		return -1;
	pretend_become(real);
	return 0;
}

/* Whoever is executed finds its groups in MM_GID and MM_GROUPS_OF. */
int __wrap_setgid(gid_t gid);
int __wrap_setgid(gid_t gid)
{
	char text[16];

	if (pretend_fails("setgid"))
		return -1;
	snprintf(text, sizeof(text), "%u", gid);
	return setenv("MM_GID", text, 1);
}

int __wrap_initgroups(const char *user, gid_t gid);
int __wrap_initgroups(const char *user, gid_t gid)
{
	(void)gid;
	return pretend_fails("initgroups") ? -1 :
					     setenv("MM_GROUPS_OF", user, 1);
}

int __wrap_setgroups(size_t count, const gid_t *groups);
int __wrap_setgroups(size_t count, const gid_t *groups)
{
	(void)count;
	(void)groups;
	return pretend_fails("setgroups") ? -1 : setenv("MM_GROUPS_OF", "", 1);
}
