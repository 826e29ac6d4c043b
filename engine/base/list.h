/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/list.h - intrusive circular doubly linked list.
 *
 * Owner:     a node lives inside its object; the list owns nothing.
 * Thread:    the owner's.
 * Errors:    none.
 * Invariant: a node is in one list or points to itself (cw_list_init).
 */
#ifndef CW_ENGINE_BASE_LIST_H
#define CW_ENGINE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct cw_list {
    struct cw_list *next;
    struct cw_list *prev;
};

/* The object that holds node as its given member. */
#define CW_LIST_OWNER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* The body may remove at, but no other node. */
#define CW_LIST_EACH(at, list)                                                   \
    for (struct cw_list *at = (list)->next, *at##_next = at->next; at != (list); \
         at = at##_next, at##_next = at->next)

static inline void cw_list_init(struct cw_list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool cw_list_is_empty(const struct cw_list *list)
{
    return list->next == list;
}

static inline void cw_list_append(struct cw_list *list, struct cw_list *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/* A node in no list stays as it is. */
static inline void cw_list_remove(struct cw_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    cw_list_init(node);
}

#endif
