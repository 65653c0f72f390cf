// The limit: the ioctls of each operation and nothing else. Also prepares and removes devices for all peers, with the
// nodes and the uuids that the peers expect.

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "peer.h"

#define FIRST_SIZE (16 * 1024)

static int control;
static char *buffer;
static size_t capacity;
// The size that sufficed for the last list of devices.
static size_t list_size = FIRST_SIZE;

static struct dm_ioctl *request(const char *name, uint32_t flags, size_t size) {
  if (size > capacity) {
    capacity = size;
    buffer = realloc(buffer, capacity);
    if (!buffer) err(1, "realloc");
  }
  struct dm_ioctl *io = (void *)buffer;
  memset(io, 0, sizeof *io);
  io->version[0] = 4;
  io->data_size = size;
  io->data_start = sizeof *io;
  io->flags = flags;
  if (name) strcpy(io->name, name);
  return io;
}

static struct dm_ioctl *must(unsigned long command, const char *what) {
  if (ioctl(control, command, buffer) < 0) err(1, "%s", what);
  return (void *)buffer;
}

static void version(unsigned index) {
  (void)index;
  request(NULL, 0, sizeof(struct dm_ioctl));
  must(DM_VERSION, "DM_VERSION");
}

static void status(unsigned index) {
  (void)index;
  request("bench-fixed", 0, FIRST_SIZE);
  must(DM_TABLE_STATUS, "DM_TABLE_STATUS");
}

static void message(const char *text) {
  size_t size = sizeof(struct dm_ioctl) + sizeof(struct dm_target_msg) + strlen(text) + 1;
  struct dm_ioctl *io = request(pool, 0, size < FIRST_SIZE ? FIRST_SIZE : size);
  struct dm_target_msg *payload = (void *)(io + 1);
  payload->sector = 0;
  memcpy(payload + 1, text, strlen(text) + 1);
  must(DM_TARGET_MSG, text);
}

static void create_thin(unsigned index) {
  char text[LINE];
  snprintf(text, sizeof text, "create_thin %u", index);
  message(text);
}

static void create_snap(unsigned index) {
  char text[LINE];
  snprintf(text, sizeof text, "create_snap %u 16777215", index);
  message(text);
}

static void create_origin(unsigned index) {
  (void)index;
  message("create_thin 16777215");
}

static void delete_thin(unsigned index) {
  char text[LINE];
  snprintf(text, sizeof text, "delete %u", index);
  message(text);
}

static struct dm_target_spec *add_target(struct dm_target_spec *spec, const char *type, uint64_t start, uint64_t length,
                                         const char *params) {
  size_t size = (sizeof *spec + strlen(params) + 1 + 7) & ~(size_t)7;
  memset(spec, 0, sizeof *spec);
  spec->sector_start = start;
  spec->length = length;
  spec->next = size;
  strcpy(spec->target_type, type);
  strcpy((char *)(spec + 1), params);
  return (void *)((char *)spec + size);
}

static void create(const char *name, const char *uuid) {
  struct dm_ioctl *io = request(name, 0, sizeof *io);
  if (uuid) strcpy(io->uuid, uuid);
  must(DM_DEV_CREATE, name);
}

static uint64_t resume(const char *name) {
  request(name, 0, sizeof(struct dm_ioctl));
  return must(DM_DEV_SUSPEND, name)->dev;
}

static uint64_t create_with(const char *name, const char *uuid, const char *type, uint64_t length, const char *params) {
  create(name, uuid);
  struct dm_ioctl *io = request(name, 0, FIRST_SIZE);
  io->target_count = 1;
  char *end = (void *)add_target((void *)(io + 1), type, 0, length, params);
  io->data_size = end - buffer;
  must(DM_TABLE_LOAD, params);
  return resume(name);
}

static uint64_t linear(const char *name) {
  char params[LINE];
  snprintf(params, sizeof params, "%s 0", disk);
  return create_with(name, NULL, "linear", 2048, params);
}

static uint64_t thin(unsigned index, const char *uuid) {
  char name[LINE], params[LINE];
  device_name(name, index);
  snprintf(params, sizeof params, "%s %u", pool_dev, index);
  return create_with(name, uuid, "thin", thin_length, params);
}

static void create_linear(unsigned index) {
  char name[LINE];
  device_name(name, index);
  linear(name);
}

static void activate(unsigned index) { thin(index, NULL); }

