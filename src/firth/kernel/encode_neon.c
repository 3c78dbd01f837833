/* Arm with the dot product of bytes (Armv8.2): Apple since M1, most servers and boards since 2019. */

#include "encode.h"

#ifdef FIRTH_ARM
#if defined(__clang__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC target("arch=armv8.2-a+dotprod")
#include <arm_neon.h>
#else
#include <arm_neon.h>
#endif

typedef struct {
    float32x4_t v[4];
} Lanes;

#define EACH(expression)                          \
    Lanes result;                                 \
    for (int i = 0; i < 4; i++) result.v[i] = expression; \
    return result

static inline void l_fetch(const char *p) {
#ifdef __GNUC__
    __builtin_prefetch(p);
#else
    (void)p;
#endif
}
static inline Lanes l_load(const float *p) { EACH(vld1q_f32(p + 4 * i)); }
static inline void l_store(float *p, Lanes a) {
    for (int i = 0; i < 4; i++) vst1q_f32(p + 4 * i, a.v[i]);
}
static inline Lanes l_set(float a) { EACH(vdupq_n_f32(a)); }
static inline Lanes l_add(Lanes a, Lanes b) { EACH(vaddq_f32(a.v[i], b.v[i])); }
static inline Lanes l_sub(Lanes a, Lanes b) { EACH(vsubq_f32(a.v[i], b.v[i])); }
static inline Lanes l_mul(Lanes a, Lanes b) { EACH(vmulq_f32(a.v[i], b.v[i])); }
static inline Lanes l_fma(Lanes a, Lanes b, Lanes c) { EACH(vfmaq_f32(c.v[i], a.v[i], b.v[i])); }
static inline Lanes l_min(Lanes a, Lanes b) { EACH(vminq_f32(a.v[i], b.v[i])); }
static inline Lanes l_guess_inverse(Lanes a) {
    EACH(vreinterpretq_f32_s32(vsubq_s32(vdupq_n_s32(INVERSE), vreinterpretq_s32_f32(a.v[i]))));
}
static inline Lanes l_max(Lanes a, Lanes b) { EACH(vmaxq_f32(a.v[i], b.v[i])); }
static inline Lanes l_abs(Lanes a) { EACH(vabsq_f32(a.v[i])); }
static inline Lanes l_round(Lanes a) { EACH(vrndnq_f32(a.v[i])); }
static inline Lanes l_scale(Lanes a, Lanes power) {
    EACH(vmulq_f32(a.v[i], vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(power.v[i]), vdupq_n_s32(127)), 23))));
}
static inline Lanes l_from_int(const int32_t *p) { EACH(vcvtq_f32_s32(vld1q_s32(p + 4 * i))); }
static inline Lanes l_from_bytes(const uint8_t *p) {
    uint8x16_t bytes = vld1q_u8(p);
    uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_u8(vget_high_u8(bytes));
    uint16x4_t quarters[4] = {vget_low_u16(low), vget_high_u16(low), vget_low_u16(high), vget_high_u16(high)};
    EACH(vcvtq_f32_u32(vmovl_u16(quarters[i])));
}
static inline void l_store_bytes(uint8_t *p, Lanes a) {
    uint16x4_t quarters[4];
    for (int i = 0; i < 4; i++) quarters[i] = vqmovn_u32(vcvtnq_u32_f32(a.v[i]));
    vst1_u8(p, vqmovn_u16(vcombine_u16(quarters[0], quarters[1])));
    vst1_u8(p + 8, vqmovn_u16(vcombine_u16(quarters[2], quarters[3])));
}
static inline int16x4_t to_shorts(float32x4_t a) { return vqmovn_s32(vcvtnq_s32_f32(a)); }
static inline void l_store_shorts(int16_t *p, Lanes a) {
    for (int i = 0; i < 4; i++) vst1_s16(p + 4 * i, to_shorts(a.v[i]));
}

typedef struct {
    int32x4_t v[4];
} Ints;

