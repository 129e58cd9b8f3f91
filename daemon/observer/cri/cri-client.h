// SPDX-License-Identifier: Apache-2.0
// Asks one container runtime for its containers, by the Kubernetes CRI v1 over a Unix socket.
//
// Nothing that a runtime answers is believed without a look at /proc: a container whose process
// isn't there, or isn't in that container, is left out and counted. One whose process the runtime
// doesn't tell (cri-dockerd) has names and no place, until /proc shows its cgroup.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "containers/container.h"
#include "cri.grpc.pb.h"
#include "observer/cri/cri-channel.h"
#include "observer/cri/cri-events.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

struct CriVersion {
  std::string error;    // empty, or why there is no answer
  std::string runtime;  // "containerd 1.6.20"
};

struct CriListing {
  std::string error;                  // empty, or why there is nothing else
  std::vector<Container> containers;  // running ones
  std::set<std::string> sandboxes;    // ids of the pods' own (pause) containers
  size_t skipped = 0;                 // containers left out: not credible, or not answered for
  std::string skipReason;             // of the first of those
  bool isComplete = true;             // false: there are new ones that the next listing learns of
};

// A resource: one channel, and the event stream where the runtime has one. Calls block for 2 s at
// most. One thread.
class CriClient {
 public:
  // `onEvent` runs on a gRPC thread when something happened to a container or the event stream
  // broke, and must not block. `proc` and `gate` outlive this.
  CriClient(std::string socketPath, const ProcFs& proc, CallGate& gate,
            std::function<void()> onEvent);
  ~CriClient();

  CriVersion version();
  // On a node where nothing changed this costs two calls. A container that has ended stays listed
  // until the runtime notices.
  CriListing list();
  // Whether `onEvent` can be relied on; else list by the clock.
  bool hasEvents() const;

 private:
  using Clock = std::chrono::steady_clock;

  // What is known of a listed container. Neither its status nor its process's place in /proc
  // changes as long as that process lives, so both are asked for once.
  struct Known {
    Container container;
    std::string problem;        // not empty: it is left out, and asked for again after `retryAt`
    Clock::time_point retryAt;  // meaningful with a problem
  };

  grpc::Status call(const std::function<grpc::Status(grpc::ClientContext*)>& make);
  void add(const runtime::v1::Container& listed, const runtime::v1::PodSandbox* pod,
           CriListing& listing);
  Known learn(const runtime::v1::Container& listed, const runtime::v1::PodSandbox& pod);
  std::string locate(Container& container) const;
  void keepEvents();

  const std::string socketPath_;
  const ProcFs& proc_;
  CallGate& gate_;
  const std::function<void()> onEvent_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<runtime::v1::RuntimeService::Stub> stub_;
  std::map<std::string, Known> known_;  // by container id; those of the last listing
  Clock::time_point learnUntil_;        // a slow runtime must not hold up the thread for long
  Clock::time_point eventsRetryAt_;
  std::unique_ptr<CriEvents> events_;  // uses stub_
};

}  // namespace swoll
