/* Arrays that Python hands over, checked: a kernel sees a pointer and a length, never an object.

   Used by every kernel here. Stable ABI of Python 3.11, so one built file serves all later versions. */

#ifndef FIRTH_BUFFERS_H
#define FIRTH_BUFFERS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* A contiguous array of items of `width` bytes; *data and *length are its start and its number of items.
   Returns 0, or -1 with a Python error set; after 0 the caller owes PyBuffer_Release(view). */
static inline int take_array(PyObject *object, const char *name, Py_ssize_t width, int writable, Py_buffer *view,
                             void **data, Py_ssize_t *length) {
    if (PyObject_GetBuffer(object, view, writable ? PyBUF_CONTIG : PyBUF_CONTIG_RO) < 0) return -1;
    if (view->itemsize != width) {
        PyErr_Format(PyExc_ValueError, "%s: got items of %zd bytes, expected %zd", name, view->itemsize, width);
        PyBuffer_Release(view);
        return -1;
    }
    *data = view->buf;
    *length = view->len / width;
    return 0;
}

#endif
