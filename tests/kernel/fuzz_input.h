/* What a fuzz target tries, drawn from its input; behind its end zeros stand. */

#ifndef FIRTH_FUZZ_INPUT_H
#define FIRTH_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data;
    size_t size;
} Input;

static int draw(Input *input, int choices) {
    if (!input->size) return 0;
    input->size--;
    return *input->data++ % choices;
}

#endif
