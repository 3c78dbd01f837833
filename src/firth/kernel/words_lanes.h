/* What an instruction set gives words_pass.h: vectors of LANES floats. Included once for each, after `SET` names it. */

#undef LANES
#undef TARGET
#undef NAME
#undef vec
#undef load
#undef store
#undef spread
#undef fused
#undef zero

#if SET == 512
#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi2")))
#define NAME(name) name##_512
#define vec __m512
#define load(p) _mm512_loadu_ps(p)
#define store(p, v) _mm512_storeu_ps(p, v)
#define spread(x) _mm512_set1_ps(x)
#define fused(a, b, c) _mm512_fmadd_ps(a, b, c)
#define zero() _mm512_setzero_ps()

#elif SET == 256
#define LANES 8
#if defined(__GNUC__)
#define TARGET __attribute__((target("avx2,fma,bmi2")))
#else
#define TARGET
#endif
#define NAME(name) name##_256
#define vec __m256
#define load(p) _mm256_loadu_ps(p)
#define store(p, v) _mm256_storeu_ps(p, v)
#define spread(x) _mm256_set1_ps(x)
#define fused(a, b, c) _mm256_fmadd_ps(a, b, c)
#define zero() _mm256_setzero_ps()

#elif defined(__GNUC__) /* four lanes, which every compiler of GCC's kind turns into SSE, NEON or whatever is there */
#define LANES 4
#define TARGET
#define NAME(name) name##_plain
#define vec lanes4
#define load(p) load4(p)
#define store(p, v) store4(p, v)
#define spread(x) ((lanes4){x, x, x, x})
#define fused(a, b, c) ((a) * (b) + (c))
#define zero() ((lanes4){0})

#else /* one lane: plain C */
#define LANES 1
#define TARGET
#define NAME(name) name##_plain
#define vec float
#define load(p) (*(p))
#define store(p, v) (*(p) = (v))
#define spread(x) (x)
#define fused(a, b, c) ((a) * (b) + (c))
#define zero() 0.0f
#endif
