// SPDX-License-Identifier: Apache-2.0
#include "service/notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

namespace swoll {
namespace {

kj::Promise<void> petEvery(kj::Timer& timer, kj::Duration interval) {
  sd_notify(0, "WATCHDOG=1");
  return timer.afterDelay(interval).then([&timer, interval] { return petEvery(timer, interval); });
}

}  // namespace

void notifyReady(const std::string& status) { sd_notifyf(0, "READY=1\nSTATUS=%s", status.c_str()); }

void notifyStatus(const std::string& status) { sd_notifyf(0, "STATUS=%s", status.c_str()); }

void notifyReloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
             static_cast<unsigned long long>(now.tv_sec) * 1000000 + now.tv_nsec / 1000);
}

void notifyStopping() { sd_notify(0, "STOPPING=1"); }

kj::Promise<void> petWatchdog(kj::Timer& timer) {
  uint64_t interval = 0;  // us
  if (sd_watchdog_enabled(0, &interval) <= 0) return kj::NEVER_DONE;
  return petEvery(timer, interval / 2 * kj::MICROSECONDS);
}

}  // namespace swoll
