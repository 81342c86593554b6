/*
 * follow.h - children that end with their parent, also when it is killed and
 * can tell nobody: demo has a server, and that has a worker.
 */
#ifndef BM_FOLLOW_H
#define BM_FOLLOW_H

enum { BM_FOLLOW_BYTES = 48 };

/* In the parent: what must be in the environment of a child that is to follow it. */
void bm_follow_variable(char out[BM_FOLLOW_BYTES]);

/*
 * In the child, at its begin: from now on the parent's death is a SIGTERM.
 * Nothing when its parent did not ask for that.
 */
void bm_follow_parent(void);

#endif