typedef struct { /* the first of each pair, the second */
    int16x8_t v[2][2];
} Pairs;

static inline Ints i_zero(void) {
    Ints sum;
    for (int i = 0; i < 4; i++) sum.v[i] = vdupq_n_s32(0);
    return sum;
}
static inline Lanes i_floats(Ints a) { EACH(vcvtq_f32_s32(a.v[i])); }
static inline Pairs p_load(const int16_t *p) {
    int16x8x2_t low = vld2q_s16(p), high = vld2q_s16(p + 16);
    return (Pairs){{{low.val[0], high.val[0]}, {low.val[1], high.val[1]}}};
}
static inline Pairs p_set(const int16_t *p) {
    int16x8_t first = vdupq_n_s16(p[0]), second = vdupq_n_s16(p[1]);
    return (Pairs){{{first, first}, {second, second}}};
}
static inline Ints p_dot(Ints sum, Pairs a, Pairs b) {
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 2; i++) {
            sum.v[2 * i] = vmlal_s16(sum.v[2 * i], vget_low_s16(a.v[k][i]), vget_low_s16(b.v[k][i]));
            sum.v[2 * i + 1] = vmlal_high_s16(sum.v[2 * i + 1], a.v[k][i], b.v[k][i]);
        }
    return sum;
}
static inline void p_store(int16_t *p, Lanes a, Lanes b) {
    for (int i = 0; i < 4; i++) vst2_s16(p + 8 * i, ((int16x4x2_t){{to_shorts(a.v[i]), to_shorts(b.v[i])}}));
}

/* in the order of the other paths, so that the last digit is theirs too */
#define ACROSS(operation)                                                             \
    float32x4_t four = v##operation##q_f32(v##operation##q_f32(a.v[0], a.v[2]), v##operation##q_f32(a.v[1], a.v[3])); \
    float32x2_t two = v##operation##_f32(vget_low_f32(four), vget_high_f32(four));    \
    return vget_lane_f32(v##operation##_f32(two, vdup_lane_f32(two, 1)), 0);

static inline float l_sum(Lanes a) { ACROSS(add) }
static inline float l_least(Lanes a) { ACROSS(min) }
static inline float l_most(Lanes a) { ACROSS(max) }

#define ROWS 4

#include "encode_settle.h"

#define QUERIES 4
#define KEY_LANES 1
#define VALUE_LANES 1

/* four rows of the sixteen bytes from k on, four columns of weights for one quarter of them */
#define QUARTER(lane)                                                                         \
    for (int c = 0; c < 4; c++) {                                                             \
        int8x16_t column = vld1q_s8(at + (lane)*4 * PANEL + 16 * c);                          \
        for (int i = 0; i < ROWS; i++) sum[i].v[c] = vdotq_laneq_s32(sum[i].v[c], column, a[i], lane); \
    }

/* ROWS rows of bytes times a panel of weights, sixteen columns at a time. The dot product takes
   signed bytes: less 128, and the columns' sums put them back. */
static inline void tile(const uint8_t *const *rows, const int8_t *weights, int depth, const Settling *to) {
    for (int n = 0; n < PANEL; n += 16) {
        Ints sum[ROWS];
        for (int i = 0; i < ROWS; i++)
            for (int c = 0; c < 4; c++) sum[i].v[c] = vshlq_n_s32(vld1q_s32(to->sums + n + 4 * c), 7);
        for (int k = 0; k < depth; k += 16) {
            const int8_t *at = weights + (size_t)k * PANEL + 4 * n;
            int8x16_t a[ROWS];
            for (int i = 0; i < ROWS; i++) a[i] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(rows[i] + k), vdupq_n_u8(0x80)));
            QUARTER(0) QUARTER(1) QUARTER(2) QUARTER(3)
        }
        for (int i = 0; i < ROWS; i++) settle(to, i, n, sum[i]);
    }
}

#define PATH firth_neon
#define PATH_NAME "neon"
#include "encode_layers.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
