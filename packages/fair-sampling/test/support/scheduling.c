/*
 * `scheduling <thread>...` prints policy, nice value and slice (nanoseconds) of each thread, or
 * errno.
 * `scheduling idle <thread>` gives the thread the idle policy.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **arguments) {
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t slice, deadline, period;
  } it;
  if (count == 3 && strcmp(arguments[1], "idle") == 0) {
    struct sched_param none = {0};
    return sched_setscheduler(atoi(arguments[2]), SCHED_IDLE, &none) == 0 ? 0 : 1;
  }
  for (int i = 1; i < count; i++) {
    if (syscall(SYS_sched_getattr, atol(arguments[i]), (long)&it, (long)sizeof it, 0L) != 0) {
      printf("{\"errno\":%d}\n", errno);
    } else {
      printf("{\"policy\":%u,\"nice\":%d,\"slice\":%llu}\n", it.policy, it.nice,
             (unsigned long long)it.slice);
    }
  }
  return 0;
}
