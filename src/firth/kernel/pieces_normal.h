/* A text as the model was trained to see it: rules replace characters, extra spaces go, spaces become U+2581.

   Byte for byte what SentencePiece's normalizer makes of the same tables. */

#ifndef FIRTH_PIECES_NORMAL_H
#define FIRTH_PIECES_NORMAL_H

#include "pieces_room.h"
#include "pieces_tables.h"

static const uint8_t ESCAPED[3] = {0xE2, 0x96, 0x81};

/* How many bytes the character has that begins with `first`, of UTF-8 without errors. */
static inline int64_t character_size(uint8_t first) {
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* What the next bytes of a text become. */
typedef struct {
    const uint8_t *text;
    int64_t size, taken; /* bytes of it; how many bytes it stands for */
} Change;

/* Where behind a unit of darts-clone's double array the next ones are: bits 10 and up, times 256 if bit 9 is set. */
static inline uint32_t rule_offset(uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); }

/* How many bytes the longest rule replaces, and in *place which of the strings by; 0 where there is none. */
static inline int64_t longest_rule(const Tables *t, const uint8_t *text, int64_t size, uint32_t *place) {
    int64_t longest = 0;
    if (!t->rules_count) return 0;
    uint32_t at = rule_offset(t->rules[0]);
    for (int64_t i = 0; i < size; i++) {
        at ^= text[i];
        if (at >= t->rules_count) break;
        uint32_t unit = t->rules[at];
        if ((unit & 0x800000FF) != text[i]) break; /* the top bit: a value, and no label */
        at ^= rule_offset(unit);
        if (unit >> 8 & 1 && at < t->rules_count) longest = i + 1, *place = t->rules[at] & 0x7FFFFFFF;
    }
    return longest;
}

static inline Change next_change(const Tables *t, const uint8_t *text, int64_t size) {
    uint32_t place = t->strings_size;
    int64_t taken = longest_key(&t->verbatim, text, size);
    if (taken) return (Change){text, taken, taken};
    taken = longest_rule(t, text, size, &place);
    if (taken && place < t->strings_size) {
        const uint8_t *string = t->strings + place;
        return (Change){string, (int64_t)strlen((const char *)string), taken};
    }
    taken = character_size(*text);
    if (taken > size) taken = size;
    return (Change){text, taken, taken};
}

static inline uint32_t count_characters(const uint8_t *text, int64_t size) {
    uint32_t count = 0;
    for (int64_t i = 0; i < size; i++) count += (text[i] & 0xC0) != 0x80;
    return count;
}

typedef struct {
    const uint8_t *bytes;
    int64_t size;
} Space;

static inline Space space_of(const Tables *t) {
    return t->flags & SPACES_ARE_ESCAPED ? (Space){ESCAPED, 3} : (Space){(const uint8_t *)" ", 1};
}

static int append(Work *w, const uint8_t *bytes, int64_t size, uint32_t place) {
    if (have_room(&w->text, (size_t)(w->size + size), 1) < 0) return -1;
    uint8_t *text = (uint8_t *)w->text.data + w->size;
    for (int64_t i = 0; i < size; i++) text[i] = bytes[i];
    if (w->placed) {
        if (have_room(&w->places, (size_t)(w->size + size + 1), sizeof(uint32_t)) < 0) return -1;
        uint32_t *places = (uint32_t *)w->places.data + w->size;
        for (int64_t i = 0; i < size; i++) places[i] = place;
    }
    w->size += size;
    return 0;
}

/* Append a change with its spaces written as the model has them; *after_space: whether a space there would be extra. */
static int append_change(Work *w, Space space, Change c, uint32_t place, int *after_space) {
    while (*after_space && c.size && *c.text == ' ') c.text++, c.size--;
    if (!c.size) return 0;
    for (int64_t i = 0, plain; i < c.size; i += plain) {
        for (plain = 0; i + plain < c.size && c.text[i + plain] != ' ';) plain++;
        if (append(w, c.text + i, plain, place) < 0) return -1;
        if (i + plain == c.size) break;
        if (append(w, space.bytes, space.size, place) < 0) return -1;
        plain++;
    }
    *after_space = c.text[c.size - 1] == ' ';
    return 0;
}

/* How many bytes at the beginning are, or become, single spaces. */
static int64_t leading_spaces(const Tables *t, const uint8_t *text, int64_t size) {
    int64_t at = 0;
    while (at < size) {
        Change c = next_change(t, text + at, size - at);
        if (c.size != 1 || *c.text != ' ') break;
        at += c.taken;
    }
    return at;
}

/* Takes away spaces at the end; returns the place behind what is left. */
static uint32_t drop_trailing_spaces(Work *w, Space space, uint32_t place) {
    const uint8_t *text = w->text.data;
    while (w->size >= space.size && !memcmp(text + w->size - space.size, space.bytes, (size_t)space.size)) {
        w->size -= space.size;
        if (w->placed) place = ((uint32_t *)w->places.data)[w->size];
    }
    return place;
}

/* Put the normalized text, and its places if they are asked for, into `w`. 0, or -1 without memory. */
static int normalize(const Tables *t, const uint8_t *text, int64_t size, Work *w) {
    int extra_go = (t->flags & EXTRA_SPACES_GO) != 0, after_space = extra_go;
    int64_t at = extra_go ? leading_spaces(t, text, size) : 0;
    Space space = space_of(t);
    uint32_t place = w->placed ? count_characters(text, at) : 0;
    w->size = 0;
    if (at == size) return 0;
    if (t->flags & DUMMY_PREFIX && append(w, space.bytes, space.size, place) < 0) return -1;
    while (at < size) {
        Change c = next_change(t, text + at, size - at);
        if (append_change(w, space, c, place, &after_space) < 0) return -1;
        if (w->placed) place += count_characters(text + at, c.taken);
        at += c.taken;
        after_space = after_space && extra_go;
    }
    if (extra_go) place = drop_trailing_spaces(w, space, place);
    if (w->placed && w->size) ((uint32_t *)w->places.data)[w->size] = place;
    return 0;
}

#endif
