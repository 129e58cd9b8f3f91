// SPDX-License-Identifier: Apache-2.0
#include "http/paced.h"

#include <kj/exception.h>

#include <memory>
#include <utility>

namespace swoll {
namespace {

constexpr auto noTime = std::chrono::milliseconds(20);
constexpr int restInCosts = 4;

class PacedPage {
 public:
  PacedPage(HttpRoute route, std::function<HttpTime()> now)
      : route(std::move(route)), now(std::move(now)) {}

  kj::Promise<HttpReply> answer(std::string_view query) {
    HttpTime begin = now();
    bool isSame = query == lastQuery;
    if (isSame && isMaking) return making.addBranch();
    if (isSame && begin < until) return last;
    // Another query: whoever waits for the one before has a branch of its own.
    lastQuery = query;
    isMaking = true;
    size_t turn = ++turns;
    last = {};
    making = route.answer(query)
                 .then(
                     [this, begin, turn](HttpReply reply) {
                       made(turn, begin, reply);
                       return reply;
                     },
                     [this, turn](kj::Exception&& failure) -> HttpReply {
                       if (turn == turns) isMaking = false;
                       kj::throwFatalException(kj::mv(failure));
                     })
                 .fork();
    return making.addBranch();
  }

 private:
  void made(size_t turn, HttpTime begin, const HttpReply& reply) {
    if (turn != turns) return;
    HttpTime end = now();
    isMaking = false;
    until = end;
    if (end - begin < noTime) return;
    last = reply;
    until += (end - begin) * restInCosts;
  }

  HttpRoute route;
  std::function<HttpTime()> now;
  std::string lastQuery;
  bool isMaking = false;
  size_t turns = 0;
  HttpReply last;
  HttpTime until{};
  kj::ForkedPromise<HttpReply> making = nullptr;
};

}  // namespace

HttpRoute paced(HttpRoute route, std::function<HttpTime()> now) {
  std::string path = route.path;
  auto page = std::make_shared<PacedPage>(std::move(route), std::move(now));
  return {std::move(path), [page](std::string_view query) { return page->answer(query); }};
}

}  // namespace swoll
