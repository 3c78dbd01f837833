/* Attention of one text at a time, part of encode_bert.h. Its numbers are int16: next to nothing is lost, and two
   products are added in one step, exactly.

   Sums stay below 2^31. Queries times keys: 128 * 4095 * 4095 does. Weights times values: the weights of a query are
   WHOLE together, and no code is more than twice what it stands for, since less than a half is 0. */
#define LEVELS 4095 /* the largest code of a query or key, whose heads are MOST_HEAD wide at most */
#define WHOLE 32000 /* the largest code of a value, too */

/* The largest absolute value of `count` rows of a head. */
static float largest(const float *rows, size_t stride, int head, int count) {
    Lanes most = l_set(0.0f);
    for (int t = 0; t < count; t++, rows += stride)
        for (int d = 0; d < head; d += LANES) most = l_max(most, l_abs(l_load(rows + d)));
    return l_most(most);
}

static inline float codes_per_unit(float largest, float levels) { return largest > 1e-30f ? levels / largest : 0.0f; }

/* One head's queries or keys as [head / 2][padded][2]. Returns the value of one code. */
static float take_pairs(const float *rows, size_t stride, int head, int length, int16_t *codes) {
    int padded = padded_keys(length);
    float most = largest(rows, stride, head, length);
    Lanes unit = l_set(codes_per_unit(most, LEVELS));
    memset(codes, 0, (size_t)head * padded * sizeof(int16_t));
    for (int j = 0; j < length; j++, rows += stride) {
        int16_t own[MOST_HEAD];
        for (int d = 0; d < head; d += LANES) l_store_shorts(own + d, l_mul(l_load(rows + d), unit));
        for (int d = 0; d < head; d += 2) memcpy(codes + (size_t)d * padded + 2 * j, own + d, 2 * sizeof(int16_t));
    }
    return most / LEVELS;
}

/* One head's values as [length / 2, rounded up][head][2]. Returns the value of one code. */
static float take_values(const float *values, size_t stride, int head, int length, int16_t *codes) {
    float most = largest(values, stride, head, length);
    Lanes unit = l_set(codes_per_unit(most, WHOLE));
    for (int j = 0; j < length; j += 2, values += 2 * stride) {
        const float *next = j + 1 < length ? values + stride : values; /* behind the last one: its weight is 0 */
        for (int d = 0; d < head; d += LANES, codes += 2 * LANES)
            p_store(codes, l_mul(l_load(values + d), unit), l_mul(l_load(next + d), unit));
    }
    return most / WHOLE;
}

/* One head of one text, as codes. */
typedef struct {
    const int16_t *queries, *keys, *values;
    float score, value; /* what a query's code times a key's is worth, as a power of 2; and a value's code */
    float there[LANES]; /* of the last 16 keys those that are none: 0, else 1 */
    int width, length, padded;
} Head;

/* Scores of QUERIES queries from t on against the `lanes` * 16 keys from j on, as products of codes. */
static inline void score(const Head *head, int t, int j, int lanes, float *scores) {
    Ints sum[QUERIES][KEY_LANES];
    for (int i = 0; i < QUERIES; i++)
        for (int v = 0; v < lanes; v++) sum[i][v] = i_zero();
    const int16_t *queries = head->queries + 2 * t, *keys = head->keys + 2 * j;
    for (int d = 0; d < head->width; d += 2, queries += 2 * head->padded, keys += 2 * head->padded) {
        Pairs key[KEY_LANES];
        for (int v = 0; v < lanes; v++) key[v] = p_load(keys + 2 * v * LANES);
        for (int i = 0; i < QUERIES; i++) {
            Pairs query = p_set(queries + 2 * i);
            for (int v = 0; v < lanes; v++) sum[i][v] = p_dot(sum[i][v], query, key[v]);
        }
    }
    for (int i = 0; i < QUERIES; i++)
        for (int v = 0; v < lanes; v++) l_store(scores + (size_t)i * head->padded + j + v * LANES, i_floats(sum[i][v]));
}

static inline Lanes weigh(float *scores, Lanes most, Lanes unit) {
    Lanes weight = l_power(l_mul(l_sub(l_load(scores), most), unit));
    l_store(scores, weight);
    return weight;
}

