/* Word vectors: skip-gram and CBOW with negative sampling, a stretch of text at a time.

   The numpy twin, which states the loss, is firth.training.skipgram.loss. Several threads may run over different
   stretches and the same rows at once (Recht et al. 2011, "Hogwild!"): a lost update is noise like any other. */

#include "buffers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if (defined(__x86_64__) || defined(_M_X64)) && (defined(__GNUC__) || defined(_MSC_VER))
#define X86 1
#include <immintrin.h>
#endif
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#define ALWAYS __forceinline
#else
#define ALWAYS inline __attribute__((always_inline))
typedef float lanes4 __attribute__((vector_size(16)));
static ALWAYS lanes4 load4(const float *p) { lanes4 v; memcpy(&v, p, sizeof v); return v; }
static ALWAYS void store4(float *p, lanes4 v) { memcpy(p, &v, sizeof v); }
#endif

#define GROUP 8       /* output rows of one step */
#define POOL 64      /* words that are drawn ahead; a power of 2, at most 256 */
#define ASK_EVERY 64  /* steps of which one is asked for its loss; a power of 2 */
#define LONGEST 4096  /* words of a sentence that are looked at together */
#define BAG 4096      /* rows of one mean */
#define LINE 16       /* floats of a cache line; rows are padded to whole ones */

typedef struct {
    const float *input;
    float *moved, *rows[GROUP], label[GROUP], rate[GROUP];
    Py_ssize_t width;
    int asked;
} Step;

typedef struct {
    float *inputs, *outputs, *mean, *moved, rate;
    const uint32_t *keep, *accept;
    const int32_t *alias, *pieces;
    const int64_t *piece_starts;
    Py_ssize_t words, width, bag[BAG], pieces_length;
    int window, negative, fresh, cbow, bagged;
    int32_t pool[256];
    uint64_t random, steps, asked, cursor;
    double loss;
} Pass;

