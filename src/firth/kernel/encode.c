/* Text encoders in int8: the Python module. It checks sizes, lets go of the interpreter's lock and calls a path. */

#include "encode_checks.h"
#include "encode_processor.h"

#include <limits.h>
#include <string.h>

static const Path *PATHS[4]; /* what this processor can do, the fastest first */
static int COUNT;

static const Path *path_named(const char *name) {
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(PATHS[i]->name, name)) return PATHS[i];
    PyErr_Format(PyExc_ValueError, "got kernel path '%s'; expected one of those that paths() names", name);
    return NULL;
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