/* One query's scores to weights whose sum is WHOLE. */
static inline void soften(const Head *head, float *scores, int16_t *weights) {
    float *last = scores + head->padded - LANES;
    Lanes there = l_load(head->there), away = l_mul(l_sub(there, l_set(1.0f)), l_set(1e30f));
    Lanes most = l_fma(l_load(last), there, away), sum = l_set(0.0f), unit = l_set(head->score);
    l_store(last, most);
    for (float *at = scores; at < last; at += LANES) most = l_max(most, l_load(at));
    most = l_set(l_most(most));
    for (float *at = scores; at < last; at += LANES) sum = l_add(sum, weigh(at, most, unit));
    Lanes weight = l_mul(weigh(last, most, unit), there);
    l_store(last, weight);
    Lanes share = l_set(WHOLE / l_sum(l_add(sum, weight)));
    for (; scores <= last; scores += LANES, weights += LANES) l_store_shorts(weights, l_mul(l_load(scores), share));
}

/* The values' weighted sums of QUERIES queries, `lanes` * 16 of a head's width from d on; those of `live` queries are
   kept. */
static inline void mix(const Head *head, const int16_t *weights, int d, int lanes, int live, float *out, size_t stride) {
    Ints sum[QUERIES][VALUE_LANES];
    const int16_t *own[QUERIES], *values = head->values + 2 * d;
    for (int i = 0; i < QUERIES; i++) {
        own[i] = weights + (size_t)i * head->padded;
        for (int v = 0; v < lanes; v++) sum[i][v] = i_zero();
    }
    for (size_t j = 0; j < (size_t)head->length; j += 2, values += 2 * head->width) {
        Pairs value[VALUE_LANES];
        for (int v = 0; v < lanes; v++) value[v] = p_load(values + 2 * v * LANES);
        for (int i = 0; i < QUERIES; i++) {
            Pairs weight = p_set(own[i] + j);
            for (int v = 0; v < lanes; v++) sum[i][v] = p_dot(sum[i][v], weight, value[v]);
        }
    }
    Lanes unit = l_set(head->value / WHOLE);
    for (int i = 0; i < live; i++)
        for (int v = 0; v < lanes; v++) l_store(out + i * stride + v * LANES, l_mul(i_floats(sum[i][v]), unit));
}

/* Up to QUERIES queries of one head, from t on, to their stretch of the context. */
static void attend_block(const Head *head, int t, const BertScratch *scratch, float *out, size_t stride) {
    int live = head->length - t < QUERIES ? head->length - t : QUERIES, j = 0, d = 0;
    for (; j + KEY_LANES * LANES <= head->padded; j += KEY_LANES * LANES) score(head, t, j, KEY_LANES, scratch->scores);
    for (; j < head->padded; j += LANES) score(head, t, j, 1, scratch->scores);
    for (int i = 0; i < QUERIES; i++) {
        size_t row = (size_t)i * head->padded;
        soften(head, scratch->scores + row, scratch->weights + row);
    }
    for (; d + VALUE_LANES * LANES <= head->width; d += VALUE_LANES * LANES)
        mix(head, scratch->weights, d, VALUE_LANES, live, out + d, stride);
    for (; d < head->width; d += LANES) mix(head, scratch->weights, d, 1, live, out + d, stride);
}

static Head take_head(const float *rows, size_t stride, int depth, int width, int length, const BertScratch *scratch) {
    Head head = {scratch->queries, scratch->keys, scratch->values, 0.0f, 0.0f, {0.0f}, width, length, padded_keys(length)};
    float query = take_pairs(rows, stride, width, length, scratch->queries);
    float key = take_pairs(rows + depth, stride, width, length, scratch->keys);
    head.score = query * key * (LOG2_E / sqrtf((float)width));
    head.value = take_values(rows + 2 * depth, stride, width, length, scratch->values);
    for (int j = head.padded - LANES; j < length; j++) head.there[j % LANES] = 1.0f;
    return head;
}

/* One text, a group of heads: `some` holds rows of queries, keys and values, `depth` wide each, and room for what
   comes out. */
static void attend(const BertShape *s, float *some, int length, const BertScratch *scratch) {
    int width = s->width / s->heads, depth = s->depth;
    size_t stride = 4 * (size_t)depth;
    for (int h = 0; h < depth; h += width) {
        Head head = take_head(some + h, stride, depth, width, length, scratch);
        for (int t = 0; t < length; t += QUERIES)
            attend_block(&head, t, scratch, some + (size_t)t * stride + 3 * depth + h, stride);
    }
}
