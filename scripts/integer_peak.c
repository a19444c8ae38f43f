/* The fastest that this x86-64 machine multiplies and adds, in int8 and in fp32, with AVX2 and, where it has
 * them, with AVX-512 and its VNNI (vpdpbusd): the ceiling against which docs/blip.md sets the image encoder.
 *
 *     cc -O3 -mavx2 -mfma -pthread -o build/integer_peak scripts/integer_peak.c && build/integer_peak 2 [GOP MS]
 *
 * The arguments are the number of threads and, to see what share of the best int8 a network reaches, its
 * billions of int8 operations and the milliseconds that they took. Prints the best of five runs; a
 * multiplication and an addition count as two operations. */
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

/* One instruction multiplies 64 bytes and adds to 16 sums. */
__attribute__((target("avx512f,avx512vnni"))) static void *int8_vnni(void *out) {
    __m512i sum[CHAINS] = {0}, a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(2);
    for (long round = 0; round < ROUNDS; round++) {
#define STEP(n) { asm volatile("" : "+v"(a)); sum[n] = _mm512_dpbusd_epi32(sum[n], a, b); }
        EIGHT(STEP)
#undef STEP
    }
    for (int n = 1; n < CHAINS; n++) sum[0] = _mm512_add_epi32(sum[0], sum[n]);
    *(int *)out = _mm512_reduce_add_epi32(sum[0]);
    return NULL;
}

__attribute__((target("avx512f"))) static void *fp32_avx512(void *out) {
    __m512 sum[CHAINS] = {0}, a = _mm512_set1_ps(0.5f), b = _mm512_set1_ps(0.25f);
    for (long round = 0; round < ROUNDS; round++) {
#define STEP(n) { asm volatile("" : "+v"(a)); sum[n] = _mm512_fmadd_ps(a, b, sum[n]); }
        EIGHT(STEP)
#undef STEP
    }
    for (int n = 1; n < CHAINS; n++) sum[0] = _mm512_add_ps(sum[0], sum[n]);
    *(int *)out = (int)_mm512_reduce_add_ps(sum[0]);
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

static double report(const char *name, void *(*work)(void *), int threads, int operations) {
    double best = 1e9;
    for (int n = 0; n < 5; n++) {
        double took = seconds(work, threads);
        if (took < best) best = took;
    }
    double rate = (double)threads * ROUNDS * CHAINS * operations / best * 1e-9;
    printf("%s, %d threads: %.0f billion operations a second\n", name, threads, rate);
    return rate;
}

int main(int count, char **argument) {
    int threads = count > 1 ? atoi(argument[1]) : 1;
    if (threads < 1 || threads > MAX_THREADS) return fprintf(stderr, "name 1 to %d threads\n", MAX_THREADS), 1;
    double peak = report("int8, AVX2", int8_products, threads, 2 * 32);
    report("fp32, AVX2", fp32_products, threads, 2 * 8);
    if (__builtin_cpu_supports("avx512vnni")) peak = report("int8, VNNI", int8_vnni, threads, 2 * 64);
    if (__builtin_cpu_supports("avx512f")) report("fp32, AVX-512", fp32_avx512, threads, 2 * 16);
    if (count > 3) {
        double rate = atof(argument[2]) / atof(argument[3]) * 1000;
        printf("%s ms: %.0f billion operations a second, %.0f %% of the int8 peak\n", argument[3], rate,
               100 * rate / peak);
    }
    return 0;
}
