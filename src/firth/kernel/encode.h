/* What the encoders' kernel works on. One way of computing ("path") per kind of processor; encode.c chooses.

   Inputs come in groups of `depth`. Weights are int8, and each group has a scale for each column; activations are
   uint8, and each row has a scale and a low end for each group: x ~ scale * code + low. So

       y[n] = bias[n] + sum over groups g (column_scale[g][n] * (scale[g] * sum(code * weight) + low[g] * sum(weight)))

   where sum(code * weight) is exact in int32 on every path. encode_twin.py says the same in numpy. */

#ifndef FIRTH_ENCODE_H
#define FIRTH_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#define PANEL 64 /* columns whose weights lie together: [columns / 64][rows / 4][64][4] */
#define ALIGNMENT 64
#define INVERSE 0x7EF127EA /* less the bits of a float: about the bits of its inverse */

/* Walks through a buffer, piece by piece; without a base it only counts. */
typedef struct {
    char *base;
    size_t at;
} Cursor;

static inline void *take(Cursor *cursor, size_t bytes) {
    void *piece = cursor->base ? cursor->base + cursor->at : NULL;
    cursor->at += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return piece;
}

typedef struct {
    int columns, depth, groups;
    const int8_t *codes;
    const float *scales, *bias; /* [groups][columns] and [columns] */
    const int32_t *sums;        /* [groups][columns], the sum of each column's codes */
} Linear;

static inline Linear take_linear(Cursor *cursor, int columns, int depth, int groups) {
    Linear w = {columns, depth, groups, NULL, NULL, NULL, NULL};
    w.codes = take(cursor, (size_t)columns * depth * groups);
    w.scales = take(cursor, (size_t)columns * groups * sizeof(float));
    w.bias = take(cursor, (size_t)columns * sizeof(float));
    w.sums = take(cursor, (size_t)columns * groups * sizeof(int32_t));
    return w;
}

typedef struct {
    const float *scale, *shift;
} Norm;

static inline Norm take_norm(Cursor *cursor, int width) {
    Norm norm;
    norm.scale = take(cursor, (size_t)width * sizeof(float));
    norm.shift = take(cursor, (size_t)width * sizeof(float));
    return norm;
}

/* Activations as codes. Row t begins at codes + row * stride, the scale of its group g is scale[row * step + g *
   group_step], where row is at[t], or t where `at` is NULL. Rows may overlap: so a convolution reads its neighbours
   without a copy. */
typedef struct {
    const uint8_t *codes;
    size_t stride;
    const float *scale, *low;
    size_t step, group_step;
    const int32_t *at;
    int count;
} Rows;

enum { NONE, GELU, RELU };

/* Where products go: to[t] = activation(product + before[t]) + after[t]; before and after may be NULL. */
typedef struct {
    float *to;
    size_t stride;
    int activation;
    const float *before;
    size_t before_stride;
    const float *after;
    size_t after_stride;
} Target;

typedef struct {
    int width, inner, layers, heads, depth, activation; /* GELU or RELU, within the second half */
    float eps;
} BertShape;

typedef struct {
    Linear attention, output, inner, width;
    Norm attention_norm, output_norm;
} BertLayer;

#define FINE_DEPTH 64 /* how many inputs of attention share a scale: half of the error came from there at 128 */

static inline BertLayer take_bert_layer(Cursor *cursor, const BertShape *s) {
    BertLayer layer;
    int narrow = s->width / s->depth, wide = s->inner / s->depth;
    layer.attention = take_linear(cursor, 3 * s->width, FINE_DEPTH, s->width / FINE_DEPTH);
    layer.output = take_linear(cursor, s->width, s->depth, narrow);
    layer.attention_norm = take_norm(cursor, s->width);
    layer.inner = take_linear(cursor, s->inner, s->depth, narrow);
    layer.width = take_linear(cursor, s->width, s->depth, wide);
    layer.output_norm = take_norm(cursor, s->width);
    return layer;
}

static inline size_t bert_weights_size(const BertShape *s) {
    Cursor cursor = {NULL, 0};
    take_norm(&cursor, s->width);
    for (int i = 0; i < s->layers; i++) take_bert_layer(&cursor, s);
    return cursor.at;
}

