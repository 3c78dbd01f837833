/* Plain C, for every other processor; the compiler makes of it what it can. */

#include "encode.h"

#include <string.h>

typedef struct {
    float v[16];
} Lanes;

#define EACH(expression)                                   \
    Lanes result;                                          \
    for (int i = 0; i < 16; i++) result.v[i] = expression; \
    return result

static inline void l_fetch(const char *p) { (void)p; }
static inline Lanes l_load(const float *p) { EACH(p[i]); }
static inline void l_store(float *p, Lanes a) {
    for (int i = 0; i < 16; i++) p[i] = a.v[i];
}
static inline Lanes l_set(float a) { EACH(a); }
static inline Lanes l_add(Lanes a, Lanes b) { EACH(a.v[i] + b.v[i]); }
static inline Lanes l_sub(Lanes a, Lanes b) { EACH(a.v[i] - b.v[i]); }
static inline Lanes l_mul(Lanes a, Lanes b) { EACH(a.v[i] * b.v[i]); }
static inline Lanes l_fma(Lanes a, Lanes b, Lanes c) { EACH(a.v[i] * b.v[i] + c.v[i]); }
static inline Lanes l_min(Lanes a, Lanes b) { EACH(a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
static inline Lanes l_guess_inverse(Lanes a) {
    int32_t bits[16];
    memcpy(bits, a.v, sizeof bits);
    for (int i = 0; i < 16; i++) bits[i] = INVERSE - bits[i];
    memcpy(a.v, bits, sizeof bits);
    return a;
}
static inline Lanes l_max(Lanes a, Lanes b) { EACH(a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
static inline Lanes l_abs(Lanes a) { EACH(a.v[i] < 0 ? -a.v[i] : a.v[i]); }
static inline float to_whole(float x) { /* to the nearest, to the even one of two; right below 2^22 */
    volatile float shifted = x + 12582912.0f;
    return shifted - 12582912.0f;
}
static inline Lanes l_round(Lanes a) { EACH(to_whole(a.v[i])); }
static inline float power_of_two(float power) {
    union {
        int32_t bits;
        float value;
    } one = {((int32_t)power + 127) << 23};
    return one.value;
}
static inline Lanes l_scale(Lanes a, Lanes power) { EACH(a.v[i] * power_of_two(power.v[i])); }
static inline Lanes l_from_int(const int32_t *p) { EACH((float)p[i]); }
static inline Lanes l_from_bytes(const uint8_t *p) { EACH((float)p[i]); }
static inline void l_store_bytes(uint8_t *p, Lanes a) {
    for (int i = 0; i < 16; i++) {
        float whole = to_whole(a.v[i]);
        p[i] = whole >= 0.0f && whole <= 255.0f ? (uint8_t)whole : 0; /* 0 also for what is no number */
    }
}

static inline int16_t to_short(float x) {
    float whole = to_whole(x);
    return whole > -32768.0f && whole < 32768.0f ? (int16_t)whole : 0;
}
static inline void l_store_shorts(int16_t *p, Lanes a) {
    for (int i = 0; i < 16; i++) p[i] = to_short(a.v[i]);
}

typedef struct {
    int32_t v[16];
} Ints;

typedef struct {
    int16_t v[16][2];
} Pairs;

static inline Ints i_zero(void) { return (Ints){{0}}; }
static inline Lanes i_floats(Ints a) { EACH((float)a.v[i]); }
static inline Pairs p_load(const int16_t *p) {
    Pairs pairs;
    memcpy(pairs.v, p, sizeof pairs.v);
    return pairs;
}
static inline Pairs p_set(const int16_t *p) {
    Pairs pairs;
    for (int i = 0; i < 16; i++) pairs.v[i][0] = p[0], pairs.v[i][1] = p[1];
    return pairs;
}
static inline Ints p_dot(Ints sum, Pairs a, Pairs b) { /* unsigned, for what overflows was no number before */
    for (int i = 0; i < 16; i++)
        sum.v[i] = (int32_t)((uint32_t)sum.v[i] + (uint32_t)(a.v[i][0] * b.v[i][0]) + (uint32_t)(a.v[i][1] * b.v[i][1]));
    return sum;
}
static inline void p_store(int16_t *p, Lanes a, Lanes b) {
    for (int i = 0; i < 16; i++) p[2 * i] = to_short(a.v[i]), p[2 * i + 1] = to_short(b.v[i]);
}

#define ACROSS(combine)                                    \
    for (int half = 8; half; half /= 2)                    \
        for (int i = 0; i < half; i++) {                   \
            float x = a.v[i], y = a.v[i + half];           \
            a.v[i] = combine;                              \
        }                                                  \
    return a.v[0]

static inline float l_sum(Lanes a) { ACROSS(x + y); }
static inline float l_least(Lanes a) { ACROSS(x < y ? x : y); }
static inline float l_most(Lanes a) { ACROSS(x > y ? x : y); }

#define ROWS 2
#define QUERIES 4
#define KEY_LANES 1
#define VALUE_LANES 1

#include "encode_settle.h"

/* ROWS rows of bytes times a panel of weights, sixteen columns at a time */
static inline void tile(const uint8_t *const *rows, const int8_t *weights, int depth, const Settling *to) {
    for (int n = 0; n < PANEL; n += 16) {
        Ints sum[ROWS] = {{{0}}};
        for (int k = 0; k < depth; k += 4)
            for (int i = 0; i < ROWS; i++) {
                int32_t a = rows[i][k], b = rows[i][k + 1], c = rows[i][k + 2], d = rows[i][k + 3];
                for (int j = 0; j < 16; j++) {
                    const int8_t *w = weights + (size_t)k * PANEL + 4 * (n + j);
                    sum[i].v[j] += a * w[0] + b * w[1] + c * w[2] + d * w[3];
                }
            }
        for (int i = 0; i < ROWS; i++) settle(to, i, n, sum[i]);
    }
}

#define PATH firth_plain
#define PATH_NAME "plain"
#include "encode_layers.h"
