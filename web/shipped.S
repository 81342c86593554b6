#include "web_shipped_stamp.h" /* empty: see meson.build */

/* The assembler finds the files through -I. */
    .section .rodata

    .global bw_shipped_openapi, bw_shipped_openapi_end
    .hidden bw_shipped_openapi, bw_shipped_openapi_end
bw_shipped_openapi:
    .incbin "web/openapi.json"
bw_shipped_openapi_end:
    .byte 0

    .section .note.GNU-stack, "", @progbits
