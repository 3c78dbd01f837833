/* Search through vectors in memory: a scan of their signs finds candidates, products of the vectors order them.

   What Python hands over is checked here. The loops are in scan_signs.h and scan_dots.h, each in plain C, which any
   compiler takes, for AVX2 and for AVX-512. The twin in numpy is firth.stores.codes. */

#include "buffers.h"

#include "scan_dots.h"
#include "scan_signs.h"

enum { MOST = 11 }; /* arrays of one call */

typedef struct {
    const char *name;
    Py_ssize_t width;
    int kind; /* what may be done with it */
} Wanted;

enum { READ, MAY_LACK, WRITE };

typedef struct {
    PyObject *given[MOST];
    Py_buffer views[MOST];
    void *data[MOST];
    Py_ssize_t lengths[MOST];
    int taken;
} Arrays;

static int take_arrays(Arrays *arrays, const Wanted *wanted, int count) {
    for (arrays->taken = 0; arrays->taken < count; arrays->taken++) {
        int i = arrays->taken;
        arrays->data[i] = NULL, arrays->lengths[i] = 0;
        if (wanted[i].kind == MAY_LACK && arrays->given[i] == Py_None) continue;
        if (take_array(arrays->given[i], wanted[i].name, wanted[i].width, wanted[i].kind == WRITE, &arrays->views[i],
                       &arrays->data[i], &arrays->lengths[i]) < 0)
            return -1;
    }
    return 0;
}

static void release_arrays(Arrays *arrays) {
    for (int i = 0; i < arrays->taken; i++)
        if (arrays->given[i] != Py_None) PyBuffer_Release(&arrays->views[i]);
}

static int differs(const char *what, Py_ssize_t got, Py_ssize_t expected) {
    if (got == expected) return 0;
    PyErr_Format(PyExc_ValueError, "%s: got %zd items, expected %zd", what, got, expected);
    return 1;
}

static int outside(long long from, long long to, long long all) {
    if (from >= 0 && from <= to && to <= all) return 0;
    PyErr_Format(PyExc_ValueError, "got %lld to %lld of %lld", from, to, all);
    return 1;
}

/* `places` and `scores` of `many` queries: how many there is room for, or -1. */
static Py_ssize_t room(Py_ssize_t places, Py_ssize_t scores, Py_ssize_t many) {
    Py_ssize_t wanted = many ? places / many : 0;
    if (differs("scores", scores, places) || differs("places", places, wanted * many)) return -1;
    if (wanted > 0 && wanted < (1 << 28)) return wanted;
    PyErr_Format(PyExc_ValueError, "places: got room for %zd of %zd queries", wanted, many);
    return -1;
}

PyDoc_STRVAR(scan_doc, "scan(signs, factors, offsets, chosen, planes, steps, halves, leasts, places, scores, found, "
                       "from, to)\n\nThe best estimates of the blocks from..to above `leasts` for each query, in no "
                       "order, into `places` and `scores` (queries, wanted); `found` says how many.");

static PyObject *scan(PyObject *self, PyObject *arguments) {
    static const Wanted wanted[11] = {{"signs", 8, READ},  {"factors", 4, READ}, {"offsets", 4, READ},
                                      {"chosen", 1, MAY_LACK}, {"planes", 8, READ}, {"steps", 4, READ},
                                      {"halves", 4, READ}, {"leasts", 4, READ},  {"places", 8, WRITE},
                                      {"scores", 4, WRITE}, {"found", 8, WRITE}};
    Arrays a;
    PyObject **g = a.given;
    long long from, to;
    if (!PyArg_ParseTuple(arguments, "OOOOOOOOOOOLL", &g[0], &g[1], &g[2], &g[3], &g[4], &g[5], &g[6], &g[7], &g[8],
                          &g[9], &g[10], &from, &to))
        return NULL;
    PyObject *result = NULL;
    Best *best = NULL;
    Question *queries = NULL;
    if (take_arrays(&a, wanted, 11) < 0) goto release;
    Py_ssize_t blocks = a.lengths[1] / LANES, many = a.lengths[10];
    Py_ssize_t words = blocks ? a.lengths[0] / (blocks * LANES) : 0, kept = room(a.lengths[8], a.lengths[9], many);
    if (kept < 0 || differs("factors", a.lengths[1], blocks * LANES) ||
        differs("offsets", a.lengths[2], blocks * LANES) || differs("signs", a.lengths[0], blocks * LANES * words) ||
        (a.data[3] && differs("chosen", a.lengths[3], blocks)) ||
        (blocks && differs("planes", a.lengths[4], many * words * PLANES)) || differs("steps", a.lengths[5], many) ||
        differs("halves", a.lengths[6], many) || differs("leasts", a.lengths[7], many) || outside(from, to, blocks))
        goto release;
    Signs all = {a.data[0], a.data[1], a.data[2], a.data[3], words, 0};
    best = begin_best(many, kept, a.data[7]);
    queries = malloc((size_t)many * sizeof *queries);
    if (!best || !queries) {
        PyErr_NoMemory();
        goto release;
    }
    for (Py_ssize_t i = 0; i < many; i++) {
        queries[i].planes = (const uint64_t *)a.data[4] + i * words * PLANES;
        queries[i].step = ((const float *)a.data[5])[i];
        queries[i].half = ((const float *)a.data[6])[i];
    }
    Py_BEGIN_ALLOW_THREADS;
    if (words) scan_tiles(all, queries, many, from, to, best);
    end_best(best, many, a.data[8], a.data[9], a.data[10]);
    Py_END_ALLOW_THREADS;
    result = Py_None;
    Py_INCREF(result);
release:
    free_best(best);
    free(queries);
    release_arrays(&a);
    return result;
}

