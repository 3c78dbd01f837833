/* AVX2 and FMA: Intel since Haswell, AMD since Zen. */

#include "encode.h"

#ifdef FIRTH_X86
#if defined(__clang__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx2,fma")
#include <immintrin.h>
#else
#include <immintrin.h>
#endif

#include <string.h>

#define PAIR_DOT(sum, a, b) sum = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))

#include "encode_lanes_avx2.h"

#define ROWS 4

#include "encode_settle.h"

/* vpmaddubsw adds two products in 16 bits and saturates; unsigned bytes times weights could reach 64,770. Less 128,
   an activation is at most 128 in size, and 2 * 128 * 127 = 32,512 fits: so its size is multiplied by the weight
   with its sign, and the columns' sums put back the 128. */
static inline __m256i dot(__m256i sum, __m256i size, __m256i activation, __m256i weights) {
    __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(weights, activation));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

static inline __m256i put_back(__m256i sum, const int32_t *column_sums) {
    __m256i columns = _mm256_loadu_si256((const __m256i *)column_sums);
    return _mm256_add_epi32(sum, _mm256_slli_epi32(columns, 7));
}

/* ROWS rows of bytes times a panel of weights, sixteen columns at a time */
static inline void tile(const uint8_t *const *rows, const int8_t *weights, int depth, const Settling *to) {
    const __m256i middle = _mm256_set1_epi8((char)0x80);
    for (int n = 0; n < PANEL; n += 16) {
        __m256i sum[ROWS][2];
        for (int i = 0; i < ROWS; i++) sum[i][0] = sum[i][1] = _mm256_setzero_si256();
        for (int k = 0; k < depth; k += 4) {
            const int8_t *at = weights + (size_t)k * PANEL + 4 * n;
            __m256i left = _mm256_loadu_si256((const __m256i *)at), right = _mm256_loadu_si256((const __m256i *)(at + 32));
            for (int i = 0; i < ROWS; i++) {
                int32_t four;
                memcpy(&four, rows[i] + k, 4);
                __m256i activation = _mm256_xor_si256(_mm256_set1_epi32(four), middle);
                __m256i size = _mm256_abs_epi8(activation);
                sum[i][0] = dot(sum[i][0], size, activation, left);
                sum[i][1] = dot(sum[i][1], size, activation, right);
            }
        }
        for (int i = 0; i < ROWS; i++) {
            Ints products = {put_back(sum[i][0], to->sums + n), put_back(sum[i][1], to->sums + n + 8)};
            settle(to, i, n, products);
        }
    }
}

#define PATH firth_avx2
#define PATH_NAME "avx2"
#include "encode_layers.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
