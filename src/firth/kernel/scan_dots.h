/* Products of vectors: of one query with the rows at some places, and of 32 queries with eight rows at a time. */

#ifndef FIRTH_SCAN_DOTS_H
#define FIRTH_SCAN_DOTS_H

#include "scan_best.h"

enum { AT_ONCE = 4 }; /* rows that are read side by side */
enum { ROWS = 8 };
enum { PANEL = 32 }; /* queries whose numbers lie side by side */

static double dot_plain(const float *a, const float *b, int64_t d) {
    double sum = 0;
    for (int64_t start = 0; start < d; start += 64) { /* short sums in single, their sum in double precision */
        float part[8] = {0};
        int64_t end = start + 64 < d ? start + 64 : d, i = start;
        for (; i + 8 <= end; i += 8)
            for (int j = 0; j < 8; j++) part[j] += a[i + j] * b[i + j];
        for (; i < end; i++) part[0] += a[i] * b[i];
        for (int j = 0; j < 8; j++) sum += part[j];
    }
    return sum;
}

static void dots_plain(const float *const rows[AT_ONCE], const float *query, int64_t d, float *out) {
    for (int row = 0; row < AT_ONCE; row++) out[row] = (float)dot_plain(rows[row], query, d);
}

/* out[i][j] = rows[i] . query j; `queries` is (d, PANEL), and `rows` has ROWS of d numbers. */
static void tile_plain(const float *rows, const float *queries, int64_t d, float out[ROWS][PANEL]) {
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < PANEL; j++) out[i][j] = 0;
        for (int64_t at = 0; at < d; at++)
            for (int j = 0; j < PANEL; j++) out[i][j] += rows[i * d + at] * queries[at * PANEL + j];
    }
}

#ifdef FIRTH_X86
FOR_AVX2 static double dot_avx2(const float *a, const float *b, int64_t d) {
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    int64_t i = 0;
    for (; i + 32 <= d; i += 32)
        for (int j = 0; j < 4; j++)
            sums[j] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8 * j), _mm256_loadu_ps(b + i + 8 * j), sums[j]);
    float parts[8];
    _mm256_storeu_ps(parts, _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    double sum = 0;
    for (int j = 0; j < 8; j++) sum += parts[j];
    for (; i < d; i++) sum += (double)a[i] * b[i];
    return sum;
}

FOR_AVX2 static void dots_avx2(const float *const rows[AT_ONCE], const float *query, int64_t d, float *out) {
    for (int row = 0; row < AT_ONCE; row++) out[row] = (float)dot_avx2(rows[row], query, d);
}

FOR_AVX2 static void tile_avx2(const float *rows, const float *queries, int64_t d, float out[ROWS][PANEL]) {
    for (int i = 0; i < ROWS; i += 2) { /* 8 sums in 16 registers */
        __m256 sums[2][4];
        for (int row = 0; row < 2; row++)
            for (int j = 0; j < 4; j++) sums[row][j] = _mm256_setzero_ps();
        for (int64_t at = 0; at < d; at++)
            for (int row = 0; row < 2; row++)
                for (int j = 0; j < 4; j++)
                    sums[row][j] = _mm256_fmadd_ps(_mm256_set1_ps(rows[(i + row) * d + at]),
                                                   _mm256_loadu_ps(queries + at * PANEL + 8 * j), sums[row][j]);
        for (int row = 0; row < 2; row++)
            for (int j = 0; j < 4; j++) _mm256_storeu_ps(out[i + row] + 8 * j, sums[row][j]);
    }
}

FOR_AVX512 static void dots_avx512(const float *const rows[AT_ONCE], const float *query, int64_t d, float *out) {
    __m512 sums[AT_ONCE][2];
    for (int row = 0; row < AT_ONCE; row++) sums[row][0] = sums[row][1] = _mm512_setzero_ps();
    int64_t i = 0;
    for (; i + 32 <= d; i += 32) {
        __m512 low = _mm512_loadu_ps(query + i), high = _mm512_loadu_ps(query + i + 16);
        for (int row = 0; row < AT_ONCE; row++) {
            sums[row][0] = _mm512_fmadd_ps(_mm512_loadu_ps(rows[row] + i), low, sums[row][0]);
            sums[row][1] = _mm512_fmadd_ps(_mm512_loadu_ps(rows[row] + i + 16), high, sums[row][1]);
        }
    }
    for (; i < d; i += 16) {
        __mmask16 there = d - i < 16 ? (__mmask16)((1u << (d - i)) - 1) : (__mmask16)0xffff;
        __m512 some = _mm512_maskz_loadu_ps(there, query + i);
        for (int row = 0; row < AT_ONCE; row++)
            sums[row][0] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(there, rows[row] + i), some, sums[row][0]);
    }
    for (int row = 0; row < AT_ONCE; row++) out[row] = _mm512_reduce_add_ps(_mm512_add_ps(sums[row][0], sums[row][1]));
}

