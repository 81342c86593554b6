/*
 * shipped.h - files that are embedded in the program, so that
 * one binary is enough. Not ended by a NUL.
 */
#ifndef BM_SHIPPED_H
#define BM_SHIPPED_H

/*
 * examples/facts.csv: url,title,channel,duration_seconds,published,language,tags
 * (tags with "|" between)
 */
extern const char bm_shipped_facts[];
extern const char bm_shipped_facts_end[];

/* examples/sample-list.csv: url */
extern const char bm_shipped_sample[];
extern const char bm_shipped_sample_end[];

/* talks.json: a list of fields, see templates.h */
extern const char bm_shipped_talks[];
extern const char bm_shipped_talks_end[];

#endif
