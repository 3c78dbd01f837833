/* A tokenizer's tables as firth.kernel.pieces packs them: one file, mapped into memory. */

#ifndef FIRTH_PIECES_TABLES_H
#define FIRTH_PIECES_TABLES_H

#include "pieces_trie.h"

#include <string.h>

enum { TABLES_VERSION = 1, TABLES_ALIGNMENT = 64 };
enum { DUMMY_PREFIX = 1, EXTRA_SPACES_GO = 2, SPACES_ARE_ESCAPED = 4 };

/* The file's head; behind it the units and the values of both tries, the rules and their strings, each begun at a
   multiple of 64. */
typedef struct {
    uint32_t version, flags;
    uint64_t size; /* of the whole file */
    uint32_t pieces, verbatim, rules; /* units */
    uint32_t strings;                 /* bytes */
    int32_t unknown;
    float unknown_score;
} TablesHead;

typedef struct {
    Trie pieces, verbatim;  /* verbatim: what stays as it is, and whole */
    const uint32_t *rules;  /* what is replaced: a double array as darts-clone writes it */
    const uint8_t *strings; /* what it is replaced by, each ended by a zero; the array has their places */
    uint32_t rules_count, strings_size, flags;
    int32_t unknown;
    float unknown_score;
} Tables;

static inline const void *take_section(const uint8_t *data, uint64_t *at, uint64_t items, size_t width) {
    const uint8_t *start = data + *at;
    *at += (items * width + TABLES_ALIGNMENT - 1) / TABLES_ALIGNMENT * TABLES_ALIGNMENT;
    return start;
}

static inline void take_trie(const uint8_t *data, uint64_t *at, uint32_t count, Trie *trie) {
    trie->count = count;
    trie->units = take_section(data, at, count, sizeof(Unit));
    trie->values = take_section(data, at, count, sizeof(int32_t));
}

/* 0, or -1 if these are no tables of this version, or not all of them. What the units say is checked when read. */
static int take_tables(const uint8_t *data, uint64_t size, Tables *tables) {
    TablesHead head;
    uint64_t at = TABLES_ALIGNMENT;
    if (size < TABLES_ALIGNMENT) return -1;
    memcpy(&head, data, sizeof head);
    if (head.version != TABLES_VERSION || head.size != size) return -1;
    if (!head.pieces || !head.verbatim || !head.strings) return -1;
    take_trie(data, &at, head.pieces, &tables->pieces);
    take_trie(data, &at, head.verbatim, &tables->verbatim);
    tables->rules = take_section(data, &at, head.rules, sizeof(uint32_t));
    tables->strings = take_section(data, &at, head.strings, 1);
    if (at != size || tables->strings[head.strings - 1] != 0) return -1;
    tables->rules_count = head.rules, tables->strings_size = head.strings, tables->flags = head.flags;
    tables->unknown = head.unknown, tables->unknown_score = head.unknown_score;
    return 0;
}

#endif
