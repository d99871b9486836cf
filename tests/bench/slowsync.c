/* LD_PRELOAD: fsync and fdatasync that take a fixed time, and counts of what a program writes.
 *
 * On tmpfs a flush costs nothing; with a fixed delay instead, repetitions agree within a few percent, which no disk
 * allows. SLOWSYNC names a file of at least 40 bytes, mapped shared: whoever else maps it reads the counts, sets the
 * delay, and injects a stall, without the program taking part. Only files whose name holds `journal` are counted.
 *
 *   0 flushes   8 bytes written   16 delay of each flush, us   24 delay of the next flush only, us   32 flushes under way
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define FDS_MAX 1024

struct shared {
    _Atomic long flushes, bytes, delay_us, stall_us, under_way;
};

static struct shared *shared;
static _Atomic char known[FDS_MAX]; /* 0 not yet looked at, 1 the journal's, 2 another's */

__attribute__((constructor)) static void map_shared(void)
{
    char *path = getenv("SLOWSYNC");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    shared = mapped == MAP_FAILED ? NULL : mapped;
    close(fd);
}

static int is_journal(int fd)
{
    char link[64], path[4096];
    if (!shared || fd < 0 || fd >= FDS_MAX)
        return 0;
    if (!known[fd]) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof path - 1);
        path[length < 0 ? 0 : length] = 0;
        char *name = strrchr(path, '/');
        known[fd] = name && strstr(name, "journal") ? 1 : 2;
    }
    return known[fd] == 1;
}

static int flush(int fd)
{
    if (!is_journal(fd))
        return 0;
    long stall_us = atomic_exchange(&shared->stall_us, 0), us = stall_us ? stall_us : shared->delay_us;
    struct timespec pause = {us / 1000000, us % 1000000 * 1000};
    shared->flushes++;
    shared->under_way++;
    if (us)
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    shared->under_way--;
    return 0;
}

int fsync(int fd) { return flush(fd); }
int fdatasync(int fd) { return flush(fd); }

int close(int fd)
{
    static int (*next)(int);
    if (!next)
        next = (int (*)(int))dlsym(RTLD_NEXT, "close");
    if (fd >= 0 && fd < FDS_MAX)
        known[fd] = 0;
    return next(fd);
}

#define COUNTED(name, offset_t)                                                                                       \
    ssize_t name(int fd, const void *bytes, size_t length, offset_t at)                                               \
    {                                                                                                                 \
        static ssize_t (*next)(int, const void *, size_t, offset_t);                                                  \
        if (!next)                                                                                                    \
            next = (ssize_t(*)(int, const void *, size_t, offset_t))dlsym(RTLD_NEXT, #name);                          \
        ssize_t written = next(fd, bytes, length, at);                                                                \
        if (written > 0 && is_journal(fd))                                                                            \
            shared->bytes += written;                                                                                 \
        return written;                                                                                               \
    }

COUNTED(pwrite, off_t)
COUNTED(pwrite64, off64_t)

ssize_t write(int fd, const void *bytes, size_t length)
{
    static ssize_t (*next)(int, const void *, size_t);
    if (!next)
        next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    ssize_t written = next(fd, bytes, length);
    if (written > 0 && is_journal(fd))
        shared->bytes += written;
    return written;
}
