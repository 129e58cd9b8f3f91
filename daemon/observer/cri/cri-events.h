// SPDX-License-Identifier: Apache-2.0
// The stream of a runtime's events. Only that something happened counts: what it was, the next
// listing tells.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "cri.grpc.pb.h"

namespace swoll {

// A resource: the stream ends with it.
class CriEvents : grpc::ClientReadReactor<runtime::v1::ContainerEventResponse> {
 public:
  // `onEvent` runs on a gRPC thread, also when the stream broke. It and the stub outlive this.
  CriEvents(runtime::v1::RuntimeService::Stub& stub, const std::function<void()>& onEvent);
  ~CriEvents() override;

  enum class State { starting, open, broken, notOffered };
  State state() const;

 private:
  using Clock = std::chrono::steady_clock;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const std::function<void()>& onEvent_;
  const Clock::time_point opened_ = Clock::now();
  grpc::ClientContext context_;
  const runtime::v1::GetEventsRequest request_;
  runtime::v1::ContainerEventResponse event_;
  std::atomic<bool> seenEvent_ = false;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<grpc::StatusCode> end_;
};

}  // namespace swoll
