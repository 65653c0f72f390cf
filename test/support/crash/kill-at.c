// Runs a program and counts the system calls by which it and its children change anything, over all threads, from the first
// flock(2) on: a storage locks its directory before it changes it. Kills everything at the entry of one call, which is then
// not executed, or at its exit.
//
//   kill-at list PROGRAM ARGUMENT...
//   kill-at entry|exit NUMBER PROGRAM ARGUMENT...
//
// Prints to descriptor 3: "NUMBER CALL ARGUMENTS" for each counted call, or only for the one at which it killed; "- TEXT"
// for each line that the program wrote to its standard output; and last "end exited STATUS", "end signal NUMBER" or
// "end killed", when every process has gone.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/dm-ioctl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// A call of x86-64, and its arguments: f a descriptor, p a path, i the number of an ioctl, - anything else.
struct call {
  long number;
  const char *name, *arguments;
};

#define CALL(name, arguments) { SYS_##name, #name, arguments }
static const struct call CALLS[] = {
  CALL(ioctl, "fi"),
  CALL(write, "f"), CALL(pwrite64, "f"), CALL(writev, "f"), CALL(pwritev, "f"),
  CALL(fsync, "f"), CALL(fdatasync, "f"), CALL(ftruncate, "f"), CALL(fallocate, "f"),
  CALL(renameat, "-p-p"), CALL(renameat2, "-p-p"), CALL(unlinkat, "-p"),
  CALL(mkdirat, "-p"), CALL(linkat, "-p-p"), CALL(symlinkat, "p-p"),
  CALL(rename, "pp"), CALL(unlink, "p"), CALL(rmdir, "p"),
  CALL(mkdir, "p"), CALL(link, "pp"), CALL(symlink, "pp"), CALL(chmod, "p"),
  CALL(fchmod, "f"), CALL(fchmodat, "-p"),
  CALL(mount, "pp"), CALL(umount2, "p"),
  CALL(execve, "p"), CALL(exit_group, ""),
  CALL(flock, "f"),
  CALL(openat, "-p"), // last: its flags decide
};
enum { CALL_COUNT = sizeof CALLS / sizeof CALLS[0] };

// An open without these flags changes nothing.
#define OPEN_CHANGES (O_CREAT | O_TRUNC)

static FILE *report;

static void die(const char *what)
{
  fprintf(stderr, "kill-at: cannot %s: %s\n", what, strerror(errno));
  exit(125);
}

// Make the kernel stop this process and its children at the calls.
static void install_filter(void)
{
  struct sock_filter code[CALL_COUNT + 5];
  unsigned at = 0;
  code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (unsigned i = 0; i < CALL_COUNT - 1; i++, at++)
    code[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALLS[i].number, CALL_COUNT + 2 - i, 0);
  code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 2);
  code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]));
  code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, OPEN_CHANGES, 1, 0);
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  struct sock_fprog program = { .len = at, .filter = code };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("give up new privileges");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) die("install the filter");
}

// The process gets its own group, so that everything can be killed at once.
static pid_t start(char **words)
{
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) die("make a pipe");
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    char byte;
    setpgid(0, 0);
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 0) die("wait for the tracer");
    install_filter();
    execvp(words[0], words);
    die(words[0]);
  }
  setpgid(child, child);
  long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, child, 0L, options) != 0) die("trace the program");
  close(ready[0]);
  close(ready[1]);
  return child;
}

static size_t read_memory(pid_t tid, unsigned long address, void *to, size_t size)
{
  struct iovec local = { to, size }, remote = { (void *)address, size };
  ssize_t got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
  return got < 0 ? 0 : got;
}

// Text up to NUL, in steps that do not cross a page: the next one may not exist.
static void read_text(pid_t tid, unsigned long address, char *text, size_t size)
{
  size_t length = 0;
  while (length < size - 1) {
    size_t step = 4096 - (address + length) % 4096;
    if (step > size - 1 - length) step = size - 1 - length;
    size_t got = read_memory(tid, address + length, text + length, step);
    if (got == 0 || memchr(text + length, 0, got)) {
      text[length + got] = 0;
      return;
    }
    length += got;
  }
  text[length] = 0;
}

static void read_descriptor(pid_t tid, int fd, char *text, size_t size)
{
  char link[64];
  snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, fd);
  ssize_t length = readlink(link, text, size - 1);
  text[length < 0 ? 0 : length] = 0;
}

// Whether a descriptor is a file or a device: not a pipe, an event or a socket.
static int is_file(const char *descriptor)
{
  return descriptor[0] == '/' && strcmp(descriptor, "/dev/null") != 0;
}

