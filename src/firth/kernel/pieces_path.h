/* The likeliest pieces of a normalized text: Viterbi's algorithm over a unigram model, Kudo 2018, arXiv:1804.10959.

   The same sums in the same order as SentencePiece's, in float32, so that ties and rounding fall alike. Where no piece
   reaches over a place, every way leads through it: what lies before is settled there and forgotten, so that room is
   needed for the longest stretch between two such places only, a word as a rule. */

#ifndef FIRTH_PIECES_PATH_H
#define FIRTH_PIECES_PATH_H

#include "pieces_normal.h"

#define UNKNOWN UINT32_MAX
#define SCORE_LIMIT 100000.0f /* beyond it SentencePiece counts from 0 again */

typedef struct {
    const Tables *tables;
    Work *work;
    int64_t begin, frontier; /* the stretch: where it begins, how far its pieces reach */
    int after_unknown;       /* unknown characters in a row are one token */
} Path;

/* All places up to `end` of the stretch, those that are new not reached so far. */
static int widen(Path *p, int64_t end) {
    if (end <= p->frontier) return 0;
    if (have_room(&p->work->reach, (size_t)(end - p->begin + 1), sizeof(Reach)) < 0) return -1;
    Reach *reach = p->work->reach.data;
    for (int64_t i = p->frontier + 1; i <= end; i++) reach[i - p->begin].length = 0;
    p->frontier = end;
    return 0;
}

static int offer(Path *p, int64_t end, Reach way) {
    if (widen(p, end) < 0) return -1;
    Reach *there = (Reach *)p->work->reach.data + (end - p->begin);
    if (!there->length || way.score > there->score) *there = way;
    return 0;
}

/* Sums may not grow so large that a piece's score is lost in them. */
static float score_at(const Path *p, int64_t at) {
    Reach *reach = p->work->reach.data;
    float score = reach[at - p->begin].score;
    if (score >= -SCORE_LIMIT && score <= SCORE_LIMIT) return score;
    for (int64_t i = at; i <= p->frontier; i++)
        if (i == at || reach[i - p->begin].length) reach[i - p->begin].score -= score;
    return 0;
}

/* Offer what begins at `at`: every piece that stands there, and the character alone if it is none. Returns the
   character's size, or -1. */
static int64_t offer_pieces(Path *p, int64_t at) {
    const Trie *trie = &p->tables->pieces;
    const uint8_t *text = p->work->text.data;
    int64_t size = character_size(text[at]), left = p->work->size - at, known = 0;
    float score = score_at(p, at);
    uint32_t node = ROOT;
    if (size > left) size = left;
    for (int64_t length = 1; length <= left; length++) {
        node = trie_step(trie, node, text[at + length - 1]);
        if (node == ROOT) break;
        if (!trie_ends(trie, node)) continue;
        if (offer(p, at + length, (Reach){trie->units[node].score + score, node, length}) < 0) return -1;
        if (length == size) known = 1;
    }
    if (known) return size;
    return offer(p, at + size, (Reach){p->tables->unknown_score + score, UNKNOWN, size}) < 0 ? -1 : size;
}

static int have_token_room(Work *w, int64_t many) {
    size_t all = (size_t)(w->tokens + many);
    if (have_room(&w->ids, all, sizeof(int32_t)) < 0) return -1;
    if (!w->placed) return 0;
    return have_room(&w->starts, all, sizeof(uint32_t)) < 0 ? -1 : have_room(&w->ends, all, sizeof(uint32_t));
}

/* Write the best way to the end of the stretch, from its end on, behind the tokens that there are. Returns how many. */
static int64_t trace(Path *p, int64_t end) {
    Work *w = p->work;
    const Reach *reach = w->reach.data;
    int64_t many = 0, at;
    for (at = end - p->begin; at > 0; at -= reach[at].length) many++;
    if (have_token_room(w, many) < 0) return -1;
    int32_t *ids = w->ids.data;
    uint32_t *starts = w->starts.data, *ends = w->ends.data, *places = w->places.data;
    int64_t token = w->tokens + many;
    for (at = end - p->begin; at > 0; at -= reach[at].length) {
        uint32_t piece = reach[at].piece;
        ids[--token] = piece == UNKNOWN ? p->tables->unknown : p->tables->pieces.values[piece];
        if (w->placed) starts[token] = places[p->begin + at - reach[at].length], ends[token] = places[p->begin + at];
    }
    return many;
}

/* The best way through the stretch, which ends at `end`, becomes tokens; the next stretch begins there. */
static int settle(Path *p, int64_t end) {
    Work *w = p->work;
    int64_t many = trace(p, end), from = w->tokens;
    if (many < 0) return -1;
    int32_t *ids = w->ids.data;
    uint32_t *starts = w->starts.data, *ends = w->ends.data;
    for (int64_t i = from; i < from + many; i++) {
        int unknown = ids[i] == p->tables->unknown, joins = unknown && p->after_unknown;
        if (!joins) ids[w->tokens] = ids[i];
        if (w->placed && !joins) starts[w->tokens] = starts[i];
        w->tokens += !joins;
        if (w->placed) ends[w->tokens - 1] = ends[i];
        p->after_unknown = unknown;
    }
    Reach *reach = w->reach.data;
    reach[0] = (Reach){reach[end - p->begin].score, 0, 0};
    p->begin = p->frontier = end;
    return 0;
}

/* Put the tokens of the text in `w` behind those that are there. 0, or -1 without memory. */
static int find_path(const Tables *tables, Work *w) {
    Path p = {tables, w, 0, 0, 0};
    if (have_room(&w->reach, 1, sizeof(Reach)) < 0) return -1;
    *(Reach *)w->reach.data = (Reach){0, 0, 0};
    for (int64_t at = 0; at < w->size;) {
        int64_t size = offer_pieces(&p, at);
        if (size < 0) return -1;
        at += size;
        if (at == p.frontier && settle(&p, at) < 0) return -1;
    }
    return 0;
}

#endif
