/*
 * auto.h - locals that own something, dropped on every way out of their scope.
 */
#ifndef BQ_BASE_AUTO_H
#define BQ_BASE_AUTO_H

/* On leaving the scope calls bq_NAME_drop(&variable), which frees *variable when it isn't NULL. */
#define bq_auto(name) __attribute__((cleanup(bq_##name##_drop)))
/* Hands `pointer` on: its value, and NULL in its place, so that nothing is dropped. */
#define bq_take(pointer)                                                                           \
    __extension__({                                                                                \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

/* bq_auto(fd) int fd = -1; closed unless negative. */
void bq_fd_drop(int *fd);
/* Hands a descriptor on, as bq_take() does a pointer: -1 is left in its place. */
int bq_fd_take(int *fd);
/* bq_auto(memory) char *text = NULL; freed. */
void bq_memory_drop(void *pointer);

#endif
