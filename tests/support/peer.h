/*
 * peer.h - a server on 127.0.0.1 that answers every request with the bytes it
 * was given, whatever they are: for what a real server would never say.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <stddef.h>

enum peer_end {
    PEER_CLOSES, /* after its answer */
    PEER_HOLDS,  /* says nothing more, and keeps the connection open */
    PEER_STAYS,  /* waits for the next request on the connection */
};

struct peer;

/* `answer` is borrowed for the peer's life. */
struct peer *peer_start(const void *answer, size_t len, enum peer_end end);
void peer_stop(struct peer *peer);

/* "http://127.0.0.1:PORT" */
const char *peer_url(const struct peer *peer);
/* Waits until a whole request has been read (10 s, then the test fails); the last one. */
const char *peer_heard(struct peer *peer);
int peer_connections(struct peer *peer);

#endif
