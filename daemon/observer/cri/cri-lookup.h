// SPDX-License-Identifier: Apache-2.0
// Asks one container runtime about single containers, as soon as their cgroups are there. Nothing
// here waits, so that a runtime which hangs delays nobody.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "containers/container.h"
#include "cri.grpc.pb.h"

namespace swoll {

// A runtime's word on an id. A value.
struct CriAnswer {
  enum class Kind { container, sandbox, unknown };  // unknown: it does not know it, or did not say
  std::string id;
  Kind kind = Kind::unknown;
  Container container;  // its names, not its place on this host
};

// A resource: a channel, and what is under way on it.
class CriLookup {
 public:
  // `onAnswer` runs on a gRPC thread, once for each question, and must not block. Where memory
  // fails it may not come, so ask again in time.
  CriLookup(const std::string& socketPath, std::function<void(CriAnswer)> onAnswer);
  ~CriLookup();  // ends what is under way

  // Any thread. False: too much is under way, ask again later.
  bool ask(const std::string& id);

 private:
  struct Question;
  void askContainer(const std::shared_ptr<Question>& question);
  void askSandbox(const std::shared_ptr<Question>& question, const std::string& sandbox);
  void finish(const std::shared_ptr<Question>& question, CriAnswer::Kind kind);
  void answer(const Question& question, CriAnswer::Kind kind);
  void end(const std::shared_ptr<Question>& question);

  const std::function<void(CriAnswer)> onAnswer_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<runtime::v1::RuntimeService::Stub> stub_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<std::shared_ptr<Question>> underWay_;
  bool stopping_ = false;
};

}  // namespace swoll
