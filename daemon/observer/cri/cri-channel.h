// SPDX-License-Identifier: Apache-2.0
// The way to one container runtime: its socket, and what gRPC says of it in plainer words.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace swoll {

constexpr std::chrono::seconds kCriCallTime{2};

std::shared_ptr<grpc::Channel> dial(const std::string& socketPath);
// Before the first call with a callback. When the last channel of such a call goes, gRPC 1.51 ends
// the queue that they share, and frees it twice at times: so one of them never goes.
void keepForEver(const std::shared_ptr<grpc::Channel>& channel);

// Why nobody can answer there; empty when somebody listens.
std::string knock(const std::string& socketPath);

// Empty when the call went well.
std::string describe(const grpc::Status& status);

// A runtime's word, made fit for one line of a status.
std::string tidy(std::string_view text);

// Ends the call that is under way, from another thread, and every later one at once.
// Outlives the clients that use it.
class CallGate {
 public:
  void shut();  // any thread

  // Makes one call breakable as long as this lives.
  class Pass {
   public:
    Pass(CallGate& gate, grpc::ClientContext& context);
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    CallGate& gate_;
  };

 private:
  std::mutex mutex_;
  grpc::ClientContext* underWay_ = nullptr;
  bool shut_ = false;
};

}  // namespace swoll
