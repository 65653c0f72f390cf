// The operations through libdevmapper, as a C program would call it.

#include <libdevmapper.h>
#include <stdint.h>

#include "peer.h"

static struct dm_task *task(int type, const char *name) {
  struct dm_task *made = dm_task_create(type);
  if (!made || (name && !dm_task_set_name(made, name))) errx(1, "dm_task_create");
  return made;
}

static void run(struct dm_task *made) {
  if (!dm_task_run(made)) errx(1, "dm_task_run");
}

static void finish(struct dm_task *made) {
  run(made);
  dm_task_destroy(made);
}

// Creates or removes the nodes below /dev/mapper, which the library only notes at first.
static void finish_with_node(struct dm_task *made) {
  finish(made);
  dm_task_update_nodes();
}

static void version(unsigned index) {
  (void)index;
  char text[64];
  struct dm_task *made = task(DM_DEVICE_VERSION, NULL);
  run(made);
  if (!dm_task_get_driver_version(made, text, sizeof text)) errx(1, "version");
  dm_task_destroy(made);
}

// Reads every line of a status or a table.
static void read_targets(int type, const char *name) {
  struct dm_task *made = task(type, name);
  uint64_t start, length;
  char *target_type, *params;
  void *next = NULL;
  run(made);
  do next = dm_get_next_target(made, next, &start, &length, &target_type, &params);
  while (next);
  dm_task_destroy(made);
}

static void status(unsigned index) {
  (void)index;
  read_targets(DM_DEVICE_STATUS, "bench-fixed");
}

static void message(const char *text) {
  struct dm_task *made = task(DM_DEVICE_TARGET_MSG, pool);
  if (!dm_task_set_sector(made, 0) || !dm_task_set_message(made, text)) errx(1, "message");
  finish(made);
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

static void create(unsigned index, const char *type, uint64_t length, const char *params) {
  char name[LINE];
  device_name(name, index);
  struct dm_task *made = task(DM_DEVICE_CREATE, name);
  if (!dm_task_add_target(made, 0, length, type, params)) errx(1, "dm_task_add_target");
  finish_with_node(made);
}

static void create_linear(unsigned index) {
  char params[LINE];
  snprintf(params, sizeof params, "%s 0", disk);
  create(index, "linear", 2048, params);
}

static void activate(unsigned index) {
  char params[LINE];
  snprintf(params, sizeof params, "%s %u", pool_dev, index);
  create(index, "thin", thin_length, params);
}

static void suspend_resume(unsigned index) {
  (void)index;
  finish(task(DM_DEVICE_SUSPEND, "bench-fixed"));
  finish(task(DM_DEVICE_RESUME, "bench-fixed"));
}

static void remove_device(unsigned index) {
  char name[LINE];
  device_name(name, index);
  finish_with_node(task(DM_DEVICE_REMOVE, name));
}

static void list(unsigned index) {
  (void)index;
  struct dm_task *made = task(DM_DEVICE_LIST, NULL);
  run(made);
  if (!dm_task_get_names(made)) errx(1, "dm_task_get_names");
  dm_task_destroy(made);
}

static void load_long(unsigned index) {
  (void)index;
  struct dm_task *made = task(DM_DEVICE_RELOAD, "bench-long");
  for (unsigned line = 0; line < LONG_TABLE; line++) {
    char params[LINE];
    snprintf(params, sizeof params, "%s %u", disk, line * LONG_LINE);
    if (!dm_task_add_target(made, line * LONG_LINE, LONG_LINE, "linear", params)) errx(1, "dm_task_add_target");
  }
  finish(made);
}

static void read_long(unsigned index) {
  (void)index;
  read_targets(DM_DEVICE_TABLE, "bench-long");
}

int main(int argc, char **argv) {
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
    {NULL, NULL},
  };
  serve(argc, argv, operations);
}
