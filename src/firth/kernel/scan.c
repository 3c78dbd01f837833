/* Search through vectors in memory: a scan of their signs finds candidates, products of the vectors order them.

   Every loop is written twice at most: in plain C, which any compiler takes, and for AVX-512 where waiting for memory is
   all that should be left. The twin in numpy is firth.stores.signs. */

#include "buffers.h"

#include <stdlib.h>
#include <string.h>

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

enum { LANES = 8 };   /* vectors whose signs lie side by side */
enum { PLANES = 6 };  /* bits of a query's number: two's complement */

/* --- which instructions this processor has: 0 plain, 1 AVX2, 2 AVX-512 */

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

/* --- candidates: the best so far, and the score that a new one must pass */

typedef struct {
    float score;
    int64_t place;
} Candidate;

typedef struct {
    Candidate *items;
    int64_t count, wanted;
    float least;
} Best;

static int better(Candidate a, Candidate b) {
    return a.score > b.score || (a.score == b.score && a.place < b.place);
}

/* Puts the `wanted` best first, in no order: Hoare's selection. */
static void select_best(Candidate *items, int64_t count, int64_t wanted) {
    int64_t low = 0, high = count - 1;
    while (low < high) {
        Candidate pivot = items[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (better(items[i], pivot)) i++;
            while (better(pivot, items[j])) j--;
            if (i > j) break;
            Candidate swapped = items[i];
            items[i++] = items[j];
            items[j--] = swapped;
        }
        if (wanted <= j + 1)
            high = j;
        else if (wanted > i)
            low = i;
        else
            return;
    }
}

static void trim(Best *best) {
    if (best->count <= best->wanted) return;
    select_best(best->items, best->count, best->wanted);
    best->count = best->wanted;
    best->least = best->items[0].score;
    for (int64_t i = 1; i < best->count; i++)
        if (best->items[i].score < best->least) best->least = best->items[i].score;
}

ALWAYS_INLINE void offer(Best *best, float score, int64_t place) {
    if (best->count == 2 * best->wanted) trim(best);
    best->items[best->count].score = score;
    best->items[best->count++].place = place;
}

/* --- what is scanned */

typedef struct {
    const uint64_t *signs; /* (blocks, words, LANES) */
    const float *factors;  /* (blocks * LANES), what a sum of signs is worth */
    const float *offsets;  /* (blocks * LANES) */
    const uint8_t *chosen; /* (blocks), a bit a vector, or NULL for all */
    const uint64_t *query; /* (words, PLANES) */
    int64_t words;
    float step; /* of the query's numbers */
} Scan;

