/* The scan of signs: what a query's product with every vector probably is, at most.

   Tiles of blocks that the fastest cache holds are scanned by one query after the other, so that a batch of queries
   waits for memory once. */

#ifndef FIRTH_SCAN_SIGNS_H
#define FIRTH_SCAN_SIGNS_H

#include "scan_best.h"

enum { LANES = 8 };   /* vectors whose signs lie side by side */
enum { PLANES = 3 };  /* bits of a query's number: two's complement */
enum { TILE = 2048 }; /* words of signs that are scanned by all queries before the next: 16 KB */

typedef struct {
    const uint64_t *signs; /* (blocks, words, LANES) */
    const float *factors;  /* (blocks * LANES), what a sum of signs is worth */
    const float *offsets;  /* (blocks * LANES) */
    const uint8_t *chosen; /* (blocks), a bit a vector, or NULL for all */
    int64_t words;
    int skip; /* blocks without a chosen vector */
} Signs;

typedef struct {
    const uint64_t *planes; /* (words, PLANES) */
    float step;             /* of the query's numbers, twice */
    float half;             /* what is taken off a sum */
} Question;

ALWAYS_INLINE int count_ones(uint64_t x) {
#if defined(__GNUC__)
    return __builtin_popcountll(x);
#else
    x -= (x >> 1) & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    return (int)(((x + (x >> 4) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u) >> 56);
#endif
}

/* The sum of the query's numbers where a vector's sign is positive, less the sum where it is negative, is twice the
   former less the sum of all; the latter is the same for all vectors and taken off by the caller, in `half`. */
ALWAYS_INLINE void scan_one_by_one(const Signs *all, const Question *query, int64_t from, int64_t to, Best *best) {
    for (int64_t block = from; block < to; block++) {
        unsigned chosen = all->chosen ? all->chosen[block] : 0xff;
        if (all->skip && !chosen) continue;
        const uint64_t *signs = all->signs + block * all->words * LANES;
        int32_t sums[LANES] = {0};
        for (int64_t word = 0; word < all->words; word++) {
            const uint64_t *planes = query->planes + word * PLANES;
            for (int lane = 0; lane < LANES; lane++) {
                uint64_t x = signs[word * LANES + lane];
                int32_t sum = -count_ones(x & planes[PLANES - 1]);
                for (int plane = PLANES - 2; plane >= 0; plane--) sum = 2 * sum + count_ones(x & planes[plane]);
                sums[lane] += sum;
            }
        }
        for (int lane = 0; lane < LANES; lane++) {
            int64_t place = block * LANES + lane;
            float score = all->factors[place] * ((float)sums[lane] * query->step - query->half) + all->offsets[place];
            if ((chosen >> lane & 1) && score > best->least) offer(best, score, place);
        }
    }
}

static void scan_plain(const Signs *all, const Question *query, int64_t from, int64_t to, Best *best) {
    scan_one_by_one(all, query, from, to, best);
}

#ifdef FIRTH_X86
FOR_AVX2 static void scan_avx2(const Signs *all, const Question *query, int64_t from, int64_t to, Best *best) {
    scan_one_by_one(all, query, from, to, best);
}

FOR_AVX512 static void scan_avx512(const Signs *all, const Question *query, int64_t from, int64_t to, Best *best) {
    for (int64_t block = from; block < to; block++) {
        unsigned chosen = all->chosen ? all->chosen[block] : 0xff;
        if (all->skip && !chosen) continue;
        const uint64_t *signs = all->signs + block * all->words * LANES;
        __m512i sums[PLANES];
        for (int plane = 0; plane < PLANES; plane++) sums[plane] = _mm512_setzero_si512();
        for (int64_t word = 0; word < all->words; word++) {
            const uint64_t *planes = query->planes + word * PLANES;
            __m512i x = _mm512_loadu_si512(signs + word * LANES);
            for (int plane = 0; plane < PLANES; plane++) {
                __m512i common = _mm512_and_si512(x, _mm512_set1_epi64((long long)planes[plane]));
                sums[plane] = _mm512_add_epi64(sums[plane], _mm512_popcnt_epi64(common));
            }
        }
        __m512i sum = _mm512_sub_epi64(_mm512_setzero_si512(), sums[PLANES - 1]);
        for (int plane = PLANES - 2; plane >= 0; plane--)
            sum = _mm512_add_epi64(_mm512_add_epi64(sum, sum), sums[plane]);
        __m256 score = _mm256_mul_ps(_mm512_cvtepi64_ps(sum), _mm256_set1_ps(query->step));
        score = _mm256_sub_ps(score, _mm256_set1_ps(query->half));
        score = _mm256_mul_ps(score, _mm256_loadu_ps(all->factors + block * LANES));
        score = _mm256_add_ps(score, _mm256_loadu_ps(all->offsets + block * LANES));
        unsigned good = chosen & _mm256_cmp_ps_mask(score, _mm256_set1_ps(best->least), _CMP_GT_OQ);
        if (!good) continue;
        float scores[LANES];
        _mm256_storeu_ps(scores, score);
        for (int lane = 0; lane < LANES; lane++)
            if ((good >> lane & 1) && scores[lane] > best->least) offer(best, scores[lane], block * LANES + lane);
    }
}
#endif

/* Whether so few blocks have a vector that is chosen that going round the others is quicker than reading on. */
static int few_chosen(const uint8_t *chosen, int64_t from, int64_t to) {
    int64_t some = 0;
    for (int64_t block = from; chosen && block < to; block++) some += chosen[block] != 0;
    return chosen && some * 4 < to - from;
}

typedef void (*Scanner)(const Signs *, const Question *, int64_t, int64_t, Best *);

static Scanner scanner(void) {
#ifdef FIRTH_X86
    if (level == 2) return scan_avx512;
    if (level == 1) return scan_avx2;
#endif
    return scan_plain;
}

static void scan_tiles(Signs all, const Question *queries, int64_t many, int64_t from, int64_t to, Best *best) {
    Scanner scan = scanner();
    int64_t tile = TILE / (all.words * LANES) + 1;
    all.skip = few_chosen(all.chosen, from, to);
    for (int64_t start = from; start < to; start += tile) {
        int64_t end = start + tile < to ? start + tile : to;
        for (int64_t i = 0; i < many; i++) scan(&all, &queries[i], start, end, &best[i]);
    }
}

#endif
