/* Universal Sentence Encoder, multilingual, averaging variant (Yang et al. 2020); part of encode_layers.h.

   Rows of the embedding table are codes already and go straight into the first product. A convolution over k
   tokens is one product: row t of its input is the k rows of 256 codes from t - left on. Between the
   texts lie rows of zeros, which nobody computes. */

enum { GROUPS = USE_BRANCH / USE_DEPTH };

static void quantize_branch(const float *x, size_t stride, const int32_t *at, int count, const UseScratch *s) {
    for (int t = 0; t < count; t++) {
        size_t row = (size_t)at[t], group = row * GROUPS;
        quantize(x + (size_t)t * stride, USE_DEPTH, GROUPS, s->codes + row * USE_BRANCH, s->scale + group,
                 s->low + group);
    }
}

static void convolve(const Linear *w, int left, int count, const UseScratch *s, Target out) {
    for (int t = 0; t < count; t++) s->shifted[t] = s->at[t] - left;
    Rows rows = {s->codes, USE_BRANCH, s->scale, s->low, GROUPS, 1, s->shifted, count};
    multiply(w, &rows, &out);
}

static void branch(const UseWeights *w, int i, int count, const UseScratch *s) {
    const size_t wide = USE_BRANCHES * USE_BRANCH;
    float *own = s->branches + (size_t)i * USE_BRANCH, *out = s->features + USE_TABLE + (size_t)i * USE_BRANCH;
    quantize_branch(own, wide, s->at, count, s);
    convolve(&w->first[i], USE_LEFT[i], count, s, (Target){s->hidden, USE_BRANCH, RELU, NULL, 0, own, wide});
    quantize_branch(s->hidden, USE_BRANCH, s->at, count, s);
    convolve(&w->second[i], USE_LEFT[i], count, s,
             (Target){out, USE_FEATURES, RELU, NULL, 0, s->hidden, USE_BRANCH});
}

/* Tokens' places among rows with a margin between texts; margins count as zeros. Returns how many tokens. */
static int lay_out(const int32_t *lengths, int texts, const UseScratch *s) {
    int tokens = 0, row = 0;
    for (int i = 0; i <= texts; i++) {
        for (int k = 0; k < USE_MARGIN; k++, row++) {
            memset(s->codes + (size_t)row * USE_BRANCH, 0, USE_BRANCH);
            for (int g = 0; g < GROUPS; g++) s->scale[row * GROUPS + g] = s->low[row * GROUPS + g] = 0.0f;
        }
        for (int t = 0; i < texts && t < lengths[i]; t++) s->at[tokens++] = row++;
    }
    return tokens;
}

static Rows tail_rows(const float *x, int depth, int groups, int texts, const UseScratch *s) {
    size_t width = (size_t)depth * groups, step = (size_t)groups;
    for (size_t i = 0; i < (size_t)texts; i++)
        quantize(x + i * width, depth, groups, s->tail_codes + i * width, s->tail_scale + i * step, s->tail_low + i * step);
    return (Rows){s->tail_codes, width, s->tail_scale, s->tail_low, step, 1, NULL, texts};
}

/* x [texts][..] through a layer; what is in `to` already is added where `more` is set. */
static void tail_pass(const Fine *w, const float *x, int texts, const UseScratch *s, float *to, int more, int activation) {
    size_t width = (size_t)w->most.columns;
    Rows rows = tail_rows(x, w->most.depth, w->most.groups, texts, s);
    multiply(&w->most, &rows, &(Target){to, width, NONE, more ? to : NULL, width, NULL, 0});
    multiply(&w->rest, &rows, &(Target){to, width, activation, to, width, NULL, 0});
}

/* Sums [texts][1280] of the tokens' features, and what the mean begins with, to vectors. */
static void tail(const UseWeights *w, float eps, int texts, const UseScratch *s, float *vectors) {
    Rows rows = tail_rows(s->sums, w->mean.depth, w->mean.groups, texts, s);
    multiply(&w->mean, &rows, &(Target){s->mean, USE_OUT, NONE, s->mean, USE_OUT, NULL, 0});
    tail_pass(&w->mean_to_first, s->mean, texts, s, s->first, 0, RELU);
    tail_pass(&w->first_to_second, s->first, texts, s, s->second, 0, NONE);
    tail_pass(&w->mean_to_second, s->mean, texts, s, s->second, 1, RELU);
    tail_pass(&w->second_to_third, s->second, texts, s, s->third, 0, RELU);
    tail_pass(&w->second_to_out, s->second, texts, s, vectors, 0, NONE);
    tail_pass(&w->third_to_out, s->third, texts, s, vectors, 1, NONE);
    for (int i = 0; i < texts; i++) {
        float *own = vectors + (size_t)i * USE_OUT;
        Lanes squares = l_set(0.0f), one = l_set(1.0f), two = l_set(2.0f);
        for (int k = 0; k < USE_OUT; k += LANES) { /* tanh x = 1 - 2 / (1 + e^2x) */
            Lanes twice = l_min(l_mul(two, l_load(own + k)), l_set(80.0f));
            Lanes value = l_sub(one, l_mul(two, l_inverse(l_add(one, l_exp(twice)))));
            squares = l_fma(value, value, squares);
            l_store(own + k, value);
        }
        float square = l_sum(squares);
        Lanes unit = l_set(1.0f / sqrtf(square > eps ? square : eps));
        for (int k = 0; k < USE_OUT; k += LANES) l_store(own + k, l_mul(l_load(own + k), unit));
    }
}

static void use(const UseWeights *w, float eps, const uint8_t *codes, const float *scale, const float *low,
                const int32_t *lengths, int texts, UseScratch s, float *vectors) {
    const size_t wide = USE_BRANCHES * USE_BRANCH;
    int tokens = lay_out(lengths, texts, &s);
    Rows table = {codes, USE_TABLE, scale, low, 1, 0, NULL, tokens};
    multiply(&w->projection, &table, &(Target){s.branches, wide, NONE, NULL, 0, NULL, 0});
    for (size_t t = 0; t < (size_t)tokens; t++) {
        normalize_layer(s.branches + t * wide, (int)wide, w->branches, eps);
        for (int k = 0; k < USE_TABLE; k += LANES)
            l_store(s.features + t * USE_FEATURES + k,
                    l_fma(l_from_bytes(codes + t * USE_TABLE + k), l_set(scale[t]), l_set(low[t])));
    }
    for (int i = 0; i < USE_BRANCHES; i++) branch(w, i, tokens, &s);
    float *features = s.features;
    for (int i = 0; i < texts; i++) {
        float *sum = s.sums + (size_t)i * USE_FEATURES, root = sqrtf((float)lengths[i]);
        memset(sum, 0, USE_FEATURES * sizeof(float));
        for (int t = 0; t < lengths[i]; t++, features += USE_FEATURES) {
            normalize_layer(features, USE_FEATURES, w->tokens, eps);
            for (int k = 0; k < USE_FEATURES; k += LANES) l_store(sum + k, l_add(l_load(sum + k), l_load(features + k)));
        }
        for (int k = 0; k < USE_FEATURES; k++) sum[k] /= root;
        for (int k = 0; k < USE_OUT; k++) s.mean[(size_t)i * USE_OUT + k] = w->mean_bias[k] * root;
    }
    tail(w, eps, texts, &s, vectors);
}
