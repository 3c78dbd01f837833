/* One pass over a stretch of text, for one instruction set: included by words.c after words_lanes.h. */

/* The sum of a vector's lanes. */
TARGET static ALWAYS float NAME(total)(vec v) {
#if SET == 512
    return _mm512_reduce_add_ps(v);
#elif SET == 256
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
#elif LANES == 4
    return (v[0] + v[1]) + (v[2] + v[3]);
#else
    return v;
#endif
}

/* One gradient step of an input row against `m` output rows.

   The numpy twin is firth.training.skipgram.loss. All products are taken before any row moves, so that the step is
   the gradient of the loss at one place. `moved` is where the input's own step is added: the input row itself, or a
   sum for those who share it. Returns the loss where it is asked for. */
TARGET static ALWAYS float NAME(step)(const Step *s, const int m) {
    const float *input = s->input;
    float *moved = s->moved, slope[GROUP], loss = 0;
    vec sums[GROUP];
    for (int o = 0; o < m; o++) sums[o] = zero();
    for (Py_ssize_t d = 0; d < s->width; d += LANES) {
        vec in = load(input + d);
        for (int o = 0; o < m; o++) sums[o] = fused(in, load(s->rows[o] + d), sums[o]);
    }
    for (int o = 0; o < m; o++) slope[o] = NAME(total)(sums[o]);
    if (s->asked)
        for (int o = 0; o < m; o++)
            if (s->rate[o] != 0) loss += softplus(s->label[o] > 0 ? -slope[o] : slope[o]);
    for (int o = m; o < GROUP; o++) slope[o] = 0;
    sigmoids(slope);
    for (int o = 0; o < m; o++) slope[o] = s->rate[o] * (s->label[o] - slope[o]);
    for (Py_ssize_t d = 0; d < s->width; d += LANES) {
        vec in = load(input + d), sum = load(moved + d);
        for (int o = 0; o < m; o++) {
            vec slopes = spread(slope[o]), out = load(s->rows[o] + d);
            sum = fused(slopes, out, sum);
            store(s->rows[o] + d, fused(slopes, in, out));
        }
        store(moved + d, sum);
    }
    return loss;
}

/* `step` with the number of rows known to the compiler, so that its sums stay in registers. */
TARGET static float NAME(step_of)(const Step *s, int m) {
#define CASE(n) case n: return NAME(step)(s, n);
    switch (m) { CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) }
#undef CASE
    return 0;
}

/* An input against the word that was there and `negative` that were not, in groups that fit the registers. */
TARGET static void NAME(predict)(Pass *p, const float *input, float *moved, int32_t word) {
    Step s = {.input = input, .moved = moved, .width = p->width, .asked = (++p->steps & (ASK_EVERY - 1)) == 0};
    uint64_t bits = 0;
    int m = 1;
    s.rows[0] = p->outputs + (Py_ssize_t)word * p->width;
    s.label[0] = 1;
    s.rate[0] = p->rate;
    for (int i = 0; i < p->fresh; i++) refill(p);
    for (int k = 0; k < p->negative; k++) {
        if (k % 8 == 0) bits = next_random(p);
        int32_t other = p->pool[bits & (POOL - 1)];
        bits >>= 8;
        if (m == GROUP) {
            p->loss += NAME(step_of)(&s, m);
            m = 0;
        }
        s.rows[m] = p->outputs + (Py_ssize_t)other * p->width;
        s.label[m] = 0;
        s.rate[m++] = other == word ? 0 : p->rate;
    }
    p->loss += NAME(step_of)(&s, m);
    p->asked += s.asked;
}

/* The mean of the rows in p->bag. */
TARGET static void NAME(mean)(Pass *p, float *mean) {
    vec share = spread(1.0f / (float)p->bagged);
    for (Py_ssize_t d = 0; d < p->width; d += LANES) {
        vec sum = zero();
        for (int b = 0; b < p->bagged; b++) sum = fused(share, load(p->inputs + p->bag[b] * p->width + d), sum);
        store(mean + d, sum);
        store(p->moved + d, zero());
    }
}

/* Each row of the bag takes the whole step of their mean, so that the mean moves as one row alone would. */
TARGET static void NAME(share)(Pass *p) {
    for (int b = 0; b < p->bagged; b++) {
        float *row = p->inputs + p->bag[b] * p->width;
        for (Py_ssize_t d = 0; d < p->width; d += LANES) store(row + d, fused(spread(1.0f), load(p->moved + d), load(row + d)));
    }
}

/* The word at `i` and its neighbours from `low` to `high`. */
TARGET static void NAME(window)(Pass *p, const int32_t *words, int i, int low, int high) {
    if (p->cbow) {
        p->bagged = 0;
        for (int j = low; j <= high; j++)
            if (j != i) put_in_bag(p, words[j]);
        if (!p->bagged) return;
        NAME(mean)(p, p->mean);
        NAME(predict)(p, p->mean, p->moved, words[i]);
        NAME(share)(p);
    } else if (p->piece_starts) {
        p->bagged = 0;
        put_in_bag(p, words[i]);
        NAME(mean)(p, p->mean);
        for (int j = low; j <= high; j++)
            if (j != i) NAME(predict)(p, p->mean, p->moved, words[j]);
        NAME(share)(p);
    } else {
        for (int j = low; j <= high; j++) {
            float *input = p->inputs + (Py_ssize_t)words[j] * p->width;
            if (j != i) NAME(predict)(p, input, input, words[i]);
        }
    }
}

TARGET static void NAME(sentence)(Pass *p, const int32_t *words, int n) {
    for (int i = 0; i < n; i++) {
        int reach = 1 + (int)((next_random(p) >> 33) % (uint64_t)p->window);
        int ahead = i + p->window + 1;
        if (ahead < n) fetch(p->inputs + (Py_ssize_t)words[ahead] * p->width, p->width);
        if (i + 2 < n) fetch(p->outputs + (Py_ssize_t)words[i + 2] * p->width, p->width);
        NAME(window)(p, words, i, i - reach < 0 ? 0 : i - reach, i + reach >= n ? n - 1 : i + reach);
    }
}
