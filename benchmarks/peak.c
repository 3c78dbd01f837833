/* The most int8 multiplications and additions that one core does in a second, in registers alone: the limit that
   encode.py measures kernels by. Prints GOP a CPU second and the kernel path they belong to.

       gcc -O2 -march=native -o peak peak.c && ./peak */

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SUMS 12 /* independent of each other: more than are begun before the first one is done */
#define ROUNDS 20000000

#if defined(__AVX512VNNI__)
#include <immintrin.h>
#define ONCE(sum, a, b) __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
typedef __m512i Register;
static const char *NAME = "avx512";
#elif defined(__AVXVNNI__)
#include <immintrin.h>
#define ONCE(sum, a, b) __asm__ volatile("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b))
typedef __m256i Register;
static const char *NAME = "avxvnni";
#elif defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>
#define ONCE(sum, a, b) __asm__ volatile("sdot %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(a), "w"(b))
typedef int8x16_t Register;
static const char *NAME = "neon";
#elif defined(__AVX2__)
#include <immintrin.h>
#define ONCE(sum, a, b)                                                                                               \
    do {                                                                                                              \
        __m256i product = a;                                                                                          \
        __asm__ volatile("vpmaddubsw %2, %0, %0\n\tvpmaddwd %2, %0, %0\n\tvpaddd %0, %1, %1"                           \
                         : "+x"(product), "+x"(sum)                                                                   \
                         : "x"(b));                                                                                   \
    } while (0)
typedef __m256i Register;
static const char *NAME = "avx2";
#endif

int main(void) {
#ifdef ONCE
    Register a, none;
    memset(&a, 1, sizeof a), memset(&none, 0, sizeof none);
    Register s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none;
    Register s6 = none, s7 = none, s8 = none, s9 = none, s10 = none, s11 = none;
    clock_t start = clock();
    for (long i = 0; i < ROUNDS; i++) {
        ONCE(s0, a, a); ONCE(s1, a, a); ONCE(s2, a, a); ONCE(s3, a, a); ONCE(s4, a, a); ONCE(s5, a, a);
        ONCE(s6, a, a); ONCE(s7, a, a); ONCE(s8, a, a); ONCE(s9, a, a); ONCE(s10, a, a); ONCE(s11, a, a);
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("%s %.1f\n", NAME, 2.0 * ROUNDS * SUMS * sizeof(Register) / seconds / 1e9);
#endif
    return 0;
}
