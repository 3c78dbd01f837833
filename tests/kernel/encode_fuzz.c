/* A fuzz target: the paths of this processor on any lengths, tokens and weights, in rooms that fit to the byte.

   With clang's fuzzer, from the root of the checkout, for as long as one likes:

       clang -g -O1 -fsanitize=fuzzer,address,undefined -Isrc/firth/kernel tests/kernel/encode_fuzz.c \
           src/firth/kernel/encode_*.c -lm -o /tmp/fuzz && /tmp/fuzz

   With gcc, which has none, -DSTANDALONE feeds it what chance gives: /tmp/fuzz ROUNDS SEED.
   test_encode_sanitized.py runs it so. */

#include "fuzz_input.h"
#include "encode_processor.h"

#include <stdlib.h>
#include <string.h>

#define MOST_TEXTS 6
#define MOST_TOKENS 40

static const BertShape SHAPES[] = {
    {64, 64, 1, 1, 64, GELU, 1e-12f},  {64, 128, 1, 4, 64, RELU, 1e-5f},  {128, 192, 2, 4, 64, GELU, 1e-12f},
    {128, 256, 1, 1, 128, RELU, 0.0f}, {192, 320, 1, 12, 64, GELU, 1e-5f},
};

/* So many bytes and not one more, as a sanitizer sees it, filled with the input again and again. */
static void *filled(const Input *input, size_t bytes) {
    char *room = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    for (size_t i = 0; i < bytes; i++) room[i] = (char)(input->size ? input->data[i % input->size] : 0);
    return room;
}

static void *exact(const Input *input, size_t bytes) { /* for what need not be aligned */
    char *room = malloc(bytes ? bytes : 1);
    for (size_t i = 0; i < bytes; i++) room[i] = (char)(input->size ? input->data[i % input->size] : 0);
    return room;
}

static void try_bert(const Path *path, Input *input, const int32_t *lengths, int texts, int tokens, int longest) {
    const BertShape *shape = &SHAPES[draw(input, sizeof SHAPES / sizeof *SHAPES)];
    Cursor counted = {NULL, 0};
    take_bert_scratch(&counted, shape, tokens, longest);
    void *weights = filled(input, bert_weights_size(shape)), *scratch = filled(input, counted.at);
    float *states = exact(input, (size_t)tokens * shape->width * sizeof(float));
    path->bert(shape, (Cursor){weights, 0}, states, lengths, texts, (Cursor){scratch, 0});
    free(weights), free(scratch), free(states);
}

static void try_use(const Path *path, Input *input, const int32_t *lengths, int texts, int tokens) {
    Cursor weighed = {NULL, 0}, counted = {NULL, 0};
    take_use_weights(&weighed), take_use_scratch(&counted, tokens, texts);
    void *weights = filled(input, weighed.at), *scratch = filled(input, counted.at);
    Cursor from = {weights, 0}, into = {scratch, 0};
    UseWeights w = take_use_weights(&from);
    uint8_t *codes = exact(input, (size_t)tokens * USE_TABLE);
    float *scale = exact(input, tokens * sizeof(float)), *low = exact(input, tokens * sizeof(float));
    float *vectors = exact(input, (size_t)texts * USE_OUT * sizeof(float));
    path->use(&w, 1e-12f, codes, scale, low, lengths, texts, take_use_scratch(&into, tokens, texts), vectors);
    free(weights), free(scratch), free(codes), free(scale), free(low), free(vectors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input = {data, size};
    const Path *paths[4];
    int count = 0, tokens = 0, longest = 0, texts;
    find_paths(paths, &count);
    paths[count++] = &firth_plain;
    const Path *path = paths[draw(&input, count)];
    int use = draw(&input, 8) == 0;
    texts = draw(&input, MOST_TEXTS + 1);
    int32_t *lengths = malloc(texts ? texts * sizeof *lengths : 1);
    for (int i = 0; i < texts; i++) {
        lengths[i] = 1 + draw(&input, MOST_TOKENS);
        tokens += lengths[i];
        if (lengths[i] > longest) longest = lengths[i];
    }
    if (use)
        try_use(path, &input, lengths, texts, tokens);
    else
        try_bert(path, &input, lengths, texts, tokens, longest);
    free(lengths);
    return 0;
}

#ifdef STANDALONE
#define MOST 512
#include "fuzz_alone.h"
#endif
