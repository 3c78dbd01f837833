/* What feeds a fuzz target where there is no fuzzer: its program, ROUNDS SEED, which gives it up to MOST bytes of chance. */

#ifndef FIRTH_FUZZ_ALONE_H
#define FIRTH_FUZZ_ALONE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **words) {
    int rounds = count > 1 ? atoi(words[1]) : 100;
    srand(count > 2 ? (unsigned)atoi(words[2]) : 0);
    for (int i = 0; i < rounds; i++) {
        uint8_t data[MOST];
        for (size_t j = 0; j < sizeof data; j++) data[j] = (uint8_t)(rand() >> 7);
        LLVMFuzzerTestOneInput(data, (size_t)rand() % sizeof data);
    }
    printf("%d rounds\n", rounds);
    return 0;
}

#endif
