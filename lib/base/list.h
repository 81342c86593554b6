/*
 * list.h - a doubly linked list through its members, which own their link.
 */
#ifndef BQ_BASE_LIST_H
#define BQ_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct bq_list {
    struct bq_list *next;
    struct bq_list *prev;
};

/* The struct of `type` whose member `link` is at `pointer`. */
#define bq_list_owner(pointer, type, link)                                                         \
    ((type *)(void *)((char *)(pointer)-offsetof(type, link)))
/* `at` may be taken out within the loop, nothing else. */
#define bq_list_each(at, list)                                                                     \
    for (struct bq_list *at = (list)->next, *next_of_##at = at->next; at != (list);                \
         at = next_of_##at, next_of_##at = at->next)

static inline void bq_list_init(struct bq_list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool bq_list_empty(const struct bq_list *list)
{
    return list->next == list;
}

/* To the end. */
static inline void bq_list_add(struct bq_list *list, struct bq_list *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

/* To the front. */
static inline void bq_list_push(struct bq_list *list, struct bq_list *link)
{
    bq_list_add(list->next, link);
}

static inline void bq_list_remove(struct bq_list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    bq_list_init(link);
}

/* The first one, taken out; NULL when empty. */
static inline struct bq_list *bq_list_shift(struct bq_list *list)
{
    struct bq_list *first = list->next;

    if (first == list) {
        return NULL;
    }
    bq_list_remove(first);
    return first;
}

#endif
