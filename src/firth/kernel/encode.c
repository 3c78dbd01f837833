/* Text encoders in int8: the Python module. It checks sizes, lets go of the interpreter's lock and calls a path. */

#include "buffers.h"
#include "encode.h"

#include <limits.h>
#include <string.h>
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

static const Path *PATHS[4]; /* what this processor can do, the fastest first */
static int COUNT;

static const Path *path_named(const char *name) {
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(PATHS[i]->name, name)) return PATHS[i];
    PyErr_Format(PyExc_ValueError, "got kernel path '%s'; expected one of those that paths() names", name);
    return NULL;
}

/* Up to eight arrays of one call, released together. */
typedef struct {
    Py_buffer views[8];
    int count;
} Held;

static void release(Held *held) {
    while (held->count) PyBuffer_Release(&held->views[--held->count]);
}

static int hold(Held *held, PyObject *object, const char *name, Py_ssize_t width, int writable, void **data,
                Py_ssize_t *length) {
    if (take_array(object, name, width, writable, &held->views[held->count], data, length) < 0) return -1;
    held->count++;
    return 0;
}

static int check_size(const char *name, Py_ssize_t got, size_t expected) {
    if ((size_t)got == expected) return 0;
    PyErr_Format(PyExc_ValueError, "%s: got %zd items, expected %zu", name, got, expected);
    return -1;
}

static int check_room(const char *name, const void *data, Py_ssize_t got, size_t expected) {
    if ((uintptr_t)data % ALIGNMENT) {
        PyErr_Format(PyExc_ValueError, "%s: expected to begin at a multiple of %d bytes", name, ALIGNMENT);
        return -1;
    }
    if ((size_t)got >= expected) return 0;
    PyErr_Format(PyExc_ValueError, "%s: got %zd bytes, expected %zu", name, got, expected);
    return -1;
}

/* Lengths of at least one token each; their sum and the largest come out. */
static int check_lengths(const int32_t *lengths, Py_ssize_t texts, int *tokens, int *longest) {
    int64_t sum = 0;
    *longest = 0;
    for (Py_ssize_t i = 0; i < texts; i++) {
        if (lengths[i] < 1) {
            PyErr_Format(PyExc_ValueError, "lengths: got %d at %zd, expected at least 1", (int)lengths[i], i);
            return -1;
        }
        sum += lengths[i];
        if (lengths[i] > *longest) *longest = lengths[i];
    }
    if (sum > 1 << 20) {
        PyErr_SetString(PyExc_ValueError, "lengths: expected 1,048,576 tokens at most in one call");
        return -1;
    }
    *tokens = (int)sum;
    return 0;
}

static int check_linear(int columns, int depth, int groups) {
    int ok = columns > 0 && depth > 0 && groups > 0 && columns % PANEL == 0 && depth % 64 == 0 && columns <= 1 << 16 &&
             (int64_t)depth * groups <= 1 << 16;
    if (!ok)
        PyErr_Format(PyExc_ValueError, "got %d columns and %d groups of %d; expected multiples of 64", columns, groups,
                     depth);
    return ok ? 0 : -1;
}

static int read_bert_shape(PyObject *tuple, BertShape *s) {
    if (!PyArg_ParseTuple(tuple, "iiiiif", &s->width, &s->inner, &s->layers, &s->heads, &s->depth, &s->eps)) return -1;
    if (check_linear(s->width, 64, 1) || check_linear(s->inner, 64, 1) || check_linear(64, s->depth, 1)) return -1;
    int ok = s->layers > 0 && s->layers <= 1000 && s->heads > 0 && s->width % s->heads == 0 &&
             s->width / s->heads % 16 == 0 && s->width % s->depth == 0 && s->inner % s->depth == 0 &&
             s->depth % (s->width / s->heads) == 0;
    if (!ok) PyErr_SetString(PyExc_ValueError, "got a shape that no encoder has; expected widths in groups of whole heads");
    return ok ? 0 : -1;
}

static PyObject *paths(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    PyObject *names = PyTuple_New(COUNT);
    for (int i = 0; names && i < COUNT; i++) {
        PyObject *name = PyUnicode_FromString(PATHS[i]->name);
        if (!name || PyTuple_SetItem(names, i, name) < 0) {
            Py_DECREF(names);
            return NULL;
        }
    }
    return names;
}

static PyObject *bert_sizes(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *tuple;
    BertShape shape;
    int tokens, longest;
    if (!PyArg_ParseTuple(args, "Oii", &tuple, &tokens, &longest) || read_bert_shape(tuple, &shape) < 0) return NULL;
    if (tokens < 0 || longest < 0 || tokens > 1 << 20 || longest > tokens) {
        PyErr_SetString(PyExc_ValueError, "got a number of tokens out of range");
        return NULL;
    }
    Cursor scratch = {NULL, 0};
    take_bert_scratch(&scratch, &shape, tokens, longest);
    return Py_BuildValue("nn", (Py_ssize_t)bert_weights_size(&shape), (Py_ssize_t)scratch.at);
}

