// SPDX-License-Identifier: GPL-2.0-only
/* mutate: what becomes a mutant, what does not, and in which order */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mutate.h"

static struct mutants made(const char *source)
{
	struct mutants mutants = { 0 };
	struct tokens tokens;

	tokens_read(&tokens, source);
	mutants_make(&mutants, &tokens, 0);
	tokens_free(&tokens);
	return mutants;
}

/* Is there a mutant that makes @to of the statement in a function, by @operator? */
static bool has(const char *statement, const char *operator, const char * to)
{
	char source[512];
	char wanted[512];
	struct mutants mutants;
	bool found = false;
	size_t i;

	snprintf(source, sizeof(source), "int f(void)\n{\n\t%s\n}\n",
		 statement);
	snprintf(wanted, sizeof(wanted), "int f(void)\n{\n\t%s\n}\n", to);
	mutants = made(source);
	for (i = 0; i < mutants.count; i++) {
		char *changed = mutant_apply(source, &mutants.list[i]);

		if (!strcmp(changed, wanted) &&
		    !strcmp(mutants.list[i].operator, operator))
			found = true;
		free(changed);
	}
	mutants_free(&mutants);
	return found;
}

/* How many mutants of @operator that statement has; NULL: all */
static size_t count(const char *statement, const char *operator)
{
	char source[512];
	struct mutants mutants;
	size_t number = 0;
	size_t i;

	snprintf(source, sizeof(source), "int f(void)\n{\n\t%s\n}\n",
		 statement);
	mutants = made(source);
	for (i = 0; i < mutants.count; i++)
		number +=
			!operator|| !strcmp(mutants.list[i].operator, operator);
	mutants_free(&mutants);
	return number;
}

