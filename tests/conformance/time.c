// SPDX-License-Identifier: Apache-2.0
// Clocks, sleeps and timers.
#include "corpus.h"

#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>

static const int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, -1, -6, 1000};

static void nothing(int sig) { (void)sig; }

static void reads(void) {
  struct timespec now;
  struct timeval tv;
  struct timezone tz;
  struct timex tx = {0};
  long seconds;
  for (size_t i = 0; i < COUNT(clocks); i++) {
    call(SYS_clock_gettime, clocks[i], &now);
    call(SYS_clock_getres, clocks[i], &now);
  }
  call(SYS_clock_gettime, CLOCK_REALTIME, WILD);
  call(SYS_clock_gettime, ~getpid() << 3 | 2, &now);  // a process's clock
  call(SYS_clock_getres, CLOCK_MONOTONIC, NULL);
  call(SYS_time, &seconds);
  call(SYS_time, NULL);
  call(SYS_time, WILD);
  call(SYS_gettimeofday, &tv, NULL);
  call(SYS_gettimeofday, &tv, &tz);
  call(SYS_gettimeofday, NULL, NULL);
  call(SYS_gettimeofday, WILD, WILD);
  struct timeval noTime = {5, 2000000};
  call(SYS_settimeofday, &noTime, NULL);
  call(SYS_settimeofday, WILD, NULL);
  struct timespec bad = {1, -1}, any = {1000000000, 5};
  call(SYS_clock_settime, CLOCK_MONOTONIC, &any);
  call(SYS_clock_settime, CLOCK_REALTIME, &bad);
  call(SYS_clock_settime, 99, WILD);
  call(SYS_adjtimex, &tx);
  call(SYS_adjtimex, NULL);
  call(SYS_clock_adjtime, CLOCK_REALTIME, &tx);
  tx.modes = ADJ_FREQUENCY | ADJ_OFFSET;
  call(SYS_clock_adjtime, CLOCK_MONOTONIC, &tx);
  tx.modes = 0x1234567;
  call(SYS_clock_adjtime, 99, &tx);
  call(SYS_clock_adjtime, CLOCK_REALTIME, WILD);
  char ticks[64];
  call(SYS_times, ticks);
  call(SYS_times, NULL);
  call(SYS_times, WILD);
}

static void sleeps(void) {
  struct timespec brief = {0, 1000000}, bad = {0, 1000000000}, minus = {-1, 0}, past = {0, 1}, left;
  call(SYS_nanosleep, &brief, &left);
  call(SYS_nanosleep, &brief, NULL);
  call(SYS_nanosleep, &bad, NULL);
  call(SYS_nanosleep, &minus, WILD);
  call(SYS_nanosleep, NULL, NULL);
  call(SYS_nanosleep, WILD, NULL);
  for (size_t i = 0; i < COUNT(clocks); i++) {
    // A processor's time does not pass in a sleep: those clocks are asked for a time that is
    // over.
    int absolute = (i & 1) || clocks[i] == CLOCK_PROCESS_CPUTIME_ID || clocks[i] < 0;
    call(SYS_clock_nanosleep, clocks[i], absolute ? TIMER_ABSTIME : 0, absolute ? &past : &brief,
         &left);
  }
  call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 5, &brief, NULL);
  call(SYS_clock_nanosleep, CLOCK_MONOTONIC, -1, WILD, WILD);
  // Cut short by a signal: the rest is told.
  struct sigaction act = {.sa_handler = nothing};
  sigaction(SIGALRM, &act, NULL);
  struct itimerval soon = {{0, 0}, {0, 50000}};
  struct timespec longer = {3, 0};
  call(SYS_setitimer, ITIMER_REAL, &soon, NULL);
  call(SYS_nanosleep, &longer, &left);
  call(SYS_setitimer, ITIMER_REAL, &soon, NULL);
  call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &longer, &left);
  alarm(9);
}

