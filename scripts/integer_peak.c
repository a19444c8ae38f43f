/* The fastest that this x86-64 machine multiplies and adds, in int8 without VNNI and in fp32: the ceiling
 * against which docs/blip.md sets the image encoder.
 *
 *     cc -O3 -mavx2 -mfma -pthread -o build/integer_peak scripts/integer_peak.c && build/integer_peak 2
 *
 * The argument is the number of threads. Prints the best of five runs; a multiplication and an addition
 * count as two operations. */
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 20000000, CHAINS = 8, MAX_THREADS = 64 };

/* Eight sums that do not wait for each other: more than an operation's latency times two units. */
#define EIGHT(step) step(0) step(1) step(2) step(3) step(4) step(5) step(6) step(7)

static void *int8_products(void *out) {
    __m256i sum[CHAINS] = {0}, a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(2), one = _mm256_set1_epi16(1);
    for (long round = 0; round < ROUNDS; round++) {
/* The empty asm keeps the compiler from taking the product out of the loop. */
#define STEP(n) { asm volatile("" : "+x"(a)); \
        sum[n] = _mm256_add_epi32(sum[n], _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), one)); }
        EIGHT(STEP)
#undef STEP
    }
    for (int n = 1; n < CHAINS; n++) sum[0] = _mm256_add_epi32(sum[0], sum[n]);
    *(int *)out = _mm256_extract_epi32(sum[0], 0);
    return NULL;
}

static void *fp32_products(void *out) {
    __m256 sum[CHAINS] = {0}, a = _mm256_set1_ps(0.5f), b = _mm256_set1_ps(0.25f);
    for (long round = 0; round < ROUNDS; round++) {
#define STEP(n) { asm volatile("" : "+x"(a)); sum[n] = _mm256_fmadd_ps(a, b, sum[n]); }
        EIGHT(STEP)
#undef STEP
    }
    for (int n = 1; n < CHAINS; n++) sum[0] = _mm256_add_ps(sum[0], sum[n]);
    *(int *)out = (int)_mm256_cvtss_f32(sum[0]);
    return NULL;
}

static double seconds(void *(*work)(void *), int threads) {
    struct timespec start, end;
    pthread_t thread[MAX_THREADS];
    int out[MAX_THREADS];
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int n = 0; n < threads; n++) pthread_create(&thread[n], NULL, work, &out[n]);
    for (int n = 0; n < threads; n++) pthread_join(thread[n], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) * 1e-9;
}

static void report(const char *name, void *(*work)(void *), int threads, int operations) {
    double best = 1e9;
    for (int n = 0; n < 5; n++) {
        double took = seconds(work, threads);
        if (took < best) best = took;
    }
    printf("%s, %d threads: %.0f billion operations a second\n", name, threads,
           (double)threads * ROUNDS * CHAINS * operations / best * 1e-9);
}

int main(int count, char **argument) {
    int threads = count > 1 ? atoi(argument[1]) : 1;
    if (threads < 1 || threads > MAX_THREADS) return fprintf(stderr, "name 1 to %d threads\n", MAX_THREADS), 1;
    report("int8", int8_products, threads, 2 * 32);
    report("fp32", fp32_products, threads, 2 * 8);
    return 0;
}
