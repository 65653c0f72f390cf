// The protocol of a peer: it reads lines "OPERATION SAMPLES", does the operation on the devices 0, 1, … and prints the
// nanoseconds of each one on one line. The clock is read inside, so the start of the program and the pipe do not count.
// Two calls of access(2) on /bench/… enclose a line's work: they mark it in a trace.

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 512
#define LONG_TABLE 1000
#define LONG_LINE 8

// argv: the pool, the device number of the pool, the disk for linear devices, and the length of a thin device in sectors.
static const char *pool, *pool_dev, *disk;
static unsigned long long thin_length;

struct operation {
  const char *name;
  void (*run)(unsigned index);
};

static unsigned long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000ull + at.tv_nsec;
}

static void measure(const struct operation *operation, unsigned samples) {
  unsigned long long *taken = calloc(samples, sizeof *taken);
  if (!taken) err(1, "calloc");
  access("/bench/begin", F_OK);
  for (unsigned sample = 0; sample < samples; sample++) {
    unsigned long long begun = now();
    operation->run(sample);
    taken[sample] = now() - begun;
  }
  access("/bench/end", F_OK);
  for (unsigned sample = 0; sample < samples; sample++) printf("%llu ", taken[sample]);
  printf("\n");
  fflush(stdout);
  free(taken);
}

static void serve(int argc, char **argv, const struct operation *operations) {
  if (argc != 5) errx(1, "expected POOL POOL_DEV DISK THIN_LENGTH");
  pool = argv[1], pool_dev = argv[2], disk = argv[3], thin_length = strtoull(argv[4], NULL, 10);
  char line[LINE], name[64];
  unsigned samples;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%63s %u", name, &samples) != 2) errx(1, "invalid line: %s", line);
    const struct operation *operation = operations;
    while (operation->name && strcmp(operation->name, name) != 0) operation++;
    if (!operation->name) errx(1, "unknown operation: %s", name);
    measure(operation, samples);
  }
}

static void device_name(char *to, unsigned index) { snprintf(to, LINE, "bench-%u", index); }