ALWAYS_INLINE int count_ones(uint64_t x) {
#if defined(__GNUC__)
    return __builtin_popcountll(x);
#else
    x -= (x >> 1) & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    return (int)(((x + (x >> 4) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u) >> 56);
#endif
}

/* The sum of the query's numbers where a vector's sign is positive, less the sum where it is negative, is twice the
   former less the sum of all; the latter is the same for all vectors and taken off by the caller. */
ALWAYS_INLINE void scan_one_by_one(const Scan *scan, int64_t from, int64_t to, float half, Best *best) {
    for (int64_t block = from; block < to; block++) {
        unsigned chosen = scan->chosen ? scan->chosen[block] : 0xff;
        if (!chosen) continue;
        const uint64_t *signs = scan->signs + block * scan->words * LANES;
        int32_t sums[LANES] = {0};
        for (int64_t word = 0; word < scan->words; word++) {
            const uint64_t *planes = scan->query + word * PLANES;
            for (int lane = 0; lane < LANES; lane++) {
                uint64_t x = signs[word * LANES + lane];
                int32_t sum = -count_ones(x & planes[PLANES - 1]);
                for (int plane = PLANES - 2; plane >= 0; plane--) sum = 2 * sum + count_ones(x & planes[plane]);
                sums[lane] += sum;
            }
        }
        for (int lane = 0; lane < LANES; lane++) {
            int64_t place = block * LANES + lane;
            float score = scan->factors[place] * ((float)sums[lane] * scan->step - half) + scan->offsets[place];
            if ((chosen >> lane & 1) && score > best->least) offer(best, score, place);
        }
    }
}

static void scan_plain(const Scan *scan, int64_t from, int64_t to, float half, Best *best) {
    scan_one_by_one(scan, from, to, half, best);
}

static double dot_plain(const float *a, const float *b, int64_t d) {
    double sum = 0;
    for (int64_t start = 0; start < d; start += 64) { /* short sums in single, their sum in double precision */
        float part[8] = {0};
        int64_t end = start + 64 < d ? start + 64 : d, i = start;
        for (; i + 8 <= end; i += 8)
            for (int j = 0; j < 8; j++) part[j] += a[i + j] * b[i + j];
        for (; i < end; i++) part[0] += a[i] * b[i];
        for (int j = 0; j < 8; j++) sum += part[j];
    }
    return sum;
}

#ifdef FIRTH_X86
FOR_AVX2 static void scan_avx2(const Scan *scan, int64_t from, int64_t to, float half, Best *best) {
    scan_one_by_one(scan, from, to, half, best);
}

FOR_AVX2 static double dot_avx2(const float *a, const float *b, int64_t d) {
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    int64_t i = 0;
    for (; i + 32 <= d; i += 32)
        for (int j = 0; j < 4; j++)
            sums[j] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8 * j), _mm256_loadu_ps(b + i + 8 * j), sums[j]);
    float parts[8];
    _mm256_storeu_ps(parts, _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    double sum = 0;
    for (int j = 0; j < 8; j++) sum += parts[j];
    for (; i < d; i++) sum += (double)a[i] * b[i];
    return sum;
}

FOR_AVX512 static void scan_avx512(const Scan *scan, int64_t from, int64_t to, float half, Best *best) {
    for (int64_t block = from; block < to; block++) {
        unsigned chosen = scan->chosen ? scan->chosen[block] : 0xff;
        if (!chosen) continue;
        const uint64_t *signs = scan->signs + block * scan->words * LANES;
        __m512i sums[PLANES];
        for (int plane = 0; plane < PLANES; plane++) sums[plane] = _mm512_setzero_si512();
        for (int64_t word = 0; word < scan->words; word++) {
            const uint64_t *planes = scan->query + word * PLANES;
            __m512i x = _mm512_loadu_si512(signs + word * LANES);
            for (int plane = 0; plane < PLANES; plane++) {
                __m512i common = _mm512_and_si512(x, _mm512_set1_epi64((long long)planes[plane]));
                sums[plane] = _mm512_add_epi64(sums[plane], _mm512_popcnt_epi64(common));
            }
        }
        __m512i sum = _mm512_sub_epi64(_mm512_setzero_si512(), sums[PLANES - 1]);
        for (int plane = PLANES - 2; plane >= 0; plane--)
            sum = _mm512_add_epi64(_mm512_add_epi64(sum, sum), sums[plane]);
        __m256 score = _mm256_mul_ps(_mm512_cvtepi64_ps(sum), _mm256_set1_ps(scan->step));
        score = _mm256_sub_ps(score, _mm256_set1_ps(half));
        score = _mm256_mul_ps(score, _mm256_loadu_ps(scan->factors + block * LANES));
        score = _mm256_add_ps(score, _mm256_loadu_ps(scan->offsets + block * LANES));
        unsigned good = chosen & _mm256_cmp_ps_mask(score, _mm256_set1_ps(best->least), _CMP_GT_OQ);
        if (!good) continue;
        float scores[LANES];
        _mm256_storeu_ps(scores, score);
        for (int lane = 0; lane < LANES; lane++)
            if ((good >> lane & 1) && scores[lane] > best->least) offer(best, scores[lane], block * LANES + lane);
    }
}