static void print_mapper_call(pid_t tid, unsigned long address)
{
  struct dm_ioctl header;
  if (read_memory(tid, address, &header, offsetof(struct dm_ioctl, data)) == 0) return;
  header.name[DM_NAME_LEN - 1] = 0;
  fprintf(report, " %s", header.name[0] ? header.name : "-");
  // The message follows the sector that it is for.
  char message[128];
  read_text(tid, address + header.data_start + sizeof(struct dm_target_msg), message, sizeof message);
  fprintf(report, " '%s'", message);
}

static void print_call(pid_t tid, const struct call *call, const unsigned long *args, unsigned long number)
{
  char text[512];
  fprintf(report, "%lu %s", number, call->name);
  for (unsigned i = 0; call->arguments[i]; i++) {
    unsigned long value = args[i];
    switch (call->arguments[i]) {
    case 'f':
      read_descriptor(tid, value, text, sizeof text);
      fprintf(report, " %s", text);
      break;
    case 'p':
      read_text(tid, value, text, sizeof text);
      fprintf(report, " %s", text);
      break;
    case 'i':
      fprintf(report, " 0x%lx", value & 0xffffffff);
      if ((value & 0xffffffff) == DM_TARGET_MSG) print_mapper_call(tid, args[2]);
    }
  }
  fputc('\n', report);
}

// The program's own output says how far it got.
static void print_output(pid_t tid, const unsigned long *args)
{
  char text[512];
  size_t size = args[2] < sizeof text ? args[2] : sizeof text - 1;
  text[read_memory(tid, args[1], text, size)] = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) fprintf(report, "- %s\n", line);
}

static const struct call *find_call(unsigned long number)
{
  for (unsigned i = 0; i < CALL_COUNT; i++)
    if ((unsigned long)CALLS[i].number == number) return &CALLS[i];
  return NULL;
}

// Whether a call can change anything outside of the process.
static int is_counted(pid_t tid, const struct call *call, const unsigned long *args)
{
  char descriptor[512];
  if (call->arguments[0] != 'f') return 1;
  if (call->number == SYS_ioctl && _IOC_TYPE(args[1]) == 'T') return 0; // of terminals and of every descriptor
  read_descriptor(tid, args[0], descriptor, sizeof descriptor);
  return is_file(descriptor);
}

int main(int argc, char **argv)
{
  int list = argc > 2 && strcmp(argv[1], "list") == 0;
  int at_exit = argc > 3 && strcmp(argv[1], "exit") == 0;
  if (!list && !at_exit && (argc < 4 || strcmp(argv[1], "entry") != 0)) {
    fprintf(stderr, "usage: kill-at list PROGRAM ARGUMENT... | kill-at entry|exit NUMBER PROGRAM ARGUMENT...\n");
    return 125;
  }
  unsigned long wanted = list ? 0 : strtoul(argv[2], NULL, 10), count = 0;
  report = fdopen(3, "w");
  if (!report) die("write to descriptor 3");
  fcntl(3, F_SETFD, FD_CLOEXEC);

  pid_t program = start(argv + (list ? 2 : 3)), leaving = 0, tid;
  int started = 0, killed = 0, status, end = 0;
  while ((tid = waitpid(-1, &status, __WALL)) > 0) {
    if (!WIFSTOPPED(status)) {
      if (tid == program) end = status;
      continue;
    }
    int event = status >> 16, signal = 0, kill_now = 0;
    if (killed) {
      // It only dies now.
    } else if (event == PTRACE_EVENT_SECCOMP) {
      // User-mode Linux lacks PTRACE_GET_SYSCALL_INFO.
      struct user_regs_struct regs;
      if (ptrace(PTRACE_GETREGS, tid, 0L, &regs) != 0) die("read a call");
      const unsigned long args[] = { regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9 };
      const struct call *call = find_call(regs.orig_rax);
      if (!call) {
        // A filter of the program's own.
      } else if (call->number == SYS_flock) started = 1;
      else if (tid == program && call->number == SYS_write && args[0] == STDOUT_FILENO) print_output(tid, args);
      else if (started && is_counted(tid, call, args)) {
        count++;
        if (list || count == wanted) print_call(tid, call, args, count);
        if (!list && count == wanted) {
          if (at_exit) leaving = tid;
          else kill_now = 1;
        }
      }
    } else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      kill_now = tid == leaving;
    } else if (event == 0) {
      signal = WSTOPSIG(status);
    }
    if (kill_now) {
      killed = 1;
      kill(-program, SIGKILL);
    }
    ptrace(tid == leaving ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0L, (long)signal);
  }
  if (killed) fprintf(report, "end killed\n");
  else if (WIFEXITED(end)) fprintf(report, "end exited %d\n", WEXITSTATUS(end));
  else fprintf(report, "end signal %d\n", WTERMSIG(end));
  return fclose(report) == 0 ? 0 : 125;
}
