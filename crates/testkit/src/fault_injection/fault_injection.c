/*
 * Injects faults between a program and its files, for tests. Loaded with LD_PRELOAD, the library counts the operations
 * on files below a folder, kills the program at one of them, reports a full disk, or shifts the clock.
 *
 * It works on the program as it is shipped, whichever library makes the call. Linux with glibc only.
 * The environment variables:
 *
 * - VIBESYNC_FAULT_UNDER: the folder; other files are ignored
 * - VIBESYNC_FAULT_TRACE: each operation is appended to this file as a line: the operation and the kind of the file
 * - VIBESYNC_FAULT_KIND: such a line, or its first word
 * - VIBESYNC_FAULT_NTH: the number of the operation of that kind, from 1, at which the program is killed
 * - VIBESYNC_FAULT_WHEN: the moment of the kill: `before`, `half` of the bytes of a write, or `after`
 * - VIBESYNC_FAULT_FULL: while this file exists, every write below the folder fails with ENOSPC
 * - VIBESYNC_FAULT_SLOW: while this file exists, every sync below the folder waits; a file with `.held` behind its name
 *   then tells that one does
 * - VIBESYNC_FAULT_CLOCK: while this file exists, the clock is wrong by the number of seconds in it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The function of this name in the C library. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* Returns the part of a path below the folder, `.` for the folder; NULL for other paths and the program's own log. */
static const char *below(const char *path)
{
    const char *folder = setting("VIBESYNC_FAULT_UNDER");
    if (!folder || strncmp(path, folder, strlen(folder)) != 0) return NULL;
    const char *rest = path + strlen(folder);
    if (!*rest) return ".";
    if (*rest != '/' || strstr(rest, "/.vibesync/log")) return NULL;
    return rest + 1;
}

static int is_number(const char *piece, size_t length)
{
    return length > 0 && strspn(piece, "0123456789abcdef-") >= length;
}

/* Writes the kind of a file: its path, with `#` for each number, id or hash. */
static void kind_of(const char *path, char *kind, size_t room)
{
    size_t used = 0;
    while (*path && used + 2 < room) {
        size_t length = strcspn(path, "/._");
        if (is_number(path, length)) {
            kind[used++] = '#';
        } else {
            size_t fits = length < room - used - 2 ? length : room - used - 2;
            memcpy(kind + used, path, fits);
            used += fits;
        }
        path += length;
        if (*path) kind[used++] = *path++;
    }
    kind[used] = 0;
}

static int path_of(int file, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

/* The moment of the kill at an operation. */
enum when { NOT_HERE, BEFORE, HALF, AFTER };

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static enum when arrive(const char *operation, const char *path)
{
    static atomic_ulong met;
    const char *rest = below(path);
    if (!rest) return NOT_HERE;
    int before = errno;
    char kind[PATH_MAX], line[PATH_MAX + 32];
    kind_of(rest, kind, sizeof kind);
    int length = snprintf(line, sizeof line, "%s %s\n", operation, kind);
    const char *trace = setting("VIBESYNC_FAULT_TRACE");
    if (trace) {
        int file = syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0 || syscall(SYS_write, file, line, length) != length) abort();
        syscall(SYS_close, file);
    }
    errno = before;
    const char *wanted = setting("VIBESYNC_FAULT_KIND"), *nth = setting("VIBESYNC_FAULT_NTH");
    const char *when = setting("VIBESYNC_FAULT_WHEN");
    line[length - 1] = 0;
    if (!wanted || !nth || !when) return NOT_HERE;
    if (strcmp(line, wanted) != 0 && strcmp(operation, wanted) != 0) return NOT_HERE;
    if (atomic_fetch_add(&met, 1) + 1 != strtoul(nth, NULL, 10)) return NOT_HERE;
    if (strcmp(when, "before") == 0) die();
    return strcmp(when, "half") == 0 ? HALF : AFTER;
}

static enum when arrive_at_file(const char *operation, int file)
{
    char path[PATH_MAX];
    return setting("VIBESYNC_FAULT_UNDER") && path_of(file, path) ? arrive(operation, path) : NOT_HERE;
}

static void leave(enum when when)
{
    if (when != NOT_HERE) die();
}

/* Returns true if a write to this file must fail with ENOSPC. */
static int is_full(int file)
{
    char path[PATH_MAX];
    const char *flag = setting("VIBESYNC_FAULT_FULL");
    if (!flag || syscall(SYS_faccessat, AT_FDCWD, flag, F_OK) != 0) return 0;
    return path_of(file, path) && below(path);
}