PyDoc_STRVAR(best_doc, "best(rows, lengths, chosen, panels, leasts, places, scores, found, from, to)\n\nThe largest "
                       "products, divided by the lengths, of the rows from..to with each query, as `scan` gives them.");

static PyObject *best_products(PyObject *self, PyObject *arguments) {
    static const Wanted wanted[8] = {{"rows", 4, READ},   {"lengths", 4, READ}, {"chosen", 1, MAY_LACK},
                                     {"panels", 4, READ}, {"leasts", 4, READ},  {"places", 8, WRITE},
                                     {"scores", 4, WRITE}, {"found", 8, WRITE}};
    Arrays a;
    PyObject **g = a.given;
    long long from, to;
    if (!PyArg_ParseTuple(arguments, "OOOOOOOOLL", &g[0], &g[1], &g[2], &g[3], &g[4], &g[5], &g[6], &g[7], &from, &to))
        return NULL;
    PyObject *result = NULL;
    Best *best = NULL;
    float *spare = NULL;
    if (take_arrays(&a, wanted, 8) < 0) goto release;
    Py_ssize_t n = a.lengths[1], many = a.lengths[7], kept = room(a.lengths[5], a.lengths[6], many);
    Py_ssize_t d = n ? a.lengths[0] / n : 0, panels = (many + PANEL - 1) / PANEL;
    if (kept < 0 || differs("rows", a.lengths[0], n * d) ||
        (a.data[2] && differs("chosen", a.lengths[2], (n + 7) / 8)) ||
        (n && differs("panels", a.lengths[3], panels * d * PANEL)) || differs("leasts", a.lengths[4], many) ||
        outside(from, to, n))
        goto release;
    Products all = {a.data[0], a.data[1], a.data[2], a.data[3], d, many};
    best = begin_best(many, kept, a.data[4]);
    spare = calloc((size_t)(d * ROWS) + 1, sizeof *spare);
    if (!best || !spare) {
        PyErr_NoMemory();
        goto release;
    }
    Py_BEGIN_ALLOW_THREADS;
    multiply_tiles(&all, from, to, spare, best);
    end_best(best, many, a.data[5], a.data[6], a.data[7]);
    Py_END_ALLOW_THREADS;
    result = Py_None;
    Py_INCREF(result);
release:
    free_best(best);
    free(spare);
    release_arrays(&a);
    return result;
}

PyDoc_STRVAR(dots_doc,
             "dots(rows, query, places, out): out[i] = rows[places[i]] . query; places None for all in order");

static PyObject *dots(PyObject *self, PyObject *arguments) {
    static const Wanted wanted[4] = {{"rows", 4, READ}, {"query", 4, READ}, {"places", 8, MAY_LACK}, {"out", 4, WRITE}};
    Arrays a;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(arguments, "OOOO", &a.given[0], &a.given[1], &a.given[2], &a.given[3])) return NULL;
    if (take_arrays(&a, wanted, 4) < 0) goto release;
    int64_t d = a.lengths[1], n = d ? a.lengths[0] / d : 0, count = a.data[2] ? a.lengths[2] : n;
    const float *rows = a.data[0], *query = a.data[1];
    const int64_t *places = a.data[2];
    float *out = a.data[3];
    if (differs("rows", a.lengths[0], n * d) || differs("out", a.lengths[3], count)) goto release;
    for (int64_t i = 0; places && i < count; i++)
        if (places[i] < 0 || places[i] >= n) {
            PyErr_Format(PyExc_IndexError, "got place %lld of %lld rows", (long long)places[i], (long long)n);
            goto release;
        }
    Py_BEGIN_ALLOW_THREADS;
    dot_rows(rows, query, d, places, count, out);
    Py_END_ALLOW_THREADS;
    result = Py_None;
    Py_INCREF(result);
release:
    release_arrays(&a);
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
    {"best", best_products, METH_VARARGS, best_doc},
    {"dots", dots, METH_VARARGS, dots_doc},
    {"use", use, METH_VARARGS, use_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_scan", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__scan(void) {
    level = best_level();
    return PyModule_Create(&module);
}
