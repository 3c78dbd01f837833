/* Which paths this processor can take; part of encode.c. */

#include "encode.h"

#ifdef FIRTH_X86
#ifdef _MSC_VER
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#elif defined(FIRTH_ARM) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(FIRTH_ARM) && defined(_WIN32)
#include <windows.h>
#endif

#ifdef FIRTH_X86
static void ask_processor(unsigned leaf, unsigned part, unsigned out[4]) {
#ifdef _MSC_VER
    __cpuidex((int *)out, (int)leaf, (int)part);
#else
    if (!__get_cpuid_count(leaf, part, &out[0], &out[1], &out[2], &out[3])) out[0] = out[1] = out[2] = out[3] = 0;
#endif
}

static unsigned long long kept_registers(void) { /* which registers the system keeps for a program */
#ifdef _MSC_VER
    return _xgetbv(0);
#else
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (unsigned long long)high << 32 | low;
#endif
}

static void find_paths(const Path **found, int *count) {
    unsigned basic[4], wide[4], more[4];
    ask_processor(1, 0, basic), ask_processor(7, 0, wide), ask_processor(7, 1, more);
    int xsave = basic[2] >> 27 & 1, fma = basic[2] >> 12 & 1, avx2 = wide[1] >> 5 & 1;
    unsigned long long kept = xsave ? kept_registers() : 0;
    int f = wide[1] >> 16 & 1, dq = wide[1] >> 17 & 1, bw = wide[1] >> 30 & 1, vl = wide[1] >> 31 & 1;
    int vnni = wide[2] >> 11 & 1, small_vnni = wide[0] >= 1 ? more[0] >> 4 & 1 : 0;
    int has_avx2 = fma && avx2 && (kept & 0x6) == 0x6;
    if (has_avx2 && f && dq && bw && vl && vnni && (kept & 0xe6) == 0xe6) found[(*count)++] = &firth_avx512;
    if (has_avx2 && small_vnni) found[(*count)++] = &firth_avxvnni;
    if (has_avx2) found[(*count)++] = &firth_avx2;
}
#elif defined(FIRTH_ARM)
static void find_paths(const Path **found, int *count) {
#if defined(__APPLE__)
    int has = 1; /* every processor of Apple's computers */
#elif defined(__linux__)
    int has = getauxval(AT_HWCAP) >> 20 & 1; /* HWCAP_ASIMDDP */
#elif defined(_WIN32)
    int has = IsProcessorFeaturePresent(43); /* PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE */
#else
    int has = 0;
#endif
    if (has) found[(*count)++] = &firth_neon;
}
#else
static void find_paths(const Path **found, int *count) { (void)found, (void)count; }
#endif
