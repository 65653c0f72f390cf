// Measures processes from their start to their end. It reads lines of words that are separated by tabs: the number of
// samples, then one command or several, with ";" between them. "%" in a word is the number of the sample. The output of
// the commands goes to /dev/null.

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS 64

extern char **environ;
static posix_spawn_file_actions_t quiet;

static unsigned long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000ull + at.tv_nsec;
}

// The word with the number of the sample in the place of "%"; never freed within a line.
static char *numbered(char *word, unsigned sample) {
  char *at = strchr(word, '%'), *made;
  if (!at) return word;
  if (asprintf(&made, "%.*s%u%s", (int)(at - word), word, sample, at + 1) < 0) err(1, "asprintf");
  return made;
}

static void run(char **command) {
  pid_t child;
  int status;
  if (posix_spawnp(&child, command[0], &quiet, NULL, command, environ) != 0) errx(1, "cannot start %s", command[0]);
  if (waitpid(child, &status, 0) < 0) err(1, "waitpid");
  if (status != 0) errx(1, "%s %s: status %d", command[0], command[1], status);
}

static void run_all(char **words, unsigned count, unsigned sample) {
  char *command[WORDS];
  unsigned length = 0;
  for (unsigned i = 0; i < count; i++) {
    if (strcmp(words[i], ";") != 0) {
      command[length++] = numbered(words[i], sample);
      if (i + 1 < count) continue;
    }
    command[length] = NULL;
    run(command);
    length = 0;
  }
}

int main(void) {
  char *line = NULL;
  size_t capacity = 0;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  while (getline(&line, &capacity, stdin) > 0) {
    char *words[WORDS];
    unsigned count = 0;
    for (char *word = strtok(line, "\t\n"); word && count < WORDS - 1; word = strtok(NULL, "\t\n")) words[count++] = word;
    if (count < 2) errx(1, "invalid line");
    unsigned samples = atoi(words[0]);
    unsigned long long *taken = calloc(samples, sizeof *taken);
    if (!taken) err(1, "calloc");
    access("/bench/begin", F_OK);
    for (unsigned sample = 0; sample < samples; sample++) {
      unsigned long long begun = now();
      run_all(words + 1, count - 1, sample);
      taken[sample] = now() - begun;
    }
    access("/bench/end", F_OK);
    for (unsigned sample = 0; sample < samples; sample++) printf("%llu ", taken[sample]);
    printf("\n");
    fflush(stdout);
    free(taken);
  }
}
