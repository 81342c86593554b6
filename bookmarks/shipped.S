#include "shipped_stamp.h" /* empty: see meson.build */

/* The assembler finds the files through -I, in examples and here. */
    .section .rodata

    .global bm_shipped_facts, bm_shipped_facts_end
    .hidden bm_shipped_facts, bm_shipped_facts_end
bm_shipped_facts:
    .incbin "facts.csv"
bm_shipped_facts_end:
    .byte 0

    .global bm_shipped_sample, bm_shipped_sample_end
    .hidden bm_shipped_sample, bm_shipped_sample_end
bm_shipped_sample:
    .incbin "sample-list.csv"
bm_shipped_sample_end:
    .byte 0

    .global bm_shipped_templates, bm_shipped_templates_end
    .hidden bm_shipped_templates, bm_shipped_templates_end
bm_shipped_templates:
    .incbin "fields/templates.json"
bm_shipped_templates_end:
    .byte 0

    .global bm_shipped_tables_1
    .hidden bm_shipped_tables_1
bm_shipped_tables_1:
    .incbin "store/tables/1.sql"
    .byte 0

    .global bm_shipped_tables_2
    .hidden bm_shipped_tables_2
bm_shipped_tables_2:
    .incbin "store/tables/2.sql"
    .byte 0

    .global bm_shipped_tables_3
    .hidden bm_shipped_tables_3
bm_shipped_tables_3:
    .incbin "store/tables/3.sql"
    .byte 0

    .global bm_shipped_tables_3_sqlite
    .hidden bm_shipped_tables_3_sqlite
bm_shipped_tables_3_sqlite:
    .incbin "store/tables/3_sqlite.sql"
    .byte 0

    .global bm_shipped_tables_3_postgresql
    .hidden bm_shipped_tables_3_postgresql
bm_shipped_tables_3_postgresql:
    .incbin "store/tables/3_postgresql.sql"
    .byte 0

    .global bm_shipped_tables_4
    .hidden bm_shipped_tables_4
bm_shipped_tables_4:
    .incbin "store/tables/4.sql"
    .byte 0

    .global bm_shipped_tables_5_postgresql
    .hidden bm_shipped_tables_5_postgresql
bm_shipped_tables_5_postgresql:
    .incbin "store/tables/5_postgresql.sql"
    .byte 0

    .global bm_shipped_openapi, bm_shipped_openapi_end
    .hidden bm_shipped_openapi, bm_shipped_openapi_end
bm_shipped_openapi:
    .incbin "openapi.json"
bm_shipped_openapi_end:
    .byte 0

    .global bm_shipped_docs, bm_shipped_docs_end
    .hidden bm_shipped_docs, bm_shipped_docs_end
bm_shipped_docs:
    .incbin "docs.html"
bm_shipped_docs_end:
    .byte 0

    .global bm_shipped_docs_css, bm_shipped_docs_css_end
    .hidden bm_shipped_docs_css, bm_shipped_docs_css_end
bm_shipped_docs_css:
    .incbin "api/openapi/docs.css"
bm_shipped_docs_css_end:
    .byte 0

    .section .note.GNU-stack, "", @progbits