FOR_AVX512 static double dot_avx512(const float *a, const float *b, int64_t d) {
    __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    int64_t i = 0;
    for (; i + 64 <= d; i += 64)
        for (int j = 0; j < 4; j++)
            sums[j] = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16 * j), _mm512_loadu_ps(b + i + 16 * j), sums[j]);
    double sum = _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
    for (; i < d; i++) sum += (double)a[i] * b[i];
    return sum;
}
#endif

typedef void (*Scanner)(const Scan *, int64_t, int64_t, float, Best *);
typedef double (*Dotter)(const float *, const float *, int64_t);

static Scanner scanner(void) {
#ifdef FIRTH_X86
    if (level == 2) return scan_avx512;
    if (level == 1) return scan_avx2;
#endif
    return scan_plain;
}

static Dotter dotter(void) {
#ifdef FIRTH_X86
    if (level == 2) return dot_avx512;
    if (level == 1) return dot_avx2;
#endif
    return dot_plain;
}

/* --- Python's side */

static int differs(const char *what, Py_ssize_t got, Py_ssize_t expected) {
    if (got == expected) return 0;
    PyErr_Format(PyExc_ValueError, "%s: got %zd items, expected %zd", what, got, expected);
    return 1;
}

PyDoc_STRVAR(scan_doc,
             "scan(signs, factors, offsets, chosen, query, step, half, from, to, places, scores) -> int\n\n"
             "The best estimates of the blocks from..to, in no order, into `places` and `scores`; returns how many.");

static PyObject *scan(PyObject *self, PyObject *arguments) {
    PyObject *given[7]; /* signs, factors, offsets, chosen, query, places, scores */
    Scan what = {0};
    float half;
    long long from, to;
    if (!PyArg_ParseTuple(arguments, "OOOOOffLLOO", &given[0], &given[1], &given[2], &given[3], &given[4], &what.step,
                          &half, &from, &to, &given[5], &given[6]))
        return NULL;
    static const char *names[7] = {"signs", "factors", "offsets", "chosen", "query", "places", "scores"};
    static const Py_ssize_t widths[7] = {8, 4, 4, 1, 8, 8, 4};
    Py_buffer views[7];
    void *data[7] = {NULL};
    Py_ssize_t lengths[7] = {0};
    int taken = 0;
    PyObject *result = NULL;
    Best best = {0};
    for (; taken < 7; taken++) {
        if (taken == 3 && given[3] == Py_None) {
            memset(&views[3], 0, sizeof views[3]);
            continue;
        }
        if (take_array(given[taken], names[taken], widths[taken], taken > 4, &views[taken], &data[taken],
                       &lengths[taken]) < 0)
            goto release;
    }
    what.words = lengths[4] / PLANES;
    Py_ssize_t blocks = lengths[1] / LANES;
    if (differs("factors", lengths[1], blocks * LANES) || differs("offsets", lengths[2], lengths[1]) ||
        differs("signs", lengths[0], blocks * LANES * what.words) || differs("scores", lengths[6], lengths[5]) ||
        differs("query", lengths[4], what.words * PLANES) || (data[3] && differs("chosen", lengths[3], blocks)))
        goto release;
    if (from < 0 || to > blocks || from > to || lengths[5] < 1) {
        PyErr_Format(PyExc_ValueError, "got blocks %lld to %lld of %zd", from, to, blocks);
        goto release;
    }
    what.signs = data[0], what.factors = data[1], what.offsets = data[2], what.chosen = data[3], what.query = data[4];
    best.wanted = lengths[5];
    best.least = -3.4e38f;
    best.items = malloc((size_t)best.wanted * 2 * sizeof *best.items);
    if (!best.items) {
        PyErr_NoMemory();
        goto release;
    }
    Py_BEGIN_ALLOW_THREADS;
    scanner()(&what, from, to, half, &best);
    trim(&best);
    for (int64_t i = 0; i < best.count; i++) {
        ((int64_t *)data[5])[i] = best.items[i].place;
        ((float *)data[6])[i] = best.items[i].score;
    }
    Py_END_ALLOW_THREADS;
    result = PyLong_FromLongLong(best.count);
release:
    free(best.items);
    for (int i = 0; i < taken; i++)
        if (given[i] != Py_None) PyBuffer_Release(&views[i]);
    return result;
}

