/* What becomes of a tile's products: included by a path once it has its lanes and ROWS. */

typedef struct {
    const float *units;  /* the columns' scales */
    const int32_t *sums; /* of the columns' codes */
    const float *bias;   /* what the first group begins with; NULL for the others */
    float scale[ROWS], low[ROWS], *to;
} Settling;

/* Sixteen products of row i, those of the columns from j on, to floats that are added to what is there. */
static inline void settle(const Settling *s, int i, int j, Ints products) {
    Lanes unit = l_load(s->units + j), sum = l_load(s->bias ? s->bias + j : s->to + i * PANEL + j);
    sum = l_fma(l_mul(l_from_int(s->sums + j), unit), l_set(s->low[i]), sum);
    l_store(s->to + i * PANEL + j, l_fma(l_mul(i_floats(products), unit), l_set(s->scale[i]), sum));
}