typedef struct {
    float *some, *scale, *low, *inner_scale, *inner_low, *scores;
    uint8_t *codes, *inner_codes;
    int16_t *queries, *keys, *values, *weights;
} BertScratch;

#define MOST_QUERIES 8 /* whose scores are computed together, at most; all paths take a divisor of 16 */
#define MOST_HEAD 128  /* how wide a head is at most */

static inline int padded_keys(int length) { return (length + 15) / 16 * 16; }

static inline BertScratch take_bert_scratch(Cursor *cursor, const BertShape *s, int tokens, int longest) {
    BertScratch scratch;
    size_t t = (size_t)tokens, inner = (size_t)s->inner, keys = (size_t)padded_keys(longest);
    size_t wider = inner > (size_t)s->width ? inner : (size_t)s->width;
    scratch.some = take(cursor, t * 4 * s->depth * sizeof(float));
    scratch.codes = take(cursor, t * s->width);
    scratch.scale = take(cursor, t * (s->width / FINE_DEPTH) * sizeof(float));
    scratch.low = take(cursor, t * (s->width / FINE_DEPTH) * sizeof(float));
    scratch.inner_codes = take(cursor, t * wider);
    scratch.inner_scale = take(cursor, t * (wider / s->depth) * sizeof(float));
    scratch.inner_low = take(cursor, t * (wider / s->depth) * sizeof(float));
    scratch.queries = take(cursor, keys * (s->width / s->heads) * sizeof(int16_t));
    scratch.keys = take(cursor, keys * (s->width / s->heads) * sizeof(int16_t));
    scratch.values = take(cursor, keys * (s->width / s->heads) * sizeof(int16_t));
    scratch.scores = take(cursor, MOST_QUERIES * keys * sizeof(float));
    scratch.weights = take(cursor, MOST_QUERIES * keys * sizeof(int16_t));
    return scratch;
}

/* Universal Sentence Encoder: its sizes are fixed, and so are these. */
enum { USE_TABLE = 512, USE_BRANCH = 256, USE_BRANCHES = 3, USE_FEATURES = 1280, USE_OUT = 512, USE_HIDDEN = 320 };
enum { USE_MARGIN = 2, USE_DEPTH = 128, USE_TAIL_DEPTH = 64 };

/* Weights as a sum of two int8 matrices: for layers so sensitive that one is too coarse. */
typedef struct {
    Linear most, rest;
} Fine;

static inline Fine take_fine(Cursor *cursor, int columns, int depth, int groups) {
    Fine fine;
    fine.most = take_linear(cursor, columns, depth, groups);
    fine.rest = take_linear(cursor, columns, depth, groups);
    return fine;
}

typedef struct {
    Linear projection, first[USE_BRANCHES], second[USE_BRANCHES], mean;
    Fine mean_to_first, first_to_second, mean_to_second, second_to_third, second_to_out, third_to_out;
    Norm branches, tokens;
    const float *mean_bias;
} UseWeights;

static const int USE_TAPS[USE_BRANCHES] = {2, 3, 5}, USE_LEFT[USE_BRANCHES] = {0, 1, 2};

