/* Which instructions this processor has: 0 plain, 1 AVX2, 2 AVX-512. */

#ifndef FIRTH_SCAN_LEVELS_H
#define FIRTH_SCAN_LEVELS_H

#if (defined(__x86_64__) || defined(_M_X64)) && !defined(FIRTH_PLAIN)
#define FIRTH_X86 1
#include <immintrin.h>
#if defined(__GNUC__)
#define FOR_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vpopcntdq")))
#define FOR_AVX2 __attribute__((target("avx2,fma,popcnt")))
#else
#define FOR_AVX512
#define FOR_AVX2
#include <intrin.h>
#endif
#endif

#if defined(__GNUC__)
#define ALWAYS_INLINE static inline __attribute__((always_inline)) /* into each instruction set's own function */
#else
#define ALWAYS_INLINE static __forceinline
#endif

#ifdef FIRTH_X86
#if defined(__GNUC__)
static int best_level(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return 2;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt");
}
#else
static int best_level(void) {
    int leaf1[4], leaf7[4];
    __cpuid(leaf1, 1);
    if (!(leaf1[2] & (1 << 27))) return 0; /* the system does not save wide registers */
    unsigned long long saved = _xgetbv(0);
    __cpuidex(leaf7, 7, 0);
    int avx2 = (saved & 6) == 6 && (leaf7[1] & (1 << 5)) && (leaf1[2] & (1 << 12)) && (leaf1[2] & (1 << 23));
    int wide = (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31);
    int avx512 = (saved & 0xE6) == 0xE6 && (leaf7[1] & wide) == wide && (leaf7[2] & (1 << 14));
    return avx2 ? 1 + avx512 : 0;
}
#endif
#else
static int best_level(void) { return 0; }
#endif

static int level = -1;

#endif
