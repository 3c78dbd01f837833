/* What Python hands over, held and checked against the sizes that a path will trust; part of encode.c. */

#include "buffers.h"
#include "encode.h"

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
    if (!PyArg_ParseTuple(tuple, "iiiiiif", &s->width, &s->inner, &s->layers, &s->heads, &s->depth, &s->activation,
                          &s->eps))
        return -1;
    if (check_linear(s->width, 64, 1) || check_linear(s->inner, 64, 1) || check_linear(64, s->depth, 1)) return -1;
    int head = s->heads > 0 && s->width % s->heads == 0 ? s->width / s->heads : 0;
    int ok = head && head % 16 == 0 && head <= MOST_HEAD && s->layers > 0 && s->layers <= 1000 &&
             s->width % s->depth == 0 && s->inner % s->depth == 0 && s->depth % head == 0 &&
             (s->activation == GELU || s->activation == RELU);
    if (!ok) PyErr_SetString(PyExc_ValueError, "got a shape that no encoder has; expected widths in groups of whole heads");
    return ok ? 0 : -1;
}
