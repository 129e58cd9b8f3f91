// SPDX-License-Identifier: Apache-2.0
// A thread for what takes long to write, so that the loop reads the kernel's records meanwhile. Who
// asks bounds how much waits for it: of each page one is made at a time (paced.h).
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "http/route.h"

namespace swoll {

class HttpWorker {
 public:
  using Job = kj::Function<HttpReply()>;

  HttpWorker() : thread([this] { work(); }) {}
  ~HttpWorker();  // lets the job that runs end; others are never answered

  // One after the other. A job owns all that it uses, or shares it with other jobs alone.
  kj::Promise<HttpReply> run(Job job);

 private:
  using Answer = kj::Own<kj::CrossThreadPromiseFulfiller<kj::Own<HttpReply>>>;
  struct Waiting {
    Job job;
    Answer answer;
  };

  void work();

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Waiting> queue;
  bool stopping = false;
  std::thread thread;
};

}  // namespace swoll