static PyObject *bert_run(const Path *path, const BertShape *shape, PyObject **objects, Held *held) {
    void *weights, *states, *lengths, *scratch;
    Py_ssize_t size, values, texts, room;
    int tokens, longest;
    if (hold(held, objects[0], "weights", 1, 0, &weights, &size) < 0 ||
        hold(held, objects[1], "states", 4, 1, &states, &values) < 0 ||
        hold(held, objects[2], "lengths", 4, 0, &lengths, &texts) < 0 ||
        hold(held, objects[3], "scratch", 1, 1, &scratch, &room) < 0)
        return NULL;
    if (texts > INT_MAX || check_lengths(lengths, texts, &tokens, &longest) < 0) return NULL;
    Cursor counted = {NULL, 0};
    take_bert_scratch(&counted, shape, tokens, longest);
    if (check_room("weights", weights, size, bert_weights_size(shape)) < 0 ||
        check_room("scratch", scratch, room, counted.at) < 0 ||
        check_size("states", values, (size_t)tokens * (size_t)shape->width) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    path->bert(shape, (Cursor){weights, 0}, states, lengths, (int)texts, (Cursor){scratch, 0});
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *bert(PyObject *self, PyObject *args) {
    (void)self;
    const char *name;
    PyObject *tuple, *objects[4], *result = NULL;
    BertShape shape;
    const Path *path;
    Held held = {.count = 0};
    if (PyArg_ParseTuple(args, "sOOOOO", &name, &tuple, &objects[0], &objects[1], &objects[2], &objects[3]) &&
        (path = path_named(name)) && read_bert_shape(tuple, &shape) == 0)
        result = bert_run(path, &shape, objects, &held);
    release(&held);
    return result;
}

static PyObject *use_sizes(PyObject *self, PyObject *args) {
    (void)self;
    int tokens, texts;
    if (!PyArg_ParseTuple(args, "ii", &tokens, &texts)) return NULL;
    if (tokens < 0 || texts < 0 || tokens > 1 << 20 || texts > 1 << 20) {
        PyErr_SetString(PyExc_ValueError, "got a number of tokens or texts out of range");
        return NULL;
    }
    Cursor weights = {NULL, 0}, scratch = {NULL, 0};
    take_use_weights(&weights);
    take_use_scratch(&scratch, tokens, texts);
    return Py_BuildValue("nn", (Py_ssize_t)weights.at, (Py_ssize_t)scratch.at);
}

static PyObject *use_run(const Path *path, float eps, PyObject **objects, Held *held) {
    void *weights, *codes, *scale, *low, *lengths, *scratch, *vectors;
    Py_ssize_t size, bytes, scales, lows, texts, room, values;
    int tokens, longest;
    if (hold(held, objects[0], "weights", 1, 0, &weights, &size) < 0 ||
        hold(held, objects[1], "codes", 1, 0, &codes, &bytes) < 0 ||
        hold(held, objects[2], "scale", 4, 0, &scale, &scales) < 0 ||
        hold(held, objects[3], "low", 4, 0, &low, &lows) < 0 ||
        hold(held, objects[4], "lengths", 4, 0, &lengths, &texts) < 0 ||
        hold(held, objects[5], "vectors", 4, 1, &vectors, &values) < 0 ||
        hold(held, objects[6], "scratch", 1, 1, &scratch, &room) < 0)
        return NULL;
    if (texts > 1 << 20 || check_lengths(lengths, texts, &tokens, &longest) < 0) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "lengths: expected 1,048,576 texts at most");
        return NULL;
    }
    Cursor weighed = {NULL, 0}, counted = {NULL, 0}, from = {weights, 0}, into = {scratch, 0};
    take_use_weights(&weighed);
    take_use_scratch(&counted, tokens, (int)texts);
    if (check_room("weights", weights, size, weighed.at) < 0 || check_room("scratch", scratch, room, counted.at) < 0 ||
        check_size("codes", bytes, (size_t)tokens * USE_TABLE) < 0 || check_size("scale", scales, (size_t)tokens) < 0 ||
        check_size("low", lows, (size_t)tokens) < 0 || check_size("vectors", values, (size_t)texts * USE_OUT) < 0)
        return NULL;
    UseWeights w = take_use_weights(&from);
    UseScratch s = take_use_scratch(&into, tokens, (int)texts);
    Py_BEGIN_ALLOW_THREADS
    path->use(&w, eps, codes, scale, low, lengths, (int)texts, s, vectors);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *use(PyObject *self, PyObject *args) {
    (void)self;
    const char *name;
    float eps;
    PyObject *o[7], *result = NULL;
    const Path *path;
    Held held = {.count = 0};
    if (PyArg_ParseTuple(args, "sfOOOOOOO", &name, &eps, &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6]) &&
        (path = path_named(name)))
        result = use_run(path, eps, o, &held);
    release(&held);
    return result;
}

