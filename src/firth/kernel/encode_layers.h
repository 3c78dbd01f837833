/* The layers, written once for all paths. The file that includes this has defined 16 lanes of float (`Lanes` and
   the l_... functions), `ROWS` and `tile` before, and the name of its table as `PATH`.

   Nothing here depends on what else is in a batch: a text has the same vector, bit by bit, alone and among others.
   Nor on the path, if it multiplies and adds in one step, as all but plain C do: sums run in the same order, and
   there is no instruction whose last digit differs from maker to maker. */

#include <math.h>
#include <string.h>

#define LANES 16
#define LOG2_E 1.44269504f

static inline Lanes l_power(Lanes x) {
    /* 2^x for x <= 126: the whole part goes into the exponent; a minimax polynomial, relative error 8e-8 */
    Lanes power = l_max(x, l_set(-126.0f)), whole = l_round(power);
    Lanes part = l_sub(power, whole), sum = l_set(1.327646908e-3f);
    sum = l_fma(sum, part, l_set(9.675541311e-3f));
    sum = l_fma(sum, part, l_set(5.550713283e-2f));
    sum = l_fma(sum, part, l_set(2.402211972e-1f));
    sum = l_fma(sum, part, l_set(6.931469671e-1f));
    sum = l_fma(sum, part, l_set(1.000000072f));
    return l_scale(sum, whole);
}

static inline Lanes l_exp(Lanes x) { return l_power(l_mul(x, l_set(LOG2_E))); }

static inline Lanes l_inverse(Lanes a) { /* of positive numbers: a guess, and three steps of Newton's */
    Lanes guess = l_guess_inverse(a), less = l_sub(l_set(0.0f), a);
    for (int i = 0; i < 3; i++) guess = l_fma(guess, l_fma(less, guess, l_set(1.0f)), guess);
    return guess;
}

static inline Lanes l_gelu(Lanes x) {
    /* x (1 + erf(x / sqrt 2)) / 2 = max(x, 0) - |x| (1 - erf(|x| / sqrt 2)) / 2; erf by Abramowitz and Stegun 7.1.28,
       |error| < 3e-7, whose six factors hold the powers of sqrt 1/2 */
    Lanes size = l_min(l_abs(x), l_set(10.0f)), sum = l_set(5.3797501e-6f);
    sum = l_fma(sum, size, l_set(4.8890636e-5f));
    sum = l_fma(sum, size, l_set(3.8003573e-5f));
    sum = l_fma(sum, size, l_set(3.2776263e-3f));
    sum = l_fma(sum, size, l_set(2.1141006e-2f));
    sum = l_fma(sum, size, l_set(4.9867347e-2f));
    sum = l_fma(sum, size, l_set(1.0f));
    for (int i = 0; i < 4; i++) sum = l_mul(sum, sum);
    return l_sub(l_max(x, l_set(0.0f)), l_mul(l_mul(size, l_set(0.5f)), l_inverse(sum)));
}

static void quantize(const float *x, int depth, int groups, uint8_t *codes, float *scale, float *low) {
    for (int g = 0; g < groups; g++, x += depth, codes += depth) {
        Lanes least = l_load(x), most = least;
        for (int k = LANES; k < depth; k += LANES) {
            Lanes value = l_load(x + k);
            least = l_min(least, value);
            most = l_max(most, value);
        }
        float bottom = l_least(least), range = l_most(most) - bottom, known = range > 1e-30f ? range : 0.0f;
        Lanes shift = l_set(bottom), unit = l_set(known > 0.0f ? 255.0f / known : 0.0f);
        for (int k = 0; k < depth; k += LANES) l_store_bytes(codes + k, l_mul(l_sub(l_load(x + k), shift), unit));
        scale[g] = known / 255.0f;
        low[g] = bottom;
    }
}

