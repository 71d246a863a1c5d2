/* Writes what the C library's allocator holds to the file VIBESYNC_HEAP_REPORT whenever the file is missing: the bytes
 * in use, and those that were freed and are kept. Counting them takes milliseconds, so nobody pays for it unasked.
 * Loaded before the C library; changes nothing in the program. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *report(void *path) {
    char staged[4096];
    snprintf(staged, sizeof staged, "%s.new", (const char *)path);
    for (;; usleep(50000)) {
        if (!access(path, F_OK)) continue;
        struct mallinfo2 heap = mallinfo2();
        FILE *file = fopen(staged, "w");
        if (!file) continue;
        fprintf(file, "%zu %zu\n", heap.uordblks + heap.hblkhd, heap.fordblks);
        if (!fclose(file)) rename(staged, path);
    }
    return NULL;
}

__attribute__((constructor)) static void begin(void) {
    pthread_t thread;
    char *path = getenv("VIBESYNC_HEAP_REPORT");
    if (path) pthread_create(&thread, NULL, report, path);
}
