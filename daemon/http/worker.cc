// SPDX-License-Identifier: Apache-2.0
#include "http/worker.h"

#include <utility>

namespace swoll {

HttpWorker::~HttpWorker() {
  {
    std::lock_guard lock(mutex);
    stopping = true;
  }
  wake.notify_one();
  thread.join();
}

kj::Promise<HttpReply> HttpWorker::run(Job job) {
  auto paf = kj::newPromiseAndCrossThreadFulfiller<kj::Own<HttpReply>>();
  {
    std::lock_guard lock(mutex);
    queue.push_back({kj::mv(job), kj::mv(paf.fulfiller)});
  }
  wake.notify_one();
  return paf.promise.then([](kj::Own<HttpReply> reply) { return kj::mv(*reply); });
}

void HttpWorker::work() {
  for (;;) {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return stopping || !queue.empty(); });
    if (stopping) return;
    Waiting next = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    next.answer->rejectIfThrows([&] { next.answer->fulfill(kj::heap<HttpReply>(next.job())); });
  }
}

}  // namespace swoll
