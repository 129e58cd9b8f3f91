// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-events.h"

namespace swoll {
namespace {

constexpr std::chrono::seconds kSettle{2};  // a runtime without events says so sooner than this

}  // namespace

CriEvents::CriEvents(runtime::v1::RuntimeService::Stub& stub, const std::function<void()>& onEvent)
    : onEvent_(onEvent) {
  stub.async()->GetContainerEvents(&context_, &request_, this);
  StartRead(&event_);
  StartCall();
}

CriEvents::~CriEvents() {
  context_.TryCancel();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return end_.has_value(); });
}

CriEvents::State CriEvents::state() const {
  const std::lock_guard lock(mutex_);
  if (end_) return *end_ == grpc::StatusCode::UNIMPLEMENTED ? State::notOffered : State::broken;
  return seenEvent_ || Clock::now() > opened_ + kSettle ? State::open : State::starting;
}

void CriEvents::OnReadDone(bool ok) {
  if (!ok) return;
  seenEvent_ = true;
  onEvent_();
  StartRead(&event_);
}

void CriEvents::OnDone(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) onEvent_();
  const std::lock_guard lock(mutex_);  // the destructor goes on once this is released
  end_ = status.error_code();
  ended_.notify_all();
}

}  // namespace swoll
