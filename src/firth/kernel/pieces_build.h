/* Building the double array of pieces_trie.h from sorted keys.

   Free units are a ring, so that a place for a node's children is found without looking at those that are taken.
   Children with one parent lie in one block of 256; the ring has the newest blocks only, as older ones are nearly full
   and looking for the last gaps in them would take the most time. */

#ifndef FIRTH_PIECES_BUILD_H
#define FIRTH_PIECES_BUILD_H

#include "pieces_trie.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, OPEN_BLOCKS = 16 };

typedef struct {
    uint32_t before, after; /* in the ring of free units; of a taken one, itself */
    uint8_t taken, leads;   /* is a node; is the `children` of one */
} Place;

/* The keys from..to share `depth` bytes, and these lead to `unit`. */
typedef struct {
    int64_t from, to, depth;
    uint32_t unit;
} Branch;

typedef struct {
    const uint8_t *keys;
    const int64_t *ends; /* where each key ends in `keys` */
    const int32_t *values;
    const float *scores;
    Unit *units;
    int32_t *found;
    Place *places;
    uint32_t count, room, ring; /* `ring`: a free unit, or 0 if none is */
    Branch *stack;
    int64_t height, stack_room;
} Builder;

static inline int grow(void **data, size_t items, size_t width) {
    void *larger = items <= SIZE_MAX / width ? realloc(*data, items * width) : NULL;
    if (!larger) return -1;
    *data = larger;
    return 0;
}

static int make_room(Builder *b) {
    if (b->count + BLOCK <= b->room) return 0;
    size_t room = b->room ? (size_t)b->room * 2 : 4 * BLOCK;
    if (room > MOST_UNITS || grow((void **)&b->units, room, sizeof *b->units) < 0 ||
        grow((void **)&b->found, room, sizeof *b->found) < 0 || grow((void **)&b->places, room, sizeof *b->places) < 0)
        return -1;
    b->room = (uint32_t)room;
    return 0;
}

static void free_unit(Builder *b, uint32_t unit) { /* puts it at the ring's end */
    Place *p = b->places;
    if (!b->ring) b->ring = p[unit].before = p[unit].after = unit;
    uint32_t last = p[b->ring].before;
    p[unit].before = last, p[unit].after = b->ring;
    p[last].after = p[b->ring].before = unit;
}

static void take_unit(Builder *b, uint32_t unit) {
    Place *p = b->places;
    uint32_t after = p[unit].after;
    p[p[unit].before].after = after, p[after].before = p[unit].before;
    if (b->ring == unit) b->ring = after == unit ? 0 : after;
    p[unit].taken = 1;
}

static void close_block(Builder *b, uint32_t first) {
    for (uint32_t i = first; i < first + BLOCK; i++)
        if (!b->places[i].taken) take_unit(b, i);
}

static int add_block(Builder *b) {
    if (make_room(b) < 0) return -1;
    uint32_t first = b->count;
    b->count += BLOCK;
    if (first >= OPEN_BLOCKS * BLOCK) close_block(b, first - OPEN_BLOCKS * BLOCK);
    for (uint32_t i = first; i < b->count; i++) {
        b->units[i].link = 0, b->units[i].score = NAN, b->found[i] = 0;
        memset(&b->places[i], 0, sizeof *b->places);
        if (i != ROOT) free_unit(b, i);
    }
    return 0;
}

static int fits(const Builder *b, uint32_t children, const uint8_t *labels, int many) {
    if (!children || b->places[children].leads) return 0;
    for (int i = 0; i < many; i++)
        if (b->places[children ^ labels[i]].taken) return 0;
    return 1;
}

/* A `children` whose units are free, or 0 if there is no more memory. */
static uint32_t find_children(Builder *b, const uint8_t *labels, int many) {
    uint32_t unit = b->ring;
    while (unit) {
        if (fits(b, unit ^ labels[0], labels, many)) return unit ^ labels[0];
        unit = b->places[unit].after;
        if (unit == b->ring) break;
    }
    uint32_t first = b->count;
    if (add_block(b) < 0) return 0;
    for (unit = first; unit < b->count; unit++)
        if (fits(b, unit ^ labels[0], labels, many)) return unit ^ labels[0];
    return 0; /* not reached: only 255 labels, and the root is in the first block alone */
}

static int push(Builder *b, Branch branch) {
    if (b->height == b->stack_room) {
        int64_t room = b->stack_room ? b->stack_room * 2 : 1024;
        if (grow((void **)&b->stack, (size_t)room, sizeof *b->stack) < 0) return -1;
        b->stack_room = room;
    }
    b->stack[b->height++] = branch;
    return 0;
}

static inline int64_t key_start(const Builder *b, int64_t key) { return key ? b->ends[key - 1] : 0; }

/* The different bytes that follow in the keys of a branch, and the key each begins with. */
static int list_labels(const Builder *b, Branch branch, uint8_t *labels, int64_t *firsts) {
    int many = 0;
    for (int64_t key = branch.from; key < branch.to; key++) {
        uint8_t label = b->keys[key_start(b, key) + branch.depth];
        if (!many || labels[many - 1] != label) labels[many] = label, firsts[many++] = key;
    }
    firsts[many] = branch.to;
    return many;
}

static int add_branch(Builder *b, Branch branch) {
    uint8_t labels[256];
    int64_t firsts[257];
    if (b->ends[branch.from] - key_start(b, branch.from) == branch.depth) { /* the shortest comes first */
        b->units[branch.unit].score = b->scores[branch.from];
        b->found[branch.unit] = b->values[branch.from++];
    }
    int many = list_labels(b, branch, labels, firsts);
    if (!many) return 0;
    uint32_t children = find_children(b, labels, many);
    if (!children) return -1;
    b->places[children].leads = 1;
    b->units[branch.unit].link |= children << 8;
    for (int i = 0; i < many; i++) {
        uint32_t unit = children ^ labels[i];
        take_unit(b, unit);
        b->units[unit].link = labels[i];
    }
    for (int i = many; i-- > 0;)
        if (push(b, (Branch){firsts[i], firsts[i + 1], branch.depth + 1, children ^ labels[i]}) < 0) return -1;
    return 0;
}

/* Fill `units` and `found` with the trie of `keys`, which are sorted, all different and without a zero byte.
   0, or -1 without memory; then too the caller owes free_builder. */
static int build_trie(Builder *b, int64_t keys) {
    if (add_block(b) < 0) return -1;
    b->places[ROOT].taken = 1;
    if (keys && push(b, (Branch){0, keys, 0, ROOT}) < 0) return -1;
    while (b->height)
        if (add_branch(b, b->stack[--b->height]) < 0) return -1;
    return 0;
}

static void free_builder(Builder *b) { free(b->units), free(b->found), free(b->places), free(b->stack); }

#endif