PyDoc_STRVAR(dots_doc, "dots(rows, query, places, out): out[i] = rows[places[i]] . query; places None for all in order");

static PyObject *dots(PyObject *self, PyObject *arguments) {
    PyObject *given[4];
    if (!PyArg_ParseTuple(arguments, "OOOO", &given[0], &given[1], &given[2], &given[3])) return NULL;
    static const char *names[4] = {"rows", "query", "places", "out"};
    static const Py_ssize_t widths[4] = {4, 4, 8, 4};
    Py_buffer views[4];
    void *data[4] = {NULL};
    Py_ssize_t lengths[4] = {0};
    int taken = 0;
    PyObject *result = NULL;
    for (; taken < 4; taken++) {
        if (taken == 2 && given[2] == Py_None) {
            memset(&views[2], 0, sizeof views[2]);
            continue;
        }
        if (take_array(given[taken], names[taken], widths[taken], taken == 3, &views[taken], &data[taken],
                       &lengths[taken]) < 0)
            goto release;
    }
    int64_t d = lengths[1], rows = d ? lengths[0] / d : 0, count = data[2] ? lengths[2] : rows;
    const int64_t *places = data[2];
    if (differs("rows", lengths[0], rows * d) || differs("out", lengths[3], count)) goto release;
    for (int64_t i = 0; places && i < count; i++)
        if (places[i] < 0 || places[i] >= rows) {
            PyErr_Format(PyExc_IndexError, "got place %lld of %lld rows", (long long)places[i], (long long)rows);
            goto release;
        }
    Py_BEGIN_ALLOW_THREADS;
    Dotter dot = dotter();
    for (int64_t i = 0; i < count; i++) {
#if defined(__GNUC__)
        if (places && i + 4 < count) /* rows lie anywhere: ask for one well before it is needed */
            for (int64_t j = 0; j < d; j += 16) __builtin_prefetch((const float *)data[0] + places[i + 4] * d + j);
#endif
        ((float *)data[3])[i] = (float)dot((const float *)data[0] + (places ? places[i] : i) * d, data[1], d);
    }
    Py_END_ALLOW_THREADS;
    result = Py_None;
    Py_INCREF(result);
release:
    for (int i = 0; i < taken; i++)
        if (given[i] != Py_None) PyBuffer_Release(&views[i]);
    return result;
}

PyDoc_STRVAR(use_doc, "use(name=None) -> str: the instructions in use; 'plain', 'avx2' or 'avx512' for another choice");

static PyObject *use(PyObject *self, PyObject *arguments) {
    static const char *names[3] = {"plain", "avx2", "avx512"};
    const char *name = NULL;
    if (!PyArg_ParseTuple(arguments, "|z", &name)) return NULL;
    for (int i = 0; name && i <= best_level(); i++)
        if (strcmp(name, names[i]) == 0) {
            level = i;
            name = NULL;
        }
    if (name) return PyErr_Format(PyExc_ValueError, "got %s; this processor has %s", name, names[best_level()]);
    return PyUnicode_FromString(names[level]);
}

static PyMethodDef methods[] = {
    {"scan", scan, METH_VARARGS, scan_doc},
    {"dots", dots, METH_VARARGS, dots_doc},
    {"use", use, METH_VARARGS, use_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_scan", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__scan(void) {
    level = best_level();
    return PyModule_Create(&module);
}
