/*
 * Any bytes for the MessagePack reader and for what reads jobs and results.
 *
 *     clang -fsanitize=fuzzer,address,undefined ...
 */
#include "fuzz/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    try_codec(&bq_codec_msgpack, bytes, len);
    return 0;
}
