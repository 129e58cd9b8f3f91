// SPDX-License-Identifier: Apache-2.0
// systemd's side of the service: readiness, reloads and the watchdog (sd_notify(3)). Without
// systemd each of these does nothing.
#pragma once

#include <kj/timer.h>

#include <string>

namespace swoll {

void notifyReady(const std::string& status);
void notifyStatus(const std::string& status);
void notifyReloading();
void notifyStopping();

// Pets the watchdog at half its interval for as long as the loop turns. Never ends by itself.
kj::Promise<void> petWatchdog(kj::Timer& timer);

}  // namespace swoll