/* One panel of columns for ROWS rows: bias and products, group after group. */
static inline void multiply_tile(const Linear *w, const Rows *rows, const size_t *row, int n, float *sums) {
    const uint8_t *starts[ROWS];
    for (int g = 0; g < w->groups; g++) {
        size_t columns = (size_t)g * w->columns + n;
        Settling settling = {w->scales + columns, w->sums + columns, g ? NULL : w->bias + n, {0}, {0}, sums};
        for (int i = 0; i < ROWS; i++) {
            size_t at = row[i] * rows->step + (size_t)g * rows->group_step;
            starts[i] = rows->codes + row[i] * rows->stride + (size_t)g * w->depth;
            settling.scale[i] = rows->scale[at], settling.low[i] = rows->low[at];
        }
        tile(starts, w->codes + ((size_t)n * w->groups + (size_t)g * PANEL) * w->depth, w->depth, &settling);
    }
}

static inline void finish_tile(const Target *out, int t, int live, int n, const float *sums) {
    for (int i = 0; i < live; i++) {
        for (int j = 0; j < PANEL; j += LANES) {
            size_t row = (size_t)(t + i), column = (size_t)(n + j);
            Lanes value = l_load(sums + i * PANEL + j);
            if (out->before) value = l_add(value, l_load(out->before + row * out->before_stride + column));
            if (out->activation == GELU) value = l_gelu(value);
            if (out->activation == RELU) value = l_max(value, l_set(0.0f));
            if (out->after) value = l_add(value, l_load(out->after + row * out->after_stride + column));
            l_store(out->to + row * out->stride + column, value);
        }
    }
}

/* The products of the columns from `first` to `last`; out->to is where the first of them goes. While one panel of
   weights is used, the next one is fetched, for they come from far. */
static void multiply_columns(const Linear *w, const Rows *rows, const Target *out, int first, int last) {
    float sums[ROWS * PANEL];
    size_t panel = (size_t)w->depth * w->groups * PANEL, share = panel * ROWS / (rows->count + ROWS - 1) + 1;
    for (int n = first; n < last; n += PANEL) {
        const char *next = (const char *)w->codes + (size_t)n / PANEL * panel + panel, *end = next + panel;
        for (int t = 0; t < rows->count; t += ROWS) {
            int live = rows->count - t < ROWS ? rows->count - t : ROWS;
            size_t row[ROWS];
            for (int i = 0; i < ROWS; i++) { /* behind the last row it is read again, and the result left out */
                int at = t + (i < live ? i : live - 1);
                row[i] = (size_t)(rows->at ? rows->at[at] : at);
            }
            if (n + PANEL < w->columns)
                for (const char *to = next + share; next < to && next < end; next += 64) l_fetch(next);
            multiply_tile(w, rows, row, n, sums);
            finish_tile(out, t, live, n - first, sums);
        }
    }
}

static void multiply(const Linear *w, const Rows *rows, const Target *out) {
    multiply_columns(w, rows, out, 0, w->columns);
}

static void normalize_layer(float *x, int width, Norm norm, float eps) {
    Lanes sum = l_set(0.0f), squares = l_set(0.0f);
    for (int k = 0; k < width; k += LANES) sum = l_add(sum, l_load(x + k));
    Lanes mean = l_set(l_sum(sum) / (float)width);
    for (int k = 0; k < width; k += LANES) {
        Lanes off = l_sub(l_load(x + k), mean);
        squares = l_fma(off, off, squares);
    }
    Lanes unit = l_set(1.0f / sqrtf(l_sum(squares) / (float)width + eps));
    for (int k = 0; k < width; k += LANES) {
        Lanes off = l_mul(l_sub(l_load(x + k), mean), unit);
        l_store(x + k, l_fma(off, l_load(norm.scale + k), l_load(norm.shift + k)));
    }
}

#include "encode_bert.h"
#include "encode_use.h"

const Path PATH = {PATH_NAME, bert, use, quantize, multiply};
