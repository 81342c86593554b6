/*
 * shipped.h - files that are embedded in the program. Ended by a NUL, which is not counted.
 */
#ifndef BW_SHIPPED_H
#define BW_SHIPPED_H

extern const char bw_shipped_openapi[];
extern const char bw_shipped_openapi_end[];

#endif