static void suspend_resume(unsigned index) {
  (void)index;
  request("bench-fixed", DM_SUSPEND_FLAG, sizeof(struct dm_ioctl));
  must(DM_DEV_SUSPEND, "suspend");
  resume("bench-fixed");
}

static void remove_device(unsigned index) {
  char name[LINE];
  device_name(name, index);
  request(name, 0, sizeof(struct dm_ioctl));
  must(DM_DEV_REMOVE, name);
}

static void list(unsigned index) {
  (void)index;
  for (;; list_size *= 2) {
    request(NULL, DM_UUID_FLAG, list_size);
    if (!(must(DM_LIST_DEVICES, "list")->flags & DM_BUFFER_FULL_FLAG)) return;
  }
}

static void load_long(unsigned index) {
  (void)index;
  struct dm_ioctl *io = request("bench-long", 0, LONG_TABLE * 128 + sizeof *io);
  struct dm_target_spec *spec = (void *)(io + 1);
  io->target_count = LONG_TABLE;
  for (unsigned line = 0; line < LONG_TABLE; line++) {
    char params[LINE];
    snprintf(params, sizeof params, "%s %u", disk, line * LONG_LINE);
    spec = add_target(spec, "linear", line * LONG_LINE, LONG_LINE, params);
  }
  io->data_size = (char *)spec - buffer;
  must(DM_TABLE_LOAD, "load of a long table");
}

static void read_long(unsigned index) {
  (void)index;
  static size_t size = FIRST_SIZE;
  for (;; size *= 2) {
    request("bench-long", DM_STATUS_TABLE_FLAG, size);
    if (!(must(DM_TABLE_STATUS, "long table")->flags & DM_BUFFER_FULL_FLAG)) return;
  }
}

static void link_node(const char *name, uint64_t dev) {
  char path[LINE * 2], target[LINE];
  snprintf(path, sizeof path, "/dev/mapper/%s", name);
  snprintf(target, sizeof target, "../dm-%u", minor(dev));
  if (symlink(target, path) < 0) err(1, "%s", path);
}

static void make_linear(unsigned index) {
  char name[LINE];
  device_name(name, index);
  link_node(name, linear(name));
}

static void make_thin(unsigned index) {
  char name[LINE], uuid[LINE];
  device_name(name, index);
  snprintf(uuid, sizeof uuid, "DMTS-thin-%s-%u", pool_dev, index);
  link_node(name, thin(index, uuid));
}

static void make_empty(unsigned index) {
  char name[LINE];
  snprintf(name, sizeof name, "bench-empty-%u", index);
  // The devices of earlier lines exist.
  struct dm_ioctl *io = request(name, 0, sizeof *io);
  if (ioctl(control, DM_DEV_CREATE, io) < 0 && errno != EBUSY) err(1, "%s", name);
}

static void make_fixed(unsigned index) {
  (void)index;
  link_node("bench-fixed", linear("bench-fixed"));
}

static void make_long(unsigned index) {
  create("bench-long", NULL);
  load_long(index);
  link_node("bench-long", resume("bench-long"));
}

static void clear(unsigned index) {
  char name[LINE], path[LINE * 2];
  remove_device(index);
  device_name(name, index);
  snprintf(path, sizeof path, "/dev/mapper/%s", name);
  if (unlink(path) < 0 && errno != ENOENT) err(1, "%s", path);
}

// The nodes of devices that a peer removed.
static void clear_node(unsigned index) {
  char path[LINE];
  snprintf(path, sizeof path, "/dev/mapper/bench-%u", index);
  if (unlink(path) < 0 && errno != ENOENT) err(1, "%s", path);
}

int main(int argc, char **argv) {
  control = open("/dev/mapper/control", O_RDWR);
  if (control < 0) err(1, "/dev/mapper/control");
  static const struct operation operations[] = {
    {"version", version},
    {"status", status},
    {"create_thin", create_thin},
    {"create_snap", create_snap},
    {"create_linear", create_linear},
    {"activate", activate},
    {"suspend_resume", suspend_resume},
    {"remove", remove_device},
    {"deactivate", remove_device},
    {"list", list},
    {"load_long", load_long},
    {"read_long", read_long},
    {"create_origin", create_origin},
    {"delete", delete_thin},
    {"make_fixed", make_fixed},
    {"make_long", make_long},
    {"make_linear", make_linear},
    {"make_thin", make_thin},
    {"make_empty", make_empty},
    {"clear", clear},
    {"clear_node", clear_node},
    {NULL, NULL},
  };
  serve(argc, argv, operations);
}
