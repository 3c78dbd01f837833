/* A BERT encoder (Devlin et al. 2019) on flat tokens; part of encode_layers.h. */

/* Scores of QUERIES queries against the `lanes` * 16 keys from j on; keys lie as [head][padded]. */
static inline void score(const float *const *query, int head, const float *keys, int padded, int j, int lanes,
                         float *scores) {
    Lanes sum[QUERIES][KEY_LANES];
    for (int i = 0; i < QUERIES; i++)
        for (int v = 0; v < lanes; v++) sum[i][v] = l_set(0.0f);
    for (int d = 0; d < head; d++) {
        Lanes key[KEY_LANES];
        for (int v = 0; v < lanes; v++) key[v] = l_load(keys + (size_t)d * padded + j + v * LANES);
        for (int i = 0; i < QUERIES; i++) {
            Lanes value = l_set(query[i][d]);
            for (int v = 0; v < lanes; v++) sum[i][v] = l_fma(value, key[v], sum[i][v]);
        }
    }
    for (int i = 0; i < QUERIES; i++)
        for (int v = 0; v < lanes; v++) l_store(scores + (size_t)i * padded + j + v * LANES, sum[i][v]);
}

/* One query's scores to weights, in place. Returns what makes their sum 1. */
static inline float soften(float *scores, int length, int padded) {
    for (int j = length; j < padded; j++) scores[j] = -1e30f; /* e^-87 beside a sum of 1 or more: nothing */
    Lanes most = l_load(scores), sum = l_set(0.0f);
    for (int j = LANES; j < padded; j += LANES) most = l_max(most, l_load(scores + j));
    most = l_set(l_most(most));
    for (int j = 0; j < padded; j += LANES) {
        Lanes weight = l_exp(l_sub(l_load(scores + j), most));
        l_store(scores + j, weight);
        sum = l_add(sum, weight);
    }
    return 1.0f / l_sum(sum);
}

/* The values' weighted sums of QUERIES queries, `lanes` * 16 of a head's width; those of `live` queries are kept. */
static inline void mix(const float *values, int head, const float *scores, int length, int padded, int lanes,
                       const float *inverse, int live, float *out, size_t width) {
    Lanes sum[QUERIES][VALUE_LANES];
    for (int i = 0; i < QUERIES; i++)
        for (int v = 0; v < lanes; v++) sum[i][v] = l_set(0.0f);
    for (int j = 0; j < length; j++, values += head) {
        Lanes value[VALUE_LANES];
        for (int v = 0; v < lanes; v++) value[v] = l_load(values + v * LANES);
        for (int i = 0; i < QUERIES; i++) {
            Lanes weight = l_set(scores[(size_t)i * padded + j]);
            for (int v = 0; v < lanes; v++) sum[i][v] = l_fma(weight, value[v], sum[i][v]);
        }
    }
    for (int i = 0; i < live; i++)
        for (int v = 0; v < lanes; v++) l_store(out + i * width + v * LANES, l_mul(sum[i][v], l_set(inverse[i])));
}

/* QUERIES queries of one head, from keys and values to their stretch of the context. */
static void attend_block(const float *const *query, const float *keys, const float *values, int head, int length,
                         int live, float *scores, float *out, size_t width) {
    int padded = padded_keys(length), j = 0, d = 0;
    float inverse[QUERIES];
    for (; j + KEY_LANES * LANES <= padded; j += KEY_LANES * LANES)
        score(query, head, keys, padded, j, KEY_LANES, scores);
    for (; j < padded; j += LANES) score(query, head, keys, padded, j, 1, scores);
    for (int i = 0; i < QUERIES; i++) inverse[i] = soften(scores + (size_t)i * padded, length, padded);
    for (; d + VALUE_LANES * LANES <= head; d += VALUE_LANES * LANES)
        mix(values + d, head, scores, length, padded, VALUE_LANES, inverse, live, out + d, width);
    for (; d < head; d += LANES) mix(values + d, head, scores, length, padded, 1, inverse, live, out + d, width);
}

/* One head's keys as [head][padded], over the root of their width, and its values as [length][head]: where they come
   from, rows lie so far apart that they share few lines of the nearest cache. */
static void gather(const float *keys, const float *values, size_t stride, int head, int length, float *own_keys,
                   float *own_values) {
    int padded = padded_keys(length);
    float root = 1.0f / sqrtf((float)head);
    for (int j = 0; j < length; j++, keys += stride, values += stride) {
        for (int d = 0; d < head; d++) own_keys[(size_t)d * padded + j] = keys[d] * root;
        for (int d = 0; d < head; d += LANES) l_store(own_values + (size_t)j * head + d, l_load(values + d));
    }
    for (int d = 0; d < head; d++)
        for (int j = length; j < padded; j++) own_keys[(size_t)d * padded + j] = 0.0f;
}

/* One text, a group of heads: `some` holds rows of queries, keys and values, `depth` wide each, and room for what
   comes out. */
