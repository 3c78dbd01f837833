/* Runs the encoders' kernel on an Arm processor, or one that is emulated, for test_encode_arm.py:

   encode_arm bert PATH width inner layers heads depth texts < lengths, states, weights > states
   encode_arm use  PATH texts < lengths, codes, scale, low, weights > vectors */

#include "encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *read_array(size_t bytes) {
    void *array = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT);
    if (!array || fread(array, 1, bytes, stdin) != bytes) exit(2);
    return array;
}

static void *room(size_t bytes) { return aligned_alloc(ALIGNMENT, bytes + ALIGNMENT); }

static int32_t *read_lengths(int texts, int *tokens, int *longest) {
    int32_t *lengths = read_array((size_t)texts * sizeof(int32_t));
    *tokens = *longest = 0;
    for (int i = 0; i < texts; i++) {
        *tokens += lengths[i];
        if (lengths[i] > *longest) *longest = lengths[i];
    }
    return lengths;
}

static void run_bert(const Path *path, char **sizes) {
    BertShape s = {atoi(sizes[0]), atoi(sizes[1]), atoi(sizes[2]), atoi(sizes[3]), atoi(sizes[4]), atoi(sizes[5]),
                   1e-12f};
    int texts = atoi(sizes[6]), tokens, longest;
    int32_t *lengths = read_lengths(texts, &tokens, &longest);
    size_t bytes = (size_t)tokens * s.width * sizeof(float);
    float *states = read_array(bytes);
    Cursor weights = {read_array(bert_weights_size(&s)), 0}, counted = {NULL, 0};
    take_bert_scratch(&counted, &s, tokens, longest);
    path->bert(&s, weights, states, lengths, texts, (Cursor){room(counted.at), 0});
    fwrite(states, 1, bytes, stdout);
}

static void run_use(const Path *path, char **sizes) {
    int texts = atoi(sizes[0]), tokens, longest;
    int32_t *lengths = read_lengths(texts, &tokens, &longest);
    uint8_t *codes = read_array((size_t)tokens * USE_TABLE);
    float *scale = read_array((size_t)tokens * sizeof(float)), *low = read_array((size_t)tokens * sizeof(float));
    float *vectors = room((size_t)texts * USE_OUT * sizeof(float));
    Cursor counted = {NULL, 0}, weighed = {NULL, 0};
    take_use_scratch(&counted, tokens, texts);
    take_use_weights(&weighed);
    Cursor from = {read_array(weighed.at), 0}, into = {room(counted.at), 0};
    UseWeights w = take_use_weights(&from);
    path->use(&w, 1e-12f, codes, scale, low, lengths, texts, take_use_scratch(&into, tokens, texts), vectors);
    fwrite(vectors, 1, (size_t)texts * USE_OUT * sizeof(float), stdout);
}

int main(int count, char **words) {
    if (count < 4) return 1;
    const Path *path = strcmp(words[2], "neon") ? &firth_plain : &firth_neon;
    if (!strcmp(words[1], "bert")) run_bert(path, words + 3);
    else run_use(path, words + 3);
    return 0;
}
