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

/* ROWS rows of bytes times a panel of weights; out [ROWS][PANEL] */
static inline void tile(const uint8_t *const *rows, const int8_t *weights, int depth, const int32_t *column_sums,
                        int32_t *out) {
    (void)column_sums;
    for (int i = 0; i < ROWS * PANEL; i++) out[i] = 0;
    for (int k = 0; k < depth; k += 4, weights += 4 * PANEL)
        for (int i = 0; i < ROWS; i++) {
            int32_t a = rows[i][k], b = rows[i][k + 1], c = rows[i][k + 2], d = rows[i][k + 3];
            for (int n = 0; n < PANEL; n++) {
                const int8_t *w = weights + 4 * n;
                out[i * PANEL + n] += a * w[0] + b * w[1] + c * w[2] + d * w[3];
            }
        }
}

#define PATH firth_plain
#define PATH_NAME "plain"
#include "encode_layers.h"
