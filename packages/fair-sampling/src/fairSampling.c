/*
 * Makes the system calls of fair sampling. fairSampling.ts decides when to make them.
 *
 * One binary per architecture is enough: Node-API is the same in every version of Node.js. The
 * binary uses only `syscall` and `errno` of the C library, which glibc and musl both have.
 * compile.mjs defines SOURCE_SHA256, the hash of this file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <node_api.h>
#include <signal.h>
#include <stdint.h>

#ifdef __linux__
#include <linux/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* Copied from uv.h, which the package node-api-headers does not contain. */
#define UV_LOOP_BLOCK_SIGNAL 0
extern int uv_loop_configure(struct uv_loop_s *loop, int option, ...);

#define APPLIED 1
#define IGNORED 0

#ifdef __linux__

#define POLICY_OTHER 0
#define POLICY_BATCH 3
#define SHORTEST_SLICE_NANOS 100000

/* First version of the kernel's `struct sched_attr`. C libraries began to declare it late. */
struct scheduling {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime; /* The slice in nanoseconds under a fair policy, since Linux 6.12. */
  uint64_t deadline;
  uint64_t period;
};

/* Passes all arguments of `syscall` as longs, because musl reads longs. */
static long read_scheduling(int32_t thread, struct scheduling *scheduling) {
  return syscall(SYS_sched_getattr, (long)thread, (long)scheduling, (long)sizeof *scheduling, 0L);
}

/*
 * Sets the slice and nothing else. `sched_setattr` also writes the policy, the nice value and the
 * flags, so the call passes the current ones of the thread. A policy that is not fair has no slice.
 * Kernels before 6.12 accept a slice and drop it; reading it back shows whether the kernel uses it.
 */
static int32_t shorten_slice(int32_t thread) {
  struct scheduling scheduling;
  if (read_scheduling(thread, &scheduling) != 0) return -errno;
  if (scheduling.policy != POLICY_OTHER && scheduling.policy != POLICY_BATCH) return IGNORED;
  scheduling.size = sizeof scheduling;
  scheduling.runtime = SHORTEST_SLICE_NANOS;
  if (syscall(SYS_sched_setattr, (long)thread, (long)&scheduling, 0L) != 0) return -errno;
  if (read_scheduling(thread, &scheduling) != 0) return -errno;
  return scheduling.runtime == SHORTEST_SLICE_NANOS ? APPLIED : IGNORED;
}

/*
 * Sets the timer slack of the calling thread. Returns the previous slack in nanoseconds, or -errno.
 */
static int64_t replace_timer_slack(int64_t nanoseconds) {
  long before = syscall(SYS_prctl, PR_GET_TIMERSLACK, 0L, 0L, 0L, 0L);
  if (before < 0) return -errno;
  if (syscall(SYS_prctl, PR_SET_TIMERSLACK, (long)nanoseconds, 0L, 0L, 0L) != 0) return -errno;
  return before;
}

#else

static int32_t shorten_slice(int32_t thread) {
  (void)thread;
  return IGNORED;
}

static int64_t replace_timer_slack(int64_t nanoseconds) {
  (void)nanoseconds;
  return 0;
}

#endif

/* maskPolling(): returns 0, or libuv's error number. */
static napi_value mask_polling(napi_env env, napi_callback_info info) {
  struct uv_loop_s *loop = NULL;
  napi_value result = NULL;
  (void)info;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    napi_throw_error(env, NULL, "this thread has no event loop");
    return NULL;
  }
  napi_create_int32(env, uv_loop_configure(loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF), &result);
  return result;
}

/* Reads the only argument of a call as a number. Throws and returns 0 if it is not a number. */
static int number_argument(napi_env env, napi_callback_info info, int64_t *number) {
  size_t count = 1;
  napi_value argument = NULL;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == napi_ok &&
      napi_get_value_int64(env, argument, number) == napi_ok) {
    return 1;
  }
  napi_throw_type_error(env, NULL, "the argument must be a number");
  return 0;
}

/* shortenSlice(threadId): returns 1 if the slice is applied, 0 if it is ignored, or -errno. */
static napi_value shorten_slice_of(napi_env env, napi_callback_info info) {
  int64_t thread = 0;
  napi_value result = NULL;
  if (!number_argument(env, info, &thread)) return NULL;
  napi_create_int32(env, shorten_slice((int32_t)thread), &result);
  return result;
}

/* replaceTimerSlack(nanoseconds): returns the previous slack, or -errno. */
static napi_value replace_timer_slack_by(napi_env env, napi_callback_info info) {
  int64_t nanoseconds = 0;
  napi_value result = NULL;
  if (!number_argument(env, info, &nanoseconds)) return NULL;
  napi_create_int64(env, replace_timer_slack(nanoseconds), &result);
  return result;
}

static void define(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function = NULL;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  napi_value source = NULL;
  napi_create_string_utf8(env, SOURCE_SHA256, NAPI_AUTO_LENGTH, &source);
  napi_set_named_property(env, exports, "source", source);
  define(env, exports, "maskPolling", mask_polling);
  define(env, exports, "shortenSlice", shorten_slice_of);
  define(env, exports, "replaceTimerSlack", replace_timer_slack_by);
  return exports;
}
