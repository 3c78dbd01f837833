/* A BERT encoder (Devlin et al. 2019) on flat tokens; part of encode_layers.h. */

#include "encode_attention.h"

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
    size_t fine = width / FINE_DEPTH;
    quantize_rows(states, width, FINE_DEPTH, (int)fine, tokens, scratch->codes, width, scratch->scale, scratch->low, fine);
    Rows rows = {scratch->codes, width, scratch->scale, scratch->low, fine, 1, NULL, tokens};
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
