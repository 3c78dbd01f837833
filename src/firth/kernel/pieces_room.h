/* Arrays that grow, and what a call works in: kept from text to text, freed with the call. */

#ifndef FIRTH_PIECES_ROOM_H
#define FIRTH_PIECES_ROOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    void *data;
    size_t bytes;
} Room;

/* Room for so many items; what is there stays. 0, or -1 without memory. */
static inline int have_room(Room *room, size_t items, size_t width) {
    if (items > SIZE_MAX / 4 / width) return -1;
    if (items * width <= room->bytes) return 0;
    size_t bytes = items * width + items * width / 2 + 256;
    void *data = realloc(room->data, bytes);
    if (!data) return -1;
    room->data = data, room->bytes = bytes;
    return 0;
}

/* The best way to reach a place in a stretch of text: by which piece, and what the pieces of the way add up to. */
typedef struct {
    float score;
    uint32_t piece;  /* its unit in the trie, or UNKNOWN */
    int64_t length;  /* bytes of it; 0: nothing reaches the place so far */
} Reach;

typedef struct {
    Room text;   /* uint8_t: a text, normalized */
    Room places; /* uint32_t: for each of its bytes, and for its end, the character that it comes from */
    Room reach;  /* Reach */
    Room ids, starts, ends; /* int32_t, uint32_t, uint32_t: what was found in all the texts */
    int64_t size, tokens;   /* bytes of the text; tokens found so far */
    int placed;             /* whether places are asked for */
} Work;

static inline void free_work(Work *work) {
    Room *rooms[6] = {&work->text, &work->places, &work->reach, &work->ids, &work->starts, &work->ends};
    for (int i = 0; i < 6; i++) free(rooms[i]->data);
}

#endif
