// SPDX-License-Identifier: GPL-2.0-only
/*
 * junit.xml, as CI systems read it: a suite is a testsuite, a run of it from
 * the second on one named NAME.runN; times are the guest's.
 */
#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "report.h"

#define X(string) ((const xmlChar *)(string))

/* The writer returns -1 once it failed; it is enough to see that at the end. */
static int attribute(xmlTextWriterPtr writer, const char *name,
		     const char *value)
{
	return xmlTextWriterWriteAttribute(writer, X(name), X(value));
}

static int number(xmlTextWriterPtr writer, const char *name, size_t value)
{
	return xmlTextWriterWriteFormatAttribute(writer, X(name), "%zu", value);
}

static int seconds(xmlTextWriterPtr writer, uint64_t usec)
{
	return xmlTextWriterWriteFormatAttribute(writer, X("time"), "%.6f",
						 usec / 1e6);
}

static int property(xmlTextWriterPtr writer, const char *name,
		    const char *value)
{
	int bad = 0;

	bad |= xmlTextWriterStartElement(writer, X("property"));
	bad |= attribute(writer, "name", name);
	bad |= attribute(writer, "value", value);
	return bad | xmlTextWriterEndElement(writer);
}

static int write_case(xmlTextWriterPtr writer, const struct job *job,
		      const struct test_case *test)
{
	int bad = 0;

	bad |= xmlTextWriterStartElement(writer, X("testcase"));
	bad |= attribute(writer, "classname", text_string(&job->name));
	bad |= attribute(writer, "name", test->name);
	bad |= seconds(writer, test->usec);
	if (test->status == CASE_FAILED) {
		bad |= xmlTextWriterStartElement(writer, X("failure"));
		bad |= attribute(writer, "type", outcome_name(job->outcome));
		bad |= attribute(writer, "message", test->message);
		bad |= xmlTextWriterWriteString(writer, X(test->detail));
		bad |= xmlTextWriterEndElement(writer);
	} else if (test->status == CASE_SKIPPED) {
		bad |= xmlTextWriterStartElement(writer, X("skipped"));
		bad |= attribute(writer, "message", test->message);
		bad |= xmlTextWriterEndElement(writer);
	}
	return bad | xmlTextWriterEndElement(writer);
}

static int write_properties(xmlTextWriterPtr writer,
			    const struct report *report, const struct job *job)
{
	struct text command = { 0 };
	char value[32];
	int bad = 0;

	bad |= xmlTextWriterStartElement(writer, X("properties"));
	bad |= property(writer, "outcome", outcome_name(job->outcome));
	bad |= property(writer, "board", report->options->board);
	bad |= property(writer, "kernel", report->options->kernel);
	snprintf(value, sizeof(value), "%u", job->seed);
	bad |= property(writer, "seed", value);
	snprintf(value, sizeof(value), "%u", job->shift);
	bad |= property(writer, "shift", value);
	report_rerun(report, job, NULL, &command);
	bad |= property(writer, "rerun", text_string(&command));
	if (command.failed)
		bad = -1;
	text_free(&command);
	return bad | xmlTextWriterEndElement(writer);
}

static int write_suite(xmlTextWriterPtr writer, const struct report *report,
		       const struct job *job)
{
	uint64_t usec = 0;
	int bad = 0;
	size_t i;

	for (i = 0; i < job->cases.count; i++)
		usec += job->cases.cases[i].usec;
	bad |= xmlTextWriterStartElement(writer, X("testsuite"));
	bad |= attribute(writer, "name", text_string(&job->name));
	bad |= number(writer, "tests", job->cases.count);
	bad |= number(writer, "failures",
		      cases_count(&job->cases, CASE_FAILED));
	bad |= number(writer, "errors", 0);
	bad |= number(writer, "skipped",
		      cases_count(&job->cases, CASE_SKIPPED));
	bad |= seconds(writer, usec);
	bad |= write_properties(writer, report, job);
	for (i = 0; i < job->cases.count; i++)
		bad |= write_case(writer, job, &job->cases.cases[i]);
	return bad | xmlTextWriterEndElement(writer);
}

static int write_report(xmlTextWriterPtr writer, const struct report *report)
{
	int bad = 0;
	size_t i;

	bad |= xmlTextWriterSetIndent(writer, 1);
	bad |= xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
	bad |= xmlTextWriterStartElement(writer, X("testsuites"));
	bad |= attribute(writer, "name", "mm_limit");
	bad |= number(writer, "tests",
		      report->passed + report->failed + report->skipped);
	bad |= number(writer, "failures", report->failed);
	bad |= number(writer, "errors", 0);
	bad |= number(writer, "skipped", report->skipped);
	for (i = 0; i < report->count; i++)
		bad |= write_suite(writer, report, &report->jobs[i]);
	bad |= xmlTextWriterEndDocument(writer);
	return bad | xmlTextWriterFlush(writer);
}

int junit_write(const struct report *report, const char *path, struct text *why)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	xmlTextWriterPtr writer = NULL;
	int bad = -1;
	int ret;

	if (buffer)
		writer = xmlNewTextWriterMemory(buffer, 0);
	if (writer) {
		bad = write_report(writer, report);
		xmlFreeTextWriter(writer);
	}
	if (bad < 0) {
		text_printf(why, "%s: memory ran out", path);
		ret = -ENOMEM;
	} else {
		ret = file_write(path, (const char *)xmlBufferContent(buffer),
				 xmlBufferLength(buffer), why);
	}
	if (buffer)
		xmlBufferFree(buffer);
	return ret;
}
