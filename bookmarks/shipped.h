/*
 * shipped.h - files that are embedded in the program, so that
 * one binary is enough. Ended by a NUL, which is not counted.
 */
#ifndef BM_SHIPPED_H
#define BM_SHIPPED_H

#include "http/assets.h"

/*
 * examples/facts.csv: url,title,channel,duration_seconds,published,language,tags
 * (tags with "|" between)
 */
extern const char bm_shipped_facts[];
extern const char bm_shipped_facts_end[];

/* examples/sample-list.csv: url */
extern const char bm_shipped_sample[];
extern const char bm_shipped_sample_end[];

/* templates.json: see templates.h */
extern const char bm_shipped_templates[];
extern const char bm_shipped_templates_end[];

/* store/tables: the SQL from one version of the tables to the next */
extern const char bm_shipped_tables_1[];
extern const char bm_shipped_tables_2[];
extern const char bm_shipped_tables_3[];
extern const char bm_shipped_tables_3_sqlite[];
extern const char bm_shipped_tables_3_postgresql[];
extern const char bm_shipped_tables_4[];
extern const char bm_shipped_tables_5_postgresql[];

/* The API's description: made by tools/openapi, for programs and for people. */
extern const char bm_shipped_openapi[];
extern const char bm_shipped_openapi_end[];
extern const char bm_shipped_docs[];
extern const char bm_shipped_docs_end[];
extern const char bm_shipped_docs_css[];
extern const char bm_shipped_docs_css_end[];

/* page/, as Vite has built it: made by tools/page. */
extern const struct bq_http_asset bm_shipped_page[];

#endif