static PyObject *quantize_run(const Path *path, int depth, PyObject **objects, Held *held) {
    void *x, *codes, *scale, *low;
    Py_ssize_t values, bytes, scales, lows;
    if (hold(held, objects[0], "x", 4, 0, &x, &values) < 0 || hold(held, objects[1], "codes", 1, 1, &codes, &bytes) < 0 ||
        hold(held, objects[2], "scale", 4, 1, &scale, &scales) < 0 || hold(held, objects[3], "low", 4, 1, &low, &lows) < 0 ||
        check_linear(PANEL, depth, 1) < 0)
        return NULL;
    if (values > INT_MAX || values % depth || check_size("codes", bytes, (size_t)values) < 0 ||
        check_size("scale", scales, (size_t)(values / depth)) < 0 || check_size("low", lows, (size_t)(values / depth)) < 0) {
        if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "x: got %zd items, expected groups of %d", values, depth);
        return NULL;
    }
    path->quantize(x, depth, (int)(values / depth), codes, scale, low);
    Py_RETURN_NONE;
}

static PyObject *quantize(PyObject *self, PyObject *args) {
    (void)self;
    const char *name;
    int depth;
    PyObject *o[4], *result = NULL;
    const Path *path;
    Held held = {.count = 0};
    if (PyArg_ParseTuple(args, "siOOOO", &name, &depth, &o[0], &o[1], &o[2], &o[3]) && (path = path_named(name)))
        result = quantize_run(path, depth, o, &held);
    release(&held);
    return result;
}

static PyObject *multiply_run(const Path *path, int columns, int depth, int groups, int activation, PyObject **objects,
                              Held *held) {
    void *weights, *codes, *scale, *low, *out;
    Py_ssize_t size, bytes, scales, lows, values;
    if (hold(held, objects[0], "weights", 1, 0, &weights, &size) < 0 ||
        hold(held, objects[1], "codes", 1, 0, &codes, &bytes) < 0 ||
        hold(held, objects[2], "scale", 4, 0, &scale, &scales) < 0 ||
        hold(held, objects[3], "low", 4, 0, &low, &lows) < 0 || hold(held, objects[4], "out", 4, 1, &out, &values) < 0 ||
        check_linear(columns, depth, groups) < 0)
        return NULL;
    size_t width = (size_t)depth * groups, count = (size_t)bytes / width;
    Cursor counted = {NULL, 0}, from = {weights, 0};
    take_linear(&counted, columns, depth, groups);
    if (check_room("weights", weights, size, counted.at) < 0 || check_size("codes", bytes, count * width) < 0 ||
        check_size("scale", scales, count * groups) < 0 || check_size("low", lows, count * groups) < 0 ||
        check_size("out", values, count * columns) < 0)
        return NULL;
    Linear w = take_linear(&from, columns, depth, groups);
    Rows rows = {codes, width, scale, low, (size_t)groups, 1, NULL, (int)count};
    path->multiply(&w, &rows, &(Target){out, (size_t)columns, activation, NULL, 0, NULL, 0});
    Py_RETURN_NONE;
}

static PyObject *multiply(PyObject *self, PyObject *args) {
    (void)self;
    const char *name;
    int columns, depth, groups, activation;
    PyObject *o[5], *result = NULL;
    const Path *path;
    Held held = {.count = 0};
    if (PyArg_ParseTuple(args, "s(iii)iOOOOO", &name, &columns, &depth, &groups, &activation, &o[0], &o[1], &o[2], &o[3],
                         &o[4]) &&
        (path = path_named(name)))
        result = multiply_run(path, columns, depth, groups, activation, o, &held);
    release(&held);
    return result;
}

static PyMethodDef methods[] = {
    {"paths", paths, METH_NOARGS, "paths() -> the names of the paths this processor can take, the fastest first"},
    {"bert_sizes", bert_sizes, METH_VARARGS, "bert_sizes(shape, tokens, longest) -> bytes of weights, of scratch"},
    {"bert", bert, METH_VARARGS, "bert(path, shape, weights, states, lengths, scratch); states are replaced"},
    {"use_sizes", use_sizes, METH_VARARGS, "use_sizes(tokens, texts) -> bytes of weights, of scratch"},
    {"use", use, METH_VARARGS, "use(path, eps, weights, codes, scale, low, lengths, vectors, scratch)"},
    {"quantize", quantize, METH_VARARGS, "quantize(path, depth, x, codes, scale, low)"},
    {"multiply", multiply, METH_VARARGS,
     "multiply(path, (columns, depth, groups), activation, weights, codes, scale, low, out)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_encode", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__encode(void) {
    if (!COUNT) {
        find_paths(PATHS, &COUNT);
        PATHS[COUNT++] = &firth_plain;
    }
    return PyModule_Create(&module);
}
