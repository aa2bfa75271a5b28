/*
 * `refuse slice|slack <program> <argument>...` runs a program for which the kernel refuses a call.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS_SKIP(value, lines) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, lines)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

int main(int count, char **arguments) {
  struct sock_filter slice[] = {
      LOAD(nr),
      UNLESS_SKIP(SYS_sched_setattr, 1),
      RETURN(SECCOMP_RET_ERRNO | EPERM),
      RETURN(SECCOMP_RET_ALLOW),
  };
  struct sock_filter slack[] = {
      LOAD(nr),
      UNLESS_SKIP(SYS_prctl, 3),
      LOAD(args[0]),
      UNLESS_SKIP(PR_SET_TIMERSLACK, 1),
      RETURN(SECCOMP_RET_ERRNO | EPERM),
      RETURN(SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof slice / sizeof *slice, slice};
  if (count < 3) return 2;
  if (strcmp(arguments[1], "slack") == 0) {
    filter.len = sizeof slack / sizeof *slack;
    filter.filter = slack;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 3;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) return 4;
  execvp(arguments[2], arguments + 2);
  return 5;
}
