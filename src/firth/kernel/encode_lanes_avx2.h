/* Sixteen lanes as two registers of AVX2; for both paths that have no more than that. */

typedef struct {
    __m256 low, high;
} Lanes;

#define BOTH(expression_low, expression_high) return (Lanes){expression_low, expression_high}

static inline void l_fetch(const char *p) { _mm_prefetch(p, _MM_HINT_T1); }
static inline Lanes l_load(const float *p) { BOTH(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
static inline void l_store(float *p, Lanes a) { _mm256_storeu_ps(p, a.low), _mm256_storeu_ps(p + 8, a.high); }
static inline Lanes l_set(float a) { BOTH(_mm256_set1_ps(a), _mm256_set1_ps(a)); }
static inline Lanes l_add(Lanes a, Lanes b) { BOTH(_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)); }
static inline Lanes l_sub(Lanes a, Lanes b) { BOTH(_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)); }
static inline Lanes l_mul(Lanes a, Lanes b) { BOTH(_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)); }
static inline Lanes l_min(Lanes a, Lanes b) { BOTH(_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)); }
static inline Lanes l_max(Lanes a, Lanes b) { BOTH(_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)); }
static inline Lanes l_fma(Lanes a, Lanes b, Lanes c) {
    BOTH(_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high));
}
static inline Lanes l_guess_inverse(Lanes a) {
    __m256i start = _mm256_set1_epi32(INVERSE);
    BOTH(_mm256_castsi256_ps(_mm256_sub_epi32(start, _mm256_castps_si256(a.low))),
         _mm256_castsi256_ps(_mm256_sub_epi32(start, _mm256_castps_si256(a.high))));
}
static inline Lanes l_abs(Lanes a) {
    __m256 sign = _mm256_set1_ps(-0.0f);
    BOTH(_mm256_andnot_ps(sign, a.low), _mm256_andnot_ps(sign, a.high));
}
static inline Lanes l_round(Lanes a) { BOTH(_mm256_round_ps(a.low, 8), _mm256_round_ps(a.high, 8)); }
static inline __m256 power_of_two(__m256 power) {
    __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(power), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
}
static inline Lanes l_scale(Lanes a, Lanes power) {
    BOTH(_mm256_mul_ps(a.low, power_of_two(power.low)), _mm256_mul_ps(a.high, power_of_two(power.high)));
}
static inline Lanes l_from_int(const int32_t *p) {
    BOTH(_mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)p)),
         _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(p + 8))));
}
static inline Lanes l_from_bytes(const uint8_t *p) {
    BOTH(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p))),
         _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8)))));
}
static inline void l_store_bytes(uint8_t *p, Lanes a) {
    __m256i words = _mm256_packus_epi32(_mm256_cvtps_epi32(a.low), _mm256_cvtps_epi32(a.high));
    words = _mm256_permute4x64_epi64(words, 0xd8); /* the pack works in halves: put them in order */
    _mm_storeu_si128((__m128i *)p, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

static inline void l_store_shorts(int16_t *p, Lanes a) {
    __m256i words = _mm256_packs_epi32(_mm256_cvtps_epi32(a.low), _mm256_cvtps_epi32(a.high));
    _mm256_storeu_si256((__m256i *)p, _mm256_permute4x64_epi64(words, 0xd8));
}

typedef struct {
    __m256i low, high;
} Ints;

typedef Ints Pairs;

static inline Ints i_zero(void) { return (Ints){_mm256_setzero_si256(), _mm256_setzero_si256()}; }
static inline Lanes i_floats(Ints a) { BOTH(_mm256_cvtepi32_ps(a.low), _mm256_cvtepi32_ps(a.high)); }
static inline Pairs p_load(const int16_t *p) {
    return (Pairs){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 16))};
}
static inline Pairs p_set(const int16_t *p) {
    int32_t pair;
    memcpy(&pair, p, 4);
    __m256i same = _mm256_set1_epi32(pair);
    return (Pairs){same, same};
}
static inline Ints p_dot(Ints sum, Pairs a, Pairs b) {
    PAIR_DOT(sum.low, a.low, b.low);
    PAIR_DOT(sum.high, a.high, b.high);
    return sum;
}
static inline void p_store(int16_t *p, Lanes a, Lanes b) {
    __m256i low = _mm256_slli_epi32(_mm256_cvtps_epi32(b.low), 16), high = _mm256_slli_epi32(_mm256_cvtps_epi32(b.high), 16);
    low = _mm256_blend_epi16(_mm256_cvtps_epi32(a.low), low, 0xaa);
    high = _mm256_blend_epi16(_mm256_cvtps_epi32(a.high), high, 0xaa);
    _mm256_storeu_si256((__m256i *)p, low), _mm256_storeu_si256((__m256i *)(p + 16), high);
}

#define ACROSS(operation)                                                                     \
    __m256 eight = _mm256_##operation##_ps(a.low, a.high);                                    \
    __m128 four = _mm_##operation##_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)); \
    __m128 two = _mm_##operation##_ps(four, _mm_movehl_ps(four, four));                       \
    return _mm_cvtss_f32(_mm_##operation##_ss(two, _mm_movehdup_ps(two)));

static inline float l_sum(Lanes a) { ACROSS(add) }
static inline float l_least(Lanes a) { ACROSS(min) }
static inline float l_most(Lanes a) { ACROSS(max) }

#define QUERIES 4
#define KEY_LANES 1
#define VALUE_LANES 1
