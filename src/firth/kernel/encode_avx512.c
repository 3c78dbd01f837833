/* AVX-512 with VNNI: Intel since Ice Lake, AMD since Zen 4. */

#include "encode.h"

#ifdef FIRTH_X86
#if defined(__clang__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma"))), \
                             apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")
#include <immintrin.h>
#else
#include <immintrin.h>
#endif

#include <string.h>

typedef __m512 Lanes;
typedef __m512i Ints, Pairs;

static inline void l_fetch(const char *p) { _mm_prefetch(p, _MM_HINT_T1); }
static inline Lanes l_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void l_store(float *p, Lanes a) { _mm512_storeu_ps(p, a); }
static inline Lanes l_set(float a) { return _mm512_set1_ps(a); }
static inline Lanes l_add(Lanes a, Lanes b) { return _mm512_add_ps(a, b); }
static inline Lanes l_sub(Lanes a, Lanes b) { return _mm512_sub_ps(a, b); }
static inline Lanes l_mul(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }
static inline Lanes l_fma(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }
static inline Lanes l_min(Lanes a, Lanes b) { return _mm512_min_ps(a, b); }
static inline Lanes l_guess_inverse(Lanes a) {
    return _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_set1_epi32(INVERSE), _mm512_castps_si512(a)));
}
static inline Lanes l_max(Lanes a, Lanes b) { return _mm512_max_ps(a, b); }
static inline Lanes l_abs(Lanes a) { return _mm512_abs_ps(a); }
static inline Lanes l_round(Lanes a) { return _mm512_roundscale_ps(a, 0); }
static inline Lanes l_scale(Lanes a, Lanes power) { return _mm512_scalef_ps(a, power); }
static inline Lanes l_from_int(const int32_t *p) { return _mm512_cvtepi32_ps(_mm512_loadu_si512(p)); }
static inline Lanes l_from_bytes(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
static inline void l_store_bytes(uint8_t *p, Lanes a) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
}
static inline float l_sum(Lanes a) { return _mm512_reduce_add_ps(a); }
static inline float l_least(Lanes a) { return _mm512_reduce_min_ps(a); }
static inline float l_most(Lanes a) { return _mm512_reduce_max_ps(a); }

#define ROWS 6
#define QUERIES 8
#define KEY_LANES 2
#define VALUE_LANES 2

#ifdef __GNUC__ /* gcc 12 spills the accumulators of the intrinsic, which halves the speed */
#define DOT(sum, bytes, weights) __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(bytes), "v"(weights))
#define PAIR_DOT(sum, a, b) __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
#else
#define DOT(sum, bytes, weights) sum = _mm512_dpbusd_epi32(sum, bytes, weights)
#define PAIR_DOT(sum, a, b) sum = _mm512_dpwssd_epi32(sum, a, b)
#endif

#define ZERO(i) __m512i c##i##0 = _mm512_setzero_si512(), c##i##1 = c##i##0, c##i##2 = c##i##0, c##i##3 = c##i##0;
#define ROW(i)                                                     \
    memcpy(&four, rows[i] + k, 4), a = _mm512_set1_epi32(four);    \
    DOT(c##i##0, a, b0); DOT(c##i##1, a, b1); DOT(c##i##2, a, b2); DOT(c##i##3, a, b3);
#define SETTLE(i) settle(to, i, 0, c##i##0), settle(to, i, 16, c##i##1), settle(to, i, 32, c##i##2), settle(to, i, 48, c##i##3);

static inline Ints i_zero(void) { return _mm512_setzero_si512(); }
static inline Lanes i_floats(Ints a) { return _mm512_cvtepi32_ps(a); }
static inline Pairs p_load(const int16_t *p) { return _mm512_loadu_si512(p); }
static inline Pairs p_set(const int16_t *p) {
    int32_t pair;
    memcpy(&pair, p, 4);
    return _mm512_set1_epi32(pair);
}
static inline Ints p_dot(Ints sum, Pairs a, Pairs b) {
    PAIR_DOT(sum, a, b);
    return sum;
}
static inline void p_store(int16_t *p, Lanes a, Lanes b) {
    __m512i low = _mm512_cvtps_epi32(a), high = _mm512_slli_epi32(_mm512_cvtps_epi32(b), 16);
    _mm512_storeu_si512(p, _mm512_mask_blend_epi16(0xaaaaaaaa, low, high));
}
static inline void l_store_shorts(int16_t *p, Lanes a) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(a)));
}

#include "encode_settle.h"

/* ROWS rows of bytes times a panel of weights */
static inline void tile(const uint8_t *const *rows, const int8_t *weights, int depth, const Settling *to) {
    ZERO(0) ZERO(1) ZERO(2) ZERO(3) ZERO(4) ZERO(5)
    for (int k = 0; k < depth; k += 4, weights += 4 * PANEL) {
        __m512i b0 = _mm512_loadu_si512(weights), b1 = _mm512_loadu_si512(weights + 64), a;
        __m512i b2 = _mm512_loadu_si512(weights + 128), b3 = _mm512_loadu_si512(weights + 192);
        int32_t four;
        ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5)
    }
    SETTLE(0) SETTLE(1) SETTLE(2) SETTLE(3) SETTLE(4) SETTLE(5)
}

#define PATH firth_avx512
#define PATH_NAME "avx512"
#include "encode_layers.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