static void itimers(void) {
  struct itimerval old, later = {{5, 6}, {1000, 999999}}, bad = {{0, 0}, {-1, 1000000}},
                        off = {{0, 0}, {0, 0}};
  const int which[] = {ITIMER_VIRTUAL, ITIMER_PROF, 3, -1};
  for (size_t i = 0; i < COUNT(which); i++) {
    call(SYS_setitimer, which[i], &later, &old);
    call(SYS_getitimer, which[i], &old);
    call(SYS_setitimer, which[i], &bad, NULL);
    call(SYS_setitimer, which[i], &off, &old);
  }
  call(SYS_getitimer, ITIMER_REAL, &old);
  call(SYS_getitimer, ITIMER_REAL, WILD);
  call(SYS_setitimer, ITIMER_PROF, WILD, NULL);
  call(SYS_setitimer, ITIMER_PROF, NULL, &old);
  call(SYS_alarm, 8);
  call(SYS_alarm, 0xffffffff);
  call(SYS_alarm, 8);
}

static void timers(void) {
  struct sigevent event = {
      .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 77};
  struct itimerspec old, later = {{1, 2}, {3000, 4}}, past = {{0, 0}, {1, 1}},
                         bad = {{0, -1}, {-5, 0}};
  int id = -1;
  call(SYS_timer_create, CLOCK_MONOTONIC, &event, &id);
  call(SYS_timer_settime, id, 0, &later, &old);
  call(SYS_timer_settime, id, 0, &later, NULL);
  call(SYS_timer_gettime, id, &old);
  call(SYS_timer_getoverrun, id);
  call(SYS_timer_settime, id, 0, &bad, &old);
  call(SYS_timer_settime, id, 6, NULL, &old);
  call(SYS_timer_delete, id);
  call(SYS_timer_delete, id);
  call(SYS_timer_gettime, id, &old);
  call(SYS_timer_getoverrun, -1);
  call(SYS_timer_settime, 0x7fffffff, TIMER_ABSTIME, WILD, WILD);
  event.sigev_notify = SIGEV_NONE;
  call(SYS_timer_create, CLOCK_REALTIME, &event, &id);
  call(SYS_timer_settime, id, TIMER_ABSTIME, &past, NULL);
  call(SYS_timer_delete, id);
  event.sigev_notify = SIGEV_THREAD_ID;
  event._sigev_un._tid = getpid();
  call(SYS_timer_create, CLOCK_BOOTTIME, &event, &id);
  call(SYS_timer_delete, id);
  event.sigev_notify = 55;
  event.sigev_signo = 4711;
  call(SYS_timer_create, CLOCK_TAI, &event, &id);
  call(SYS_timer_create, CLOCK_REALTIME, NULL, &id);
  call(SYS_timer_create, CLOCK_REALTIME, NULL, WILD);
  call(SYS_timer_create, 55, WILD, NULL);
}

static void descriptors(void) {
  struct itimerspec old, soon = {{0, 500000}, {0, 1000000}}, bad = {{0, 0}, {0, -1}},
                         past = {{0, 0}, {1, 0}};
  uint64_t count;
  int fd = call(SYS_timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC);
  close(call(SYS_timerfd_create, CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  close(call(SYS_timerfd_create, CLOCK_BOOTTIME_ALARM, 0));
  call(SYS_timerfd_create, CLOCK_PROCESS_CPUTIME_ID, 0);
  call(SYS_timerfd_create, -1, -1);
  call(SYS_timerfd_settime, fd, 0, &soon, &old);
  call(SYS_read, fd, &count, 8);
  call(SYS_timerfd_gettime, fd, &old);
  call(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &past, &old);
  call(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &past, NULL);
  call(SYS_timerfd_settime, fd, 0, &bad, NULL);
  call(SYS_timerfd_settime, fd, 0xf0, &soon, NULL);
  call(SYS_timerfd_settime, BAD_FD, 0, WILD, WILD);
  call(SYS_timerfd_gettime, fd, WILD);
  call(SYS_timerfd_gettime, 0, &old);
  call(SYS_timerfd_gettime, BAD_FD, NULL);
}

int main(int argc, char** argv) {
  begin(argc, argv);
  reads();
  sleeps();
  itimers();
  timers();
  descriptors();
}