static inline UseWeights take_use_weights(Cursor *cursor) {
    UseWeights w;
    w.projection = take_linear(cursor, USE_BRANCHES * USE_BRANCH, USE_DEPTH, USE_TABLE / USE_DEPTH);
    w.branches = take_norm(cursor, USE_BRANCHES * USE_BRANCH);
    for (int i = 0; i < USE_BRANCHES; i++) {
        w.first[i] = take_linear(cursor, USE_BRANCH, USE_DEPTH, USE_TAPS[i] * USE_BRANCH / USE_DEPTH);
        w.second[i] = take_linear(cursor, USE_BRANCH, USE_DEPTH, USE_TAPS[i] * USE_BRANCH / USE_DEPTH);
    }
    w.tokens = take_norm(cursor, USE_FEATURES);
    w.mean = take_linear(cursor, USE_OUT, USE_TAIL_DEPTH, USE_FEATURES / USE_TAIL_DEPTH);
    w.mean_bias = take(cursor, USE_OUT * sizeof(float));
    w.mean_to_first = take_fine(cursor, USE_HIDDEN, USE_TAIL_DEPTH, USE_OUT / USE_TAIL_DEPTH);
    w.first_to_second = take_fine(cursor, USE_HIDDEN, USE_TAIL_DEPTH, USE_HIDDEN / USE_TAIL_DEPTH);
    w.mean_to_second = take_fine(cursor, USE_HIDDEN, USE_TAIL_DEPTH, USE_OUT / USE_TAIL_DEPTH);
    w.second_to_third = take_fine(cursor, USE_OUT, USE_TAIL_DEPTH, USE_HIDDEN / USE_TAIL_DEPTH);
    w.second_to_out = take_fine(cursor, USE_OUT, USE_TAIL_DEPTH, USE_HIDDEN / USE_TAIL_DEPTH);
    w.third_to_out = take_fine(cursor, USE_OUT, USE_TAIL_DEPTH, USE_OUT / USE_TAIL_DEPTH);
    return w;
}

typedef struct {
    float *branches, *features, *hidden, *scale, *low;
    uint8_t *codes;
    int32_t *at, *shifted;
    float *sums, *mean, *first, *second, *third;
    uint8_t *tail_codes;
    float *tail_scale, *tail_low;
} UseScratch;

static inline UseScratch take_use_scratch(Cursor *cursor, int tokens, int texts) {
    UseScratch s;
    size_t t = (size_t)tokens, n = (size_t)texts, padded = t + USE_MARGIN * (n + 1);
    s.branches = take(cursor, t * USE_BRANCHES * USE_BRANCH * sizeof(float));
    s.features = take(cursor, t * USE_FEATURES * sizeof(float));
    s.hidden = take(cursor, t * USE_BRANCH * sizeof(float));
    s.scale = take(cursor, padded * (USE_BRANCH / USE_DEPTH) * sizeof(float));
    s.low = take(cursor, padded * (USE_BRANCH / USE_DEPTH) * sizeof(float));
    s.codes = take(cursor, padded * USE_BRANCH);
    s.at = take(cursor, t * sizeof(int32_t));
    s.shifted = take(cursor, t * sizeof(int32_t));
    s.sums = take(cursor, n * USE_FEATURES * sizeof(float));
    s.mean = take(cursor, n * USE_OUT * sizeof(float));
    s.first = take(cursor, n * USE_HIDDEN * sizeof(float));
    s.second = take(cursor, n * USE_HIDDEN * sizeof(float));
    s.third = take(cursor, n * USE_OUT * sizeof(float));
    s.tail_codes = take(cursor, n * USE_FEATURES);
    s.tail_scale = take(cursor, n * (USE_FEATURES / USE_TAIL_DEPTH) * sizeof(float));
    s.tail_low = take(cursor, n * (USE_FEATURES / USE_TAIL_DEPTH) * sizeof(float));
    return s;
}

typedef struct {
    const char *name;
    /* states [tokens][width]: embedded tokens in, the last layer's out */
    void (*bert)(const BertShape *, Cursor weights, float *states, const int32_t *lengths, int texts, Cursor scratch);
    /* rows of the embedding table in, vectors [texts][USE_OUT] of unit length out */
    void (*use)(const UseWeights *, float eps, const uint8_t *codes, const float *scale, const float *low,
                const int32_t *lengths, int texts, UseScratch, float *vectors);
    void (*quantize)(const float *x, int depth, int groups, uint8_t *codes, float *scale, float *low);
    void (*multiply)(const Linear *, const Rows *, const Target *);
} Path;

extern const Path firth_avx512, firth_avxvnni, firth_avx2, firth_neon, firth_plain;

#if defined(__x86_64__) || defined(_M_X64)
#define FIRTH_X86 1
#elif (defined(__aarch64__) || defined(_M_ARM64)) && !defined(__AARCH64EB__)
#define FIRTH_ARM 1
#endif

#endif
