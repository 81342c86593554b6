/*
 * id.h - the ids of rows: UUIDv7 as text, which grow with time.
 */
#ifndef BM_ID_H
#define BM_ID_H

enum { BM_ID_BYTES = 37 }; /* with its NUL */

#endif
