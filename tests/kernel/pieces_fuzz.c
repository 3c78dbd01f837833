/* A fuzz target: the tokenizer on any text and any tables, which may be damaged, in rooms that fit to the byte.

   With clang's fuzzer, from the root of the checkout, for as long as one likes:

       clang -g -O1 -fsanitize=fuzzer,address,undefined -Isrc/firth/kernel tests/kernel/pieces_fuzz.c -lm \
           -o /tmp/fuzz && /tmp/fuzz

   With gcc, which has none, -DSTANDALONE feeds it what chance gives: /tmp/fuzz ROUNDS SEED.
   test_pieces_sanitized.py runs it so. */

#include "fuzz_input.h"
#include "pieces_build.h"
#include "pieces_path.h"

enum { MOST_KEYS = 24, LONGEST_KEY = 5, MOST_RULES = 256, MOST_STRINGS = 16 };

typedef struct {
    uint8_t bytes[MOST_KEYS * LONGEST_KEY];
    int64_t ends[MOST_KEYS];
    int32_t values[MOST_KEYS];
    float scores[MOST_KEYS];
    int64_t count, size;
} Keys;

static int compare_keys(const void *a, const void *b) { return strcmp(a, b); }

/* Keys of few letters, so that they share beginnings and a text has many of them. */
static Keys draw_keys(Input *input) {
    char drawn[MOST_KEYS][LONGEST_KEY + 1] = {{0}};
    Keys keys = {.count = 0};
    int many = draw(input, MOST_KEYS + 1);
    for (int i = 0; i < many; i++)
        for (int j = 1 + draw(input, LONGEST_KEY); j-- > 0;) drawn[i][j] = "abc\xE2\x96\x81\xC3\xA9"[draw(input, 8)];
    qsort(drawn, (size_t)many, sizeof *drawn, compare_keys);
    for (int i = 0; i < many; i++) {
        int64_t size = (int64_t)strlen(drawn[i]);
        if (i && !strcmp(drawn[i], drawn[i - 1])) continue;
        memcpy(keys.bytes + keys.size, drawn[i], (size_t)size);
        keys.ends[keys.count] = keys.size += size;
        keys.values[keys.count] = (int32_t)keys.count + 1;
        keys.scores[keys.count++] = (float)-draw(input, 256) * (draw(input, 4) ? 1 : 1000);
    }
    return keys;
}

static Builder built(const Keys *keys) {
    Builder b = {.keys = keys->bytes, .ends = keys->ends, .values = keys->values, .scores = keys->scores};
    if (build_trie(&b, keys->count) < 0) abort();
    for (int64_t i = 0, start = 0; i < keys->count; start = keys->ends[i++]) { /* every key is found as it is */
        Trie trie = {b.units, b.found, b.count};
        uint32_t node = ROOT;
        for (int64_t at = start; at < keys->ends[i]; at++) node = trie_step(&trie, node, keys->bytes[at]);
        if (node == ROOT || trie.values[node] != keys->values[i]) abort();
    }
    return b;
}

/* The arrays of a trie in rooms of their own, a few bytes of them perhaps wrong. */
static Trie placed(Builder *b, Input *input) {
    Unit *units = malloc(b->count * sizeof *units);
    int32_t *values = malloc(b->count * sizeof *values);
    memcpy(units, b->units, b->count * sizeof *units), memcpy(values, b->found, b->count * sizeof *values);
    for (int wrong = draw(input, 8) ? 0 : draw(input, 16); wrong-- > 0;)
        ((uint8_t *)units)[(size_t)draw(input, 256) * 8 % (b->count * sizeof *units) + (size_t)draw(input, 4)] =
            (uint8_t)draw(input, 256);
    Trie trie = {units, values, b->count};
    free_builder(b);
    return trie;
}

static uint8_t *copied(Input *input, size_t size, int text) {
    uint8_t *room = malloc(size ? size : 1);
    for (size_t i = 0; i < size; i++)
        room[i] = (uint8_t)(text ? "abc \xE2\x96\x81\xC3"[draw(input, 8)] : draw(input, 256));
    return room;
}

/* Rules that lead somewhere more often than chance would have it. */
static uint32_t *draw_rules(Input *input, uint32_t count) {
    uint32_t *rules = malloc(count ? count * sizeof *rules : 1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t label = (uint8_t)"abc \xE2\x96\x81\xC3"[draw(input, 8)], ends = (uint32_t)draw(input, 2);
        rules[i] = draw(input, 3) ? label | ends << 8 | (uint32_t)draw(input, 256) << 10 : (uint32_t)draw(input, 24);
    }
    return rules;
}

static void try_tables(const Tables *tables, Input *input) {
    Work work = {.placed = draw(input, 2)};
    for (int texts = 1 + draw(input, 3); texts-- > 0;) {
        size_t size = (size_t)draw(input, 200);
        uint8_t *text = copied(input, size, draw(input, 4));
        if (normalize(tables, text, (int64_t)size, &work) < 0 || find_path(tables, &work) < 0) abort();
        free(text);
    }
    free_work(&work);
}

/* Bytes that say they are a file of tables. */
static void try_file(Input *input) {
    size_t size = 64 * (size_t)draw(input, 12) + (size_t)(draw(input, 4) ? 0 : draw(input, 64));
    uint8_t *file = copied(input, size, 0);
    TablesHead head = {.version = 1, .size = size, .pieces = 1 + (uint32_t)draw(input, 20), .verbatim = 1};
    head.rules = (uint32_t)draw(input, 40), head.strings = 1 + (uint32_t)draw(input, 64);
    head.flags = (uint32_t)draw(input, 8);
    if (size >= sizeof head) memset(file + size - sizeof head, 0, sizeof head), memcpy(file, &head, sizeof head);
    Tables tables;
    if (take_tables(file, size, &tables) == 0) try_tables(&tables, input);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input = {data, size};
    if (draw(&input, 4) == 0) {
        try_file(&input);
        return 0;
    }
    Tables tables = {.flags = (uint32_t)draw(&input, 8), .unknown = 0, .unknown_score = -300};
    Keys pieces = draw_keys(&input), verbatim = draw_keys(&input);
    Builder first = built(&pieces), second = built(&verbatim);
    tables.pieces = placed(&first, &input), tables.verbatim = placed(&second, &input);
    tables.rules_count = (uint32_t)draw(&input, MOST_RULES);
    tables.strings_size = 1 + (uint32_t)draw(&input, MOST_STRINGS);
    uint8_t *strings = copied(&input, tables.strings_size, 0);
    uint32_t *rules = draw_rules(&input, tables.rules_count);
    strings[tables.strings_size - 1] = 0;
    tables.strings = strings, tables.rules = rules;
    try_tables(&tables, &input);
    free(strings), free(rules);
    free((void *)tables.pieces.units), free((void *)tables.pieces.values);
    free((void *)tables.verbatim.units), free((void *)tables.verbatim.values);
    return 0;
}

#ifdef STANDALONE
#define MOST 2048
#include "fuzz_alone.h"
#endif
