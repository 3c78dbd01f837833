/* Texts as ids of pieces: a SentencePiece unigram model, from tables that need no reading.

   What Python hands over is checked here. The steps are in pieces_normal.h and pieces_path.h, the tables in
   pieces_tables.h; pieces_build.h makes the tries. The reference is the package sentencepiece, whose ids and places
   these are. */

#include "buffers.h"

#include "pieces_build.h"
#include "pieces_path.h"

enum { LONGEST_TEXT = INT32_MAX };

typedef struct {
    const char *text;
    Py_ssize_t size;
} Text;

/* The UTF-8 of a tuple's strings, which the tuple keeps; NULL with a Python error set. */
static Text *take_texts(PyObject *tuple, Py_ssize_t count) {
    Text *texts = malloc((size_t)(count ? count : 1) * sizeof *texts);
    if (!texts) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        texts[i].text = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(tuple, i), &texts[i].size);
        if (!texts[i].text || texts[i].size > LONGEST_TEXT) {
            if (texts[i].text) PyErr_Format(PyExc_ValueError, "text %zd: got %zd bytes, over 2 GB", i, texts[i].size);
            free(texts);
            return NULL;
        }
    }
    return texts;
}

/* All texts, one behind the other; `behind` gets where the tokens of each end. 0, or -1 without memory. */
static int encode_all(const Tables *tables, const Text *texts, Py_ssize_t count, Work *work, int64_t *behind) {
    for (Py_ssize_t i = 0; i < count; i++) {
        if (normalize(tables, (const uint8_t *)texts[i].text, texts[i].size, work) < 0) return -1;
        if (find_path(tables, work) < 0) return -1;
        behind[i] = work->tokens;
    }
    return 0;
}

static PyObject *as_bytes(const void *data, int64_t items, size_t width) {
    return PyBytes_FromStringAndSize(items ? data : "", (Py_ssize_t)items * (Py_ssize_t)width);
}

static PyObject *found(const Work *work, const int64_t *behind, Py_ssize_t count) {
    int64_t placed = work->placed ? work->tokens : 0;
    return Py_BuildValue("NNNN", as_bytes(work->ids.data, work->tokens, 4), as_bytes(behind, count, 8),
                         as_bytes(work->starts.data, placed, 4), as_bytes(work->ends.data, placed, 4));
}

PyDoc_STRVAR(encode_doc,
             "encode(tables, texts, placed) -> ids, behind, starts, ends\n\nThe int32 ids of all texts in a row, the "
             "int64 end of each text's among them and, if `placed`, where each begins and ends: uint32, characters.");

static PyObject *encode(PyObject *self, PyObject *arguments) {
    PyObject *given, *sequence, *texts_given = NULL, *result = NULL;
    Py_buffer view;
    void *data;
    Py_ssize_t size;
    Work work = {0};
    Tables tables;
    if (!PyArg_ParseTuple(arguments, "OOp", &given, &sequence, &work.placed)) return NULL;
    if (take_array(given, "tables", 1, 0, &view, &data, &size) < 0) return NULL;
    Text *texts = NULL;
    int64_t *behind = NULL;
    if (take_tables(data, (uint64_t)size, &tables) < 0) {
        PyErr_Format(PyExc_ValueError, "got %zd bytes that are no tables of version %d", size, TABLES_VERSION);
        goto release;
    }
    if (!(texts_given = PySequence_Tuple(sequence))) goto release;
    Py_ssize_t count = PyTuple_Size(texts_given);
    if (!(texts = take_texts(texts_given, count))) goto release;
    int failed = !(behind = malloc((size_t)(count ? count : 1) * sizeof *behind));
    Py_BEGIN_ALLOW_THREADS;
    if (!failed) failed = encode_all(&tables, texts, count, &work, behind) < 0;
    Py_END_ALLOW_THREADS;
    result = failed ? PyErr_NoMemory() : found(&work, behind, count);
release:
    free(texts), free(behind), free_work(&work);
    Py_XDECREF(texts_given);
    PyBuffer_Release(&view);
    return result;
}

/* Whether the keys are what build_trie takes: sorted, all different, none empty, without a zero byte. */
static int are_keys(const uint8_t *keys, int64_t size, const int64_t *ends, int64_t count) {
    int64_t before = 0, start = 0;
    if (memchr(keys, 0, (size_t)size) || (count ? ends[count - 1] : 0) != size) return 0;
    for (int64_t i = 0; i < count; before = start, start = ends[i++]) {
        if (ends[i] <= start || ends[i] > size) return 0;
        int64_t length = ends[i] - start, shared = start - before < length ? start - before : length;
        int order = i ? memcmp(keys + before, keys + start, (size_t)shared) : -1;
        if (order > 0 || (order == 0 && start - before >= length)) return 0;
    }
    return 1;
}

PyDoc_STRVAR(trie_doc, "trie(keys, ends, values, scores) -> units, values\n\nA double array of sorted keys, which lie "
                       "one behind the other in `keys`; `ends` (int64) says where each ends.");

static PyObject *trie(PyObject *self, PyObject *arguments) {
    static const char *names[4] = {"keys", "ends", "values", "scores"};
    static const Py_ssize_t widths[4] = {1, 8, 4, 4};
    PyObject *given[4], *result = NULL;
    Py_buffer views[4];
    void *data[4];
    Py_ssize_t lengths[4];
    int taken = 0;
    if (!PyArg_ParseTuple(arguments, "OOOO", &given[0], &given[1], &given[2], &given[3])) return NULL;
    for (; taken < 4; taken++)
        if (take_array(given[taken], names[taken], widths[taken], 0, &views[taken], &data[taken], &lengths[taken]) < 0)
            goto release;
    if (lengths[2] != lengths[1] || lengths[3] != lengths[1] || !are_keys(data[0], lengths[0], data[1], lengths[1])) {
        PyErr_SetString(PyExc_ValueError, "expected sorted, different keys without zeros, a value and a score each");
        goto release;
    }
    Builder builder = {.keys = data[0], .ends = data[1], .values = data[2], .scores = data[3]};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = build_trie(&builder, lengths[1]) < 0;
    Py_END_ALLOW_THREADS;
    result = failed ? PyErr_NoMemory()
                    : Py_BuildValue("NN", as_bytes(builder.units, builder.count, sizeof(Unit)),
                                    as_bytes(builder.found, builder.count, sizeof(int32_t)));
    free_builder(&builder);
release:
    while (taken > 0) PyBuffer_Release(&views[--taken]);
    return result;
}

static PyMethodDef methods[] = {
    {"encode", encode, METH_VARARGS, encode_doc},
    {"trie", trie, METH_VARARGS, trie_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_pieces", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__pieces(void) { return PyModule_Create(&module); }
