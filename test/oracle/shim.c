// Preloaded into dmsetup: a device mapper that takes everything, and a log of every byte it was sent.
//
// The control node, /proc/devices and /proc/misc are made up, so no kernel needs to have a device mapper and no
// user needs to be root. Nothing that a real device could notice gets through: nodes are neither made, renamed
// nor removed, and the device numbers are of a major that nobody uses.
//
// The log is written to descriptor 3: for each ioctl the request number, the size of the buffer, and the whole
// buffer. ORACLE_UDEV in the environment makes udev seem to run.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

#define LOG_FD 3
#define DM_MAJOR 4001
#define DM_MINOR 7
#define EVENT_NR 5
#define CONTROL_MINOR 236
#define CONTROL "/dev/mapper/control"

static int control = -1;

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static int is_node(const char *path) { return strncmp(path, "/dev/mapper/", 12) == 0; }

static int no_such_file(void) {
  errno = ENOENT;
  return -1;
}

static void fail(const char *what) {
  perror(what);
  _exit(99);
}

static int open_control(void) {
  control = REAL(int, "open", const char *, int, ...)("/dev/null", O_RDWR | O_CLOEXEC);
  if (control < 0) fail("oracle: /dev/null");
  return control;
}

#define OPENS(name)                                                   \
  int name(const char *path, int flags, ...) {                        \
    mode_t mode = 0;                                                  \
    va_list rest;                                                     \
    va_start(rest, flags);                                            \
    if (flags & (O_CREAT | __O_TMPFILE)) mode = va_arg(rest, mode_t); \
    va_end(rest);                                                     \
    if (strcmp(path, CONTROL) == 0) return open_control();            \
    if (is_node(path)) return no_such_file();                         \
    return REAL(int, #name, const char *, int, ...)(path, flags, mode); \
  }
OPENS(open)
OPENS(open64)

#define TEXT(number) #number
#define DECIMAL(number) TEXT(number)
static char proc_devices[] =
    "Character devices:\n 10 misc\n\nBlock devices:\n" DECIMAL(DM_MAJOR) " device-mapper\n";
static char proc_misc[] = DECIMAL(CONTROL_MINOR) " device-mapper\n";

#define FOPENS(name)                                                                 \
  FILE *name(const char *path, const char *mode) {                                   \
    if (strcmp(path, "/proc/devices") == 0)                                          \
      return fmemopen(proc_devices, sizeof proc_devices - 1, "r");                   \
    if (strcmp(path, "/proc/misc") == 0)                                             \
      return fmemopen(proc_misc, sizeof proc_misc - 1, "r");                         \
    return REAL(FILE *, #name, const char *, const char *)(path, mode);              \
  }
FOPENS(fopen)
FOPENS(fopen64)

// Below /dev/mapper there is the control node, and nothing else.
#define STATS(name, type)                                          \
  int name(const char *path, struct type *out) {                   \
    if (strcmp(path, CONTROL) == 0) {                              \
      memset(out, 0, sizeof *out);                                 \
      out->st_mode = S_IFCHR | 0600;                               \
      out->st_rdev = makedev(10, CONTROL_MINOR);                   \
      return 0;                                                    \
    }                                                              \
    if (is_node(path)) return no_such_file();                      \
    return REAL(int, #name, const char *, struct type *)(path, out); \
  }
STATS(stat, stat)
STATS(stat64, stat64)
STATS(lstat, stat)
STATS(lstat64, stat64)

int mknod(const char *path, mode_t mode, dev_t dev) {
  return is_node(path) ? 0 : REAL(int, "mknod", const char *, mode_t, dev_t)(path, mode, dev);
}
int chown(const char *path, uid_t uid, gid_t gid) {
  return is_node(path) ? 0 : REAL(int, "chown", const char *, uid_t, gid_t)(path, uid, gid);
}
int unlink(const char *path) {
  return is_node(path) ? 0 : REAL(int, "unlink", const char *)(path);
}
int rename(const char *from, const char *to) {
  return is_node(from) ? 0 : REAL(int, "rename", const char *, const char *)(from, to);
}

int access(const char *path, int mode) {
  if (getenv("ORACLE_UDEV") && strcmp(path, "/run/udev/control") == 0) return 0;
  return REAL(int, "access", const char *, int)(path, mode);
}

static void write_all(int fd, const void *bytes, size_t length) {
  for (const char *at = bytes; length > 0;) {
    ssize_t written = write(fd, at, length);
    if (written < 0) fail("oracle: log");
    at += written;
    length -= (size_t)written;
  }
}

static void log_request(unsigned long request, const struct dm_ioctl *io) {
  const uint32_t head[2] = {(uint32_t)request, io->data_size};
  write_all(LOG_FD, head, sizeof head);
  write_all(LOG_FD, io, io->data_size);
}

// Everything behind the header is zeroed first, as bytes of the request are no reply.
static char *payload(struct dm_ioctl *io, uint32_t size) {
  memset((char *)io + sizeof *io, 0, io->data_size - sizeof *io);
  io->data_start = sizeof *io;
  io->data_size = sizeof *io + size;
  return (char *)io + sizeof *io;
}

static void reply_targets(struct dm_ioctl *io) {
  struct dm_target_spec *spec = (void *)payload(io, sizeof *spec + 8);
  spec->length = 8;
  spec->next = sizeof *spec + 8;
  strcpy(spec->target_type, "error");
  io->target_count = 1;
}

static void reply_versions(struct dm_ioctl *io) {
  struct dm_target_versions *versions = (void *)payload(io, sizeof *versions + 8);
  versions->version[0] = 1;
  strcpy(versions->name, "error");
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  struct dm_ioctl *io = va_arg(rest, struct dm_ioctl *);
  va_end(rest);
  if (fd != control || fd < 0) return REAL(int, "ioctl", int, unsigned long, ...)(fd, request, io);

  log_request(request, io);
  const uint32_t version[3] = {4, 47, 0};
  memcpy(io->version, version, sizeof version);
  const unsigned nr = _IOC_NR(request);
  if (nr == _IOC_NR(DM_VERSION) || nr == _IOC_NR(DM_REMOVE_ALL)) return 0;
  if (!(io->flags & DM_PERSISTENT_DEV_FLAG)) io->dev = (uint64_t)makedev(DM_MAJOR, DM_MINOR);
  io->event_nr = EVENT_NR;
  io->open_count = 0;
  io->flags |= DM_ACTIVE_PRESENT_FLAG | DM_UEVENT_GENERATED_FLAG;
  switch (nr) {
    case _IOC_NR(DM_TABLE_STATUS):
    case _IOC_NR(DM_DEV_WAIT):
      reply_targets(io);
      break;
    case _IOC_NR(DM_LIST_VERSIONS):
    case _IOC_NR(DM_GET_TARGET_VERSION):
      reply_versions(io);
      break;
    case _IOC_NR(DM_LIST_DEVICES):
      payload(io, sizeof(struct dm_name_list));
      break;
    case _IOC_NR(DM_TABLE_DEPS):
      payload(io, sizeof(struct dm_target_deps));
      break;
    case _IOC_NR(DM_TARGET_MSG):
      payload(io, 0);
      break;
  }
  return 0;
}
