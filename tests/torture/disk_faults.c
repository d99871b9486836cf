/* Preloaded into a station: makes its disk fail as the first word of the file DISK_FAULT says, while it says so.
   erofs, eio, enospc: writes and syncs of regular files fail with that error. stall: syncs wait until it ends. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int is_said(const char *word)
{
    char text[16] = "";
    const char *path = getenv("DISK_FAULT");
    int fd = path ? (int)openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    return got > 0 && strncmp(text, word, strlen(word)) == 0;
}

static int is_regular(int fd)
{
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

static int fails(int fd)
{
    if (!is_regular(fd))
        return 0;
    errno = is_said("erofs") ? EROFS : is_said("eio") ? EIO : is_said("enospc") ? ENOSPC : 0;
    return errno != 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite64");
    return fails(fd) ? -1 : real(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return pwrite64(fd, bytes, count, at);
}

static void wait_out_a_stall(void)
{
    struct timespec pause = {0, 5000000};
    while (is_said("stall"))
        nanosleep(&pause, NULL);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fdatasync");
    wait_out_a_stall();
    return fails(fd) ? -1 : real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fsync");
    wait_out_a_stall();
    return fails(fd) ? -1 : real(fd);
}

int posix_fallocate64(int fd, off64_t at, off64_t count)
{
    static int (*real)(int, off64_t, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "posix_fallocate64");
    return fails(fd) ? errno : real(fd, at, count);
}

int posix_fallocate(int fd, off_t at, off_t count)
{
    return posix_fallocate64(fd, at, count);
}

static int told_read_only(int answer, struct statvfs *found)
{
    if (answer == 0 && is_said("erofs"))
        found->f_flag |= ST_RDONLY;
    return answer;
}

int statvfs(const char *path, struct statvfs *found)
{
    static int (*real)(const char *, struct statvfs *);
    if (!real)
        real = dlsym(RTLD_NEXT, "statvfs");
    return told_read_only(real(path, found), found);
}

int statvfs64(const char *path, struct statvfs64 *found)
{
    return statvfs(path, (struct statvfs *)found);
}
