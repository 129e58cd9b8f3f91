// SPDX-License-Identifier: Apache-2.0
#include "observer/observer.h"

#include <utility>

#include "observer/observer-loop.h"

namespace swoll {

Observer::Observer(ObserverConfig config, std::function<void()> notify)
    : loop_(std::make_unique<Loop>(std::move(config), std::move(notify))) {}

Observer::~Observer() = default;

Snapshot Observer::latest() const { return loop_->mailbox().latest(); }

void Observer::refresh() { loop_->mailbox().refresh(); }

bool Observer::resolve(NewCgroup cgroup) { return loop_->mailbox().ask(std::move(cgroup)); }

Snapshot Observer::take() { return loop_->mailbox().take(); }

}  // namespace swoll