static void each_operator_makes_its_change(void **state)
{
	static const char *const changes[][3] = {
		{ "x = a > 0;", "relation", "x = a >= 0;" },
		{ "x = a > 0;", "relation", "x = a <= 0;" },
		{ "x = a == b;", "relation", "x = a != b;" },
		{ "x = a && b;", "logic", "x = a || b;" },
		{ "x = a + b;", "arithmetic", "x = a - b;" },
		{ "x += a;", "arithmetic", "x -= a;" },
		{ "x++;", "arithmetic", "x--;" },
		{ "x--;", "arithmetic", "x++;" },
		{ "x = 5UL;", "constant", "x = 6UL;" },
		{ "x = 5UL;", "constant", "x = 4UL;" },
		{ "x = 5UL;", "constant", "x = 0UL;" },
		{ "x = true;", "constant", "x = false;" },
		{ "if (a)\n\t\tb();", "condition", "if (!(a))\n\t\tb();" },
		{ "if (a)\n\t\tb();", "never", "if ((a) && 0)\n\t\tb();" },
		{ "if (a)\n\t\tb();", "always", "if ((a) || 1)\n\t\tb();" },
		{ "if (a)\n\t\tb();", "statement", "if (a)\n\t\t(void)0;" },
		{ "while (a(b))\n\t\tc();", "condition",
		  "while (!(a(b)))\n\t\tc();" },
		{ "each(p)\n\t\tc(p);", "statement", "each(p)\n\t\t(void)0;" },
		{ "*p = a(1,\n\t\t2);", "statement", "(void)0;" },
		{ "goto out;", "statement", "(void)0;" },
		{ "smp_mb();", "barrier", "(void)0;" },
		{ "smp_store_release(&a, b);", "barrier",
		  "WRITE_ONCE(&a, b);" },
		{ "x = READ_ONCE(a);", "once", "x = (a);" },
		{ "lockdep_assert_held(&a);", "assertion", "(void)0;" },
		{ "lockdep_set_class(&a, &b);", "statement", "(void)0;" },
		{ "return a ? -EINVAL : b;", "return", "return 0;" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		if (!has(changes[i][0], changes[i][1], changes[i][2]))
			fail_msg("%s: %s does not become %s", changes[i][1],
				 changes[i][0], changes[i][2]);
	}
}

static void what_is_no_operation_stays(void **state)
{
	(void)state;
	/* pointers, addresses, signs */
	assert_int_equal(count("x = *a;", "arithmetic"), 0);
	assert_int_equal(count("x(&a, -b);", "arithmetic"), 0);
	assert_int_equal(count("struct a *b;", NULL), 0);
	assert_int_equal(count("a->b = c;", "relation"), 0);
	/* declarations, and what is not a statement of its own */
	assert_int_equal(count("unsigned int a = b;", "statement"), 0);
	assert_int_equal(count("kuid_t a = b;", "statement"), 0);
	assert_int_equal(count("out:", NULL), 0);
	assert_int_equal(count("for (a = b; c; d())\n\t\t;", "statement"), 0);
	/* what would change nothing */
	assert_int_equal(count("return 0;", "return"), 0);
	/* comments, strings, characters, directives */
	assert_int_equal(count("/* a > 0 */ // b + 1", NULL), 0);
	assert_int_equal(count("a(\"b > 0\", '1');", NULL), 1);
	assert_int_equal(count("\n#if A > 0 && \\\n\tB > 1\n#endif\n", NULL),
			 0);
}

static void only_bodies_of_functions_change(void **state)
{
	struct mutants mutants =
		made("static int a = 5;\n"
		     "struct b {\n\tint c[5];\n};\n"
		     "static const struct b d = {\n\t.c = { 1 + 2 },\n};\n"
		     "int f(int a)\n{\n\treturn a;\n}\n"
		     "static int e[] = { 7 };\n");

	(void)state;
	assert_int_equal(mutants.count, 1);
	assert_int_equal(mutants.list[0].line, 10);
	mutants_free(&mutants);
}

static const char body[] = "int f(int a)\n{\n"
			   "\tif (a > 10 && a < 20)\n\t\ta++;\n"
			   "\tg(a + 1);\n\treturn a == 5;\n}\n";

static void the_same_seed_gives_the_same_order(void **state)
{
	struct mutants a = made(body);
	struct mutants b = made(body);
	struct mutants c = made(body);
	bool differ = false;
	size_t i;

	(void)state;
	mutants_shuffle(&a, 7);
	mutants_shuffle(&b, 7);
	mutants_shuffle(&c, 8);
	for (i = 0; i < a.count; i++) {
		assert_int_equal(a.list[i].place, b.list[i].place);
		assert_string_equal(a.list[i].text, b.list[i].text);
		differ |= a.list[i].place != c.list[i].place ||
			  strcmp(a.list[i].text, c.list[i].text);
	}
	assert_true(differ);
	mutants_free(&a);
	mutants_free(&b);
	mutants_free(&c);
}

/* However many mutants a place has: none has its second before all had one. */
static void each_place_has_its_turn_before_any_has_two(void **state)
{
	struct mutants mutants = made(body);
	size_t places = 0;
	size_t i;
	size_t j;

	(void)state;
	for (i = 0; i < mutants.count; i++) {
		for (j = 0; j < i; j++) {
			if (mutants.list[j].place == mutants.list[i].place)
				break;
		}
		places += i == j;
	}
	assert_true(places > 5 && places < mutants.count);
	mutants_shuffle(&mutants, 1);
	for (i = 0; i < places; i++) {
		for (j = 0; j < i; j++)
			assert_int_not_equal(mutants.list[j].place,
					     mutants.list[i].place);
	}
	mutants_free(&mutants);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operator_makes_its_change),
		cmocka_unit_test(what_is_no_operation_stays),
		cmocka_unit_test(only_bodies_of_functions_change),
		cmocka_unit_test(the_same_seed_gives_the_same_order),
		cmocka_unit_test(each_place_has_its_turn_before_any_has_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
