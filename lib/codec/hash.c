#include "codec/hash.h"

#include <string.h>
#include <sys/auxv.h>

struct sip {
    uint64_t v0;
    uint64_t v1;
    uint64_t v2;
    uint64_t v3;
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static struct sip sip_start(void)
{
    uint64_t key[2] = {0, 0};
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel tells an address as a number */
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);

    if (random) {
        memcpy(key, random, sizeof(key));
    }
    return (struct sip){
        .v0 = key[0] ^ UINT64_C(0x736f6d6570736575),
        .v1 = key[1] ^ UINT64_C(0x646f72616e646f6d),
        .v2 = key[0] ^ UINT64_C(0x6c7967656e657261),
        .v3 = key[1] ^ UINT64_C(0x7465646279746573),
    };
}

static void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

uint64_t bq_keyed_hash(const void *bytes, size_t len)
{
    struct sip s = sip_start();
    const char *at = bytes;
    uint64_t word;
    size_t left = len;

    for (; left >= sizeof(word); left -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        sip_word(&s, word);
        at += sizeof(word);
    }
    word = 0;
    if (left > 0) {
        memcpy(&word, at, left);
    }
    sip_word(&s, word | (uint64_t)len << 56);

    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++) {
        sip_round(&s);
    }
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