/* SplitMix64 (Steele et al. 2014): one word of state, so that a thread's chance is one number. */
static ALWAYS uint64_t next_random(Pass *p) {
    uint64_t z = (p->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* 1 / (1 + exp(-x)) of GROUP numbers in place, to 1e-6: without calls, so that compilers make vectors of it.
   exp(-x) = 2^t = 2^n 2^f with n whole and |f| <= 1/2, and 2^f by its series. */
static ALWAYS void sigmoids(float *x) {
    for (int i = 0; i < GROUP; i++) {
        float t = x[i] * -1.44269504f;
        t = t > 126.0f ? 126.0f : t;
        t = t < -126.0f ? -126.0f : t;
        float n = (t + 12582912.0f) - 12582912.0f; /* 3 * 2^22: what is added to it loses its fraction */
        float f = t - n;
        float power = 1.33335581e-3f;
        power = power * f + 9.61812911e-3f;
        power = power * f + 5.55041087e-2f;
        power = power * f + 2.40226507e-1f;
        power = power * f + 6.93147181e-1f;
        power = power * f + 1.0f;
        union { int32_t bits; float value; } whole = {((int32_t)n + 127) << 23};
        x[i] = 1.0f / (1.0f + power * whole.value);
    }
}

static float softplus(float x) { return x > 0 ? x + log1pf(expf(-x)) : log1pf(expf(x)); }

/* Ask the memory for a row before it is needed. */
static ALWAYS void fetch(const float *row, Py_ssize_t width) {
#if defined(__GNUC__)
    for (Py_ssize_t d = 0; d < width; d += LINE) __builtin_prefetch(row + d, 1, 3);
#else
    (void)row, (void)width;
#endif
}

/* A word by Walker's alias method: a place by chance, and there either its own word or its alias. */
static ALWAYS int32_t draw(Pass *p) {
    uint64_t bits = next_random(p);
    uint64_t place = ((bits >> 32) * (uint64_t)p->words) >> 32;
    return (uint32_t)bits < p->accept[place] ? (int32_t)place : p->alias[place];
}

/* Negatives are taken by chance from a small pool, and the pool's oldest word makes way for a new one: each word is
   used a few times while its row is near, by different inputs, and on average as often as if drawn each time anew. */
static ALWAYS void refill(Pass *p) {
    int32_t word = draw(p);
    p->pool[p->cursor++ & (POOL - 1)] = word;
    fetch(p->outputs + (Py_ssize_t)word * p->width, p->width);
}

/* A word's own row, and those of its pieces if there are any. */
static ALWAYS void put_in_bag(Pass *p, int32_t word) {
    if (p->bagged < BAG) p->bag[p->bagged++] = word;
    if (!p->piece_starts) return;
    for (int64_t at = p->piece_starts[word]; at < p->piece_starts[word + 1] && p->bagged < BAG; at++)
        p->bag[p->bagged++] = p->pieces[at];
}

#define SET 0
#include "words_lanes.h"
#include "words_pass.h"
#undef SET
#ifdef X86
#define SET 256
#include "words_lanes.h"
#include "words_pass.h"
#undef SET
#endif
#if defined(X86) && defined(__GNUC__)
#define SET 512
#include "words_lanes.h"
#include "words_pass.h"
#undef SET
#endif

typedef void (*Sentence)(Pass *, const int32_t *, int);

static Sentence best(int widest) {
#if defined(X86) && defined(__GNUC__)
    __builtin_cpu_init();
    if (widest >= 512 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return sentence_512;
    if (widest >= 256 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return sentence_256;
#endif
    return sentence_plain;
}

/* Goes through a stretch of tokens: drops frequent words by chance, cuts at -1, trains on what is left. */
static int64_t run(Pass *p, const int32_t *tokens, Py_ssize_t n, Sentence sentence) {
    int32_t kept[LONGEST];
    int64_t words = 0;
    int length = 0;
    for (int i = 0; i < POOL; i++) refill(p);
    for (Py_ssize_t at = 0; at < n; at++) {
        int32_t word = tokens[at];
        if (word >= 0 && word < p->words) {
            words++;
            if ((uint32_t)(next_random(p) >> 32) <= p->keep[word]) kept[length++] = word;
        }
        if (word < 0 || length == LONGEST || at + 1 == n) {
            sentence(p, kept, length);
            length = 0;
        }
    }
    return words;
}

enum { TOKENS, INPUTS, OUTPUTS, KEEP, ACCEPT, ALIAS, STARTS, PIECES, RANDOM, ARRAYS };

static const struct {
    const char *name;
    Py_ssize_t width;
    int writable;
} arrays[ARRAYS] = {{"tokens", 4, 0}, {"inputs", 4, 1}, {"outputs", 4, 1}, {"keep", 4, 0},   {"accept", 4, 0},
                    {"alias", 4, 0},  {"starts", 8, 0}, {"pieces", 4, 0},  {"random", 8, 1}};

/* That no index can lead outside: 0, or -1 with an error set. */
static int fits(const Pass *p, const Py_ssize_t *n) {
    Py_ssize_t rows = p->width > 0 ? n[INPUTS] / p->width : 0;
    int wrong = p->width <= 0 || p->width % LINE || p->words < 1 || n[OUTPUTS] != p->words * p->width ||
                rows < p->words || n[ACCEPT] != p->words || n[ALIAS] != p->words || n[RANDOM] != 1;
    wrong = wrong || p->window < 1 || p->negative < 1 || p->fresh < 0;
    if (!wrong && p->piece_starts) {
        wrong = n[STARTS] != p->words + 1 || p->piece_starts[0] < 0 || p->piece_starts[p->words] > n[PIECES];
        for (Py_ssize_t i = 0; i < p->words && !wrong; i++) wrong = p->piece_starts[i] > p->piece_starts[i + 1];
        for (Py_ssize_t i = 0; i < n[PIECES] && !wrong; i++) wrong = p->pieces[i] < 0 || p->pieces[i] >= rows;
    }
    for (Py_ssize_t i = 0; i < p->words && !wrong; i++) wrong = p->alias[i] < 0 || p->alias[i] >= p->words;
    if (wrong) PyErr_SetString(PyExc_ValueError, "the arrays do not fit each other, or a number is out of range");
    return wrong ? -1 : 0;
}

static PyObject *train(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *given[ARRAYS], *result = NULL;
    Py_buffer views[ARRAYS];
    void *data[ARRAYS];
    Py_ssize_t n[ARRAYS];
    int taken = 0, widest;
    Pass *p = calloc(1, sizeof *p);
    if (!p) return PyErr_NoMemory();
    if (!PyArg_ParseTuple(args, "OOOOOOOOOniiiifi:train", &given[0], &given[1], &given[2], &given[3], &given[4], &given[5],
                          &given[6], &given[7], &given[8], &p->width, &p->window, &p->negative, &p->fresh, &p->cbow,
                          &p->rate, &widest))
        goto done;
    for (; taken < ARRAYS; taken++)
        if (take_array(given[taken], arrays[taken].name, arrays[taken].width, arrays[taken].writable, &views[taken],
                       &data[taken], &n[taken]) < 0)
            goto done;
    p->inputs = data[INPUTS], p->outputs = data[OUTPUTS], p->keep = data[KEEP], p->accept = data[ACCEPT];
    p->alias = data[ALIAS], p->pieces = data[PIECES], p->piece_starts = n[STARTS] ? data[STARTS] : NULL;
    p->words = n[KEEP];
    if (fits(p, n) < 0) goto done;
    p->mean = calloc((size_t)p->width * 2, sizeof(float));
    if (!p->mean) {
        PyErr_NoMemory();
        goto done;
    }
    p->moved = p->mean + p->width;
    p->random = *(uint64_t *)data[RANDOM];
    int64_t words;
    Py_BEGIN_ALLOW_THREADS;
    words = run(p, data[TOKENS], n[TOKENS], best(widest));
    Py_END_ALLOW_THREADS;
    *(uint64_t *)data[RANDOM] = p->random;
    result = Py_BuildValue("LLd", (long long)words, (long long)p->asked, p->loss);
done:
    free(p->mean);
    free(p);
    while (taken--) PyBuffer_Release(&views[taken]);
    return result;
}

static PyMethodDef methods[] = {{"train", train, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_words", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__words(void) { return PyModule_Create(&module); }
