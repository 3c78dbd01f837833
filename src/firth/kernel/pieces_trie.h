/* A trie as a double array: which keys stand at the beginning of a text, and what belongs to them.

   The node that a byte leads to lies at `children ^ byte` and bears that byte as its label; no two nodes have the same
   `children`, so a label alone tells whose child a unit is. Aoe 1989, doi:10.1109/32.31365, with one array in place of
   two as in Yata's darts-clone. */

#ifndef FIRTH_PIECES_TRIE_H
#define FIRTH_PIECES_TRIE_H

#include <stdint.h>

typedef struct {
    uint32_t link; /* children << 8 | label; children 0: it has none */
    float score;   /* not a number: no key ends here */
} Unit;

typedef struct {
    const Unit *units;
    const int32_t *values; /* of the key that ends at a unit */
    uint32_t count;
} Trie;

enum { ROOT = 0, MOST_UNITS = 1 << 24 };

/* The node behind `node` and `byte`, or ROOT where there is none. */
static inline uint32_t trie_step(const Trie *trie, uint32_t node, uint8_t byte) {
    uint32_t next = (trie->units[node].link >> 8) ^ byte;
    return next < trie->count && byte && (trie->units[next].link & 0xFF) == byte ? next : ROOT;
}

static inline int trie_ends(const Trie *trie, uint32_t node) {
    return trie->units[node].score == trie->units[node].score;
}

/* How many bytes the longest key has that the text begins with; 0 if there is none. */
static inline int64_t longest_key(const Trie *trie, const uint8_t *text, int64_t size) {
    int64_t longest = 0;
    uint32_t node = ROOT;
    for (int64_t i = 0; i < size; i++) {
        node = trie_step(trie, node, text[i]);
        if (node == ROOT) break;
        if (trie_ends(trie, node)) longest = i + 1;
    }
    return longest;
}

#endif
