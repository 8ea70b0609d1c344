/* A disk that is full while the file named by FULL_DISK_FLAG exists: preloaded into a server, it refuses
   what would write to a file with FULL_DISK_PART in its path, as a full file system does. Not set, that is
   /base/, PostgreSQL's relations. WAL is let through: a server whose WAL cannot be written stops, which is
   another test. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int full(int fd) {
  const char* flag = getenv("FULL_DISK_FLAG");
  if (flag == NULL || access(flag, F_OK) != 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  const char* part = getenv("FULL_DISK_PART");
  if (strstr(path, part == NULL ? "/base/" : part) == NULL) return 0;
  errno = ENOSPC;
  return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* from, size_t size) {
  return full(fd) ? -1 : NEXT(write)(fd, from, size);
}
ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  return full(fd) ? -1 : NEXT(pwrite)(fd, from, size, at);
}
ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) {
  return full(fd) ? -1 : NEXT(pwrite64)(fd, from, size, at);
}
ssize_t pwritev(int fd, const struct iovec* from, int count, off_t at) {
  return full(fd) ? -1 : NEXT(pwritev)(fd, from, count, at);
}
ssize_t pwritev64(int fd, const struct iovec* from, int count, off64_t at) {
  return full(fd) ? -1 : NEXT(pwritev64)(fd, from, count, at);
}
int posix_fallocate(int fd, off_t at, off_t size) {
  return full(fd) ? ENOSPC : NEXT(posix_fallocate)(fd, at, size);
}
int posix_fallocate64(int fd, off64_t at, off64_t size) {
  return full(fd) ? ENOSPC : NEXT(posix_fallocate64)(fd, at, size);
}
