/*
 * hash.h - a keyed hash, for tables whose keys come from outside.
 */
#ifndef BQ_CODEC_HASH_H
#define BQ_CODEC_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012) under the 16 random bytes that the kernel gives each
 * process when it starts it: nobody outside can tell which keys collide, and nothing has to be set up.
 */
uint64_t bq_keyed_hash(const void *bytes, size_t len);

#endif
