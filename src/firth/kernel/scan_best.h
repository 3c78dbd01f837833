/* Candidates: the best so far, and the score that a new one must pass. */

#ifndef FIRTH_SCAN_BEST_H
#define FIRTH_SCAN_BEST_H

#include "scan_levels.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    float score;
    int64_t place;
} Candidate;

typedef struct {
    Candidate *items;
    int64_t count, wanted;
    float least;
} Best;

static int better(Candidate a, Candidate b) {
    return a.score > b.score || (a.score == b.score && a.place < b.place);
}

/* Puts the `wanted` best first, in no order: Hoare's selection. */
static void select_best(Candidate *items, int64_t count, int64_t wanted) {
    int64_t low = 0, high = count - 1;
    while (low < high) {
        Candidate pivot = items[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (better(items[i], pivot)) i++;
            while (better(pivot, items[j])) j--;
            if (i > j) break;
            Candidate swapped = items[i];
            items[i++] = items[j];
            items[j--] = swapped;
        }
        if (wanted <= j + 1)
            high = j;
        else if (wanted > i)
            low = i;
        else
            return;
    }
}

static void trim(Best *best) {
    if (best->count <= best->wanted) return;
    select_best(best->items, best->count, best->wanted);
    best->count = best->wanted;
    best->least = best->items[0].score;
    for (int64_t i = 1; i < best->count; i++)
        if (best->items[i].score < best->least) best->least = best->items[i].score;
}

ALWAYS_INLINE void offer(Best *best, float score, int64_t place) {
    if (best->count == 2 * best->wanted) trim(best);
    best->items[best->count].score = score;
    best->items[best->count++].place = place;
}

/* Room for twice as many as are `wanted`, for each of `many` queries; NULL where there is none. */
static Best *begin_best(int64_t many, int64_t wanted, const float *least) {
    Best *all = malloc((size_t)many * sizeof *all);
    Candidate *items = malloc((size_t)(many * wanted * 2) * sizeof *items);
    if (!all || !items) {
        free(all);
        free(items);
        return NULL;
    }
    for (int64_t i = 0; i < many; i++) {
        all[i].items = items + i * wanted * 2;
        all[i].count = 0, all[i].wanted = wanted;
        all[i].least = least[i];
    }
    return all;
}

/* Hands the best of each query over: (many, wanted) places and scores, and how many there are. */
static void end_best(Best *all, int64_t many, int64_t *places, float *scores, int64_t *found) {
    for (int64_t i = 0; i < many; i++) {
        trim(&all[i]);
        found[i] = all[i].count;
        for (int64_t j = 0; j < all[i].count; j++) {
            places[i * all[i].wanted + j] = all[i].items[j].place;
            scores[i * all[i].wanted + j] = all[i].items[j].score;
        }
    }
}

static void free_best(Best *all) {
    if (all) free(all->items);
    free(all);
}

#endif