static void attend(const BertShape *s, float *some, int length, const BertScratch *scratch) {
    int head = s->width / s->heads, depth = s->depth;
    size_t stride = 4 * (size_t)depth;
    for (int h = 0; h < depth; h += head) {
        const float *queries = some + h;
        gather(queries + depth, queries + 2 * depth, stride, head, length, scratch->keys, scratch->values);
        for (int t = 0; t < length; t += QUERIES) {
            int live = length - t < QUERIES ? length - t : QUERIES;
            const float *query[QUERIES];
            for (int i = 0; i < QUERIES; i++) query[i] = queries + (size_t)(t + (i < live ? i : live - 1)) * stride;
            attend_block(query, scratch->keys, scratch->values, head, length, live, scratch->scores,
                         some + (size_t)t * stride + 3 * depth + h, stride);
        }
    }
}

static void quantize_rows(const float *x, size_t stride, int depth, int groups, int count, uint8_t *codes, size_t width,
                          float *scale, float *low, size_t step) {
    for (size_t t = 0; t < (size_t)count; t++)
        quantize(x + t * stride, depth, groups, codes + t * width, scale + t * step, low + t * step);
}

/* States plus what attention makes of them. A group of heads at a time, as wide as the activations that share a
   scale: so what lies between stays in the cache, and goes into the next product as codes. */
static void attention(const BertShape *s, const BertLayer *layer, float *states, const int32_t *lengths, int texts,
                      int tokens, const BertScratch *scratch) {
    size_t width = (size_t)s->width, depth = (size_t)s->depth, groups = width / depth, stride = 4 * depth;
    quantize_rows(states, width, s->depth, (int)groups, tokens, scratch->codes, width, scratch->scale, scratch->low, groups);
    Rows rows = {scratch->codes, width, scratch->scale, scratch->low, groups, 1, NULL, tokens};
    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; i < 3; i++) {
            Target out = {scratch->some + i * depth, stride, NONE, NULL, 0, NULL, 0};
            int first = (int)(i * width + g * depth);
            multiply_columns(&layer->attention, &rows, &out, first, first + s->depth);
        }
        float *some = scratch->some;
        for (int i = 0; i < texts; some += (size_t)lengths[i] * stride, i++) attend(s, some, lengths[i], scratch);
        quantize_rows(scratch->some + 3 * depth, stride, s->depth, 1, tokens, scratch->inner_codes + g * depth, width,
                      scratch->inner_scale + g, scratch->inner_low + g, groups);
    }
    Rows mixed = {scratch->inner_codes, width, scratch->inner_scale, scratch->inner_low, groups, 1, NULL, tokens};
    multiply(&layer->output, &mixed, &(Target){states, width, NONE, states, width, NULL, 0});
}

/* States plus what the layer's second half makes of them, in the same way. */
static void transform(const BertShape *s, const BertLayer *layer, float *states, int tokens, const BertScratch *scratch) {
    size_t width = (size_t)s->width, inner = (size_t)s->inner, depth = (size_t)s->depth;
    size_t narrow = width / depth, wide = inner / depth;
    quantize_rows(states, width, s->depth, (int)narrow, tokens, scratch->codes, width, scratch->scale, scratch->low, narrow);
    Rows rows = {scratch->codes, width, scratch->scale, scratch->low, narrow, 1, NULL, tokens};
    for (size_t g = 0; g < wide; g++) {
        Target out = {scratch->some, depth, s->activation, NULL, 0, NULL, 0};
        multiply_columns(&layer->inner, &rows, &out, (int)(g * depth), (int)((g + 1) * depth));
        quantize_rows(scratch->some, depth, s->depth, 1, tokens, scratch->inner_codes + g * depth, inner,
                      scratch->inner_scale + g, scratch->inner_low + g, wide);
    }
    Rows within = {scratch->inner_codes, inner, scratch->inner_scale, scratch->inner_low, wide, 1, NULL, tokens};
    multiply(&layer->width, &within, &(Target){states, width, NONE, states, width, NULL, 0});
}

static void bert(const BertShape *s, Cursor weights, float *states, const int32_t *lengths, int texts, Cursor room) {
    int tokens = 0, longest = 0;
    for (int i = 0; i < texts; i++) {
        tokens += lengths[i];
        if (lengths[i] > longest) longest = lengths[i];
    }
    BertScratch scratch = take_bert_scratch(&room, s, tokens, longest);
    size_t width = (size_t)s->width;
    Norm norm = take_norm(&weights, s->width);
    for (int t = 0; t < tokens; t++) normalize_layer(states + t * width, s->width, norm, s->eps);
    for (int l = 0; l < s->layers; l++) {
        BertLayer layer = take_bert_layer(&weights, s);
        attention(s, &layer, states, lengths, texts, tokens, &scratch);
        for (int t = 0; t < tokens; t++) normalize_layer(states + t * width, s->width, layer.attention_norm, s->eps);
        transform(s, &layer, states, tokens, &scratch);
        for (int t = 0; t < tokens; t++) normalize_layer(states + t * width, s->width, layer.output_norm, s->eps);
    }
}