ssize_t write(int file, const void *bytes, size_t count)
{
    if (is_full(file)) { errno = ENOSPC; return -1; }
    enum when when = arrive_at_file("write", file);
    ssize_t done = NEXT(write)(file, bytes, when == HALF ? count / 2 : count);
    leave(when);
    return done;
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    if (is_full(file)) { errno = ENOSPC; return -1; }
    enum when when = arrive_at_file("write", file);
    ssize_t done = when == HALF ? NEXT(write)(file, parts[0].iov_base, parts[0].iov_len / 2)
                                : NEXT(writev)(file, parts, count);
    leave(when);
    return done;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset)
{
    if (is_full(file)) { errno = ENOSPC; return -1; }
    enum when when = arrive_at_file("write", file);
    ssize_t done = NEXT(pwrite64)(file, bytes, when == HALF ? count / 2 : count, offset);
    leave(when);
    return done;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset)
{
    return pwrite64(file, bytes, count, offset);
}

/* Waits if syncs of this file must wait. */
static void hold(int file)
{
    char path[PATH_MAX], held[PATH_MAX];
    const char *flag = setting("VIBESYNC_FAULT_SLOW");
    if (!flag || !path_of(file, path) || !below(path)) return;
    snprintf(held, sizeof held, "%s.held", flag);
    while (syscall(SYS_faccessat, AT_FDCWD, flag, F_OK) == 0) {
        int mark = syscall(SYS_openat, AT_FDCWD, held, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (mark >= 0) close(mark);
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
}

#define ON_FILE(name, parameters, operation, ...)            \
    int name parameters                                      \
    {                                                        \
        enum when when = arrive_at_file(operation, file);    \
        int done = NEXT(name)(__VA_ARGS__);                  \
        leave(when);                                         \
        return done;                                         \
    }

ON_FILE(fsync, (int file), "fsync", file)

int fdatasync(int file)
{
    hold(file);
    enum when when = arrive_at_file("fsync", file);
    int done = NEXT(fdatasync)(file);
    leave(when);
    return done;
}

ON_FILE(sync_file_range, (int file, off64_t from, off64_t count, unsigned flags), "fsync", file, from, count, flags)
ON_FILE(ftruncate, (int file, off_t size), "truncate", file, size)
ON_FILE(ftruncate64, (int file, off64_t size), "truncate", file, size)

/* Returns the path as the program gives it; all paths of the tests are absolute. */
#define ON_PATH(name, parameters, operation, path, ...)      \
    int name parameters                                      \
    {                                                        \
        enum when when = arrive(operation, path);            \
        int done = NEXT(name)(__VA_ARGS__);                  \
        leave(when);                                         \
        return done;                                         \
    }

ON_PATH(rename, (const char *from, const char *to), "rename", to, from, to)
ON_PATH(renameat, (int from_dir, const char *from, int to_dir, const char *to), "rename", to, from_dir, from, to_dir, to)
ON_PATH(link, (const char *from, const char *to), "link", to, from, to)
ON_PATH(linkat, (int from_dir, const char *from, int to_dir, const char *to, int flags), "link", to, from_dir, from, to_dir, to, flags)
ON_PATH(unlink, (const char *path), "remove", path, path)
ON_PATH(rmdir, (const char *path), "remove", path, path)
ON_PATH(mkdir, (const char *path, mode_t mode), "create", path, path, mode)

/* Opening counts as an operation if it creates or empties the file. */
static enum when arrive_at_open(const char *path, int flags)
{
    if (!(flags & (O_CREAT | O_TRUNC))) return NOT_HERE;
    int is_there = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
    return is_there && !(flags & O_TRUNC) ? NOT_HERE : arrive("create", path);
}

#define OPEN(name, parameters, last, path, ...)                           \
    int name parameters                                                   \
    {                                                                     \
        va_list rest;                                                     \
        va_start(rest, last);                                             \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                     \
        enum when when = arrive_at_open(path, flags);                     \
        int file = NEXT(name)(__VA_ARGS__, mode);                         \
        leave(when);                                                      \
        return file;                                                      \
    }

OPEN(open, (const char *path, int flags, ...), flags, path, path, flags)
OPEN(open64, (const char *path, int flags, ...), flags, path, path, flags)
OPEN(openat, (int dir, const char *path, int flags, ...), flags, path, dir, path, flags)
OPEN(openat64, (int dir, const char *path, int flags, ...), flags, path, dir, path, flags)

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int done = syscall(SYS_clock_gettime, clock, time);
    const char *wrong = clock == CLOCK_REALTIME ? setting("VIBESYNC_FAULT_CLOCK") : NULL;
    if (done != 0 || !wrong) return done;
    int before = errno;
    int file = syscall(SYS_openat, AT_FDCWD, wrong, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        char text[32] = {0};
        if (syscall(SYS_read, file, text, sizeof text - 1) > 0) time->tv_sec += strtoll(text, NULL, 10);
        syscall(SYS_close, file);
    }
    errno = before;
    return done;
}