FOR_AVX512 static void tile_avx512(const float *rows, const float *queries, int64_t d, float out[ROWS][PANEL]) {
    __m512 sums[ROWS][2];
    for (int i = 0; i < ROWS; i++) sums[i][0] = sums[i][1] = _mm512_setzero_ps();
    for (int64_t at = 0; at < d; at++) {
        __m512 low = _mm512_loadu_ps(queries + at * PANEL), high = _mm512_loadu_ps(queries + at * PANEL + 16);
        for (int i = 0; i < ROWS; i++) {
            __m512 x = _mm512_set1_ps(rows[i * d + at]);
            sums[i][0] = _mm512_fmadd_ps(x, low, sums[i][0]);
            sums[i][1] = _mm512_fmadd_ps(x, high, sums[i][1]);
        }
    }
    for (int i = 0; i < ROWS; i++) {
        _mm512_storeu_ps(out[i], sums[i][0]);
        _mm512_storeu_ps(out[i] + 16, sums[i][1]);
    }
}
#endif

typedef void (*Dotter)(const float *const[AT_ONCE], const float *, int64_t, float *);
typedef void (*Tiler)(const float *, const float *, int64_t, float[ROWS][PANEL]);

static Dotter dotter(void) {
#ifdef FIRTH_X86
    if (level == 2) return dots_avx512;
    if (level == 1) return dots_avx2;
#endif
    return dots_plain;
}

/* out[i] = rows[places[i]] . query; all rows in order where there are no places. */
static void dot_rows(const float *rows, const float *query, int64_t d, const int64_t *places, int64_t count,
                     float *out) {
    Dotter dots = dotter();
    for (int64_t start = 0; start < count; start += AT_ONCE) {
        const float *here[AT_ONCE];
        float some[AT_ONCE];
        int64_t left = count - start < AT_ONCE ? count - start : AT_ONCE;
        for (int64_t i = 0; i < AT_ONCE; i++) { /* the last ones stand for those that are not there */
            int64_t at = start + (i < left ? i : left - 1);
            here[i] = rows + (places ? places[at] : at) * d;
#if defined(__GNUC__)
            if (places && at + AT_ONCE < count) /* rows lie anywhere: ask for one well before it is needed */
                for (int64_t j = 0; j < d; j += 16) __builtin_prefetch(rows + places[at + AT_ONCE] * d + j);
#endif
        }
        dots(here, query, d, some);
        memcpy(out + start, some, (size_t)left * sizeof *out);
    }
}

static Tiler tiler(void) {
#ifdef FIRTH_X86
    if (level == 2) return tile_avx512;
    if (level == 1) return tile_avx2;
#endif
    return tile_plain;
}

typedef struct {
    const float *rows;     /* (n, d) */
    const float *lengths;  /* (n), by which a product is divided; a row of length 0 is never found */
    const uint8_t *chosen; /* a bit a row, or NULL for all */
    const float *queries;  /* (panels, d, PANEL) */
    int64_t d, many;       /* numbers of a row; queries, without those that fill the last panel */
} Products;

/* The best rows of from..to for every query. A row is read from memory once, a panel from the second cache. */
static void multiply_tiles(const Products *all, int64_t from, int64_t to, float *spare, Best *best) {
    Tiler tile = tiler();
    float out[ROWS][PANEL];
    for (int64_t start = from; start < to; start += ROWS) {
        int64_t rows = to - start < ROWS ? to - start : ROWS;
        const float *here = all->rows + start * all->d;
        if (rows < ROWS) here = memcpy(spare, here, (size_t)(rows * all->d) * sizeof *spare);
        for (int64_t first = 0; first < all->many; first += PANEL) {
            tile(here, all->queries + first * all->d, all->d, out);
            int64_t columns = all->many - first < PANEL ? all->many - first : PANEL;
            for (int64_t i = 0; i < rows; i++) {
                int64_t place = start + i;
                if (all->chosen && !(all->chosen[place >> 3] >> (place & 7) & 1)) continue;
                float length = all->lengths[place];
                for (int64_t j = 0; j < columns; j++)
                    if (out[i][j] > best[first + j].least * length && length > 0)
                        offer(&best[first + j], out[i][j] / length, place);
            }
        }
    }
}

#endif
