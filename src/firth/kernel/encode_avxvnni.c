/* AVX2 with VNNI in 256 bits: Intel since Alder Lake, where there is no AVX-512. */

#include "encode.h"

#ifdef FIRTH_X86
#if defined(__clang__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx2,fma,avxvnni")
#include <immintrin.h>
#else
#include <immintrin.h>
#endif

#include <string.h>

#ifdef __GNUC__
#define DOT(sum, bytes, weights) __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(bytes), "x"(weights))
#define PAIR_DOT(sum, a, b) __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b))
#else
#define DOT(sum, bytes, weights) sum = _mm256_dpbusd_avx_epi32(sum, bytes, weights)
#define PAIR_DOT(sum, a, b) sum = _mm256_dpwssd_avx_epi32(sum, a, b)
#endif

#include "encode_lanes_avx2.h"

#define ROWS 6

#define ZERO(i) __m256i c##i##0 = _mm256_setzero_si256(), c##i##1 = c##i##0;
#define ROW(i)                                                  \
    memcpy(&four, rows[i] + k, 4), a = _mm256_set1_epi32(four); \
    DOT(c##i##0, a, left); DOT(c##i##1, a, right);
#define SETTLE(i) settle(to, i, n, (Ints){c##i##0, c##i##1});

#include "encode_settle.h"

/* ROWS rows of bytes times a panel of weights, sixteen columns at a time */
static inline void tile(const uint8_t *const *rows, const int8_t *weights, int depth, const Settling *to) {
    for (int n = 0; n < PANEL; n += 16) {
        ZERO(0) ZERO(1) ZERO(2) ZERO(3) ZERO(4) ZERO(5)
        const int8_t *at = weights + 4 * n;
        for (int k = 0; k < depth; k += 4, at += 4 * PANEL) {
            __m256i left = _mm256_loadu_si256((const __m256i *)at), right = _mm256_loadu_si256((const __m256i *)(at + 32));
            __m256i a;
            int32_t four;
            ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5)
        }
        SETTLE(0) SETTLE(1) SETTLE(2) SETTLE(3) SETTLE(4) SETTLE(5)
    }
}

#define PATH firth_avxvnni
#define PATH_NAME "avxvnni"
#include "encode_layers.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
