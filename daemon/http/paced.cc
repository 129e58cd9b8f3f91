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

  kj::Promise<HttpReply> answer() {
    HttpTime begin = now();
    if (!isMaking && begin >= until) make(begin);
    return page.addBranch();
  }

 private:
  void make(HttpTime begin) {
    isMaking = true;
    page = kj::evalNow([this] { return route.answer(""); })
               .then(
                   [this, begin](HttpReply reply) {
                     made(begin);
                     return reply;
                   },
                   [this](kj::Exception&& failure) -> HttpReply {
                     isMaking = false;
                     kj::throwFatalException(kj::mv(failure));
                   })
               .fork();
  }
  void made(HttpTime begin) {
    isMaking = false;
    until = now();
    if (until - begin >= noTime) until += (until - begin) * restInCosts;
  }

  HttpRoute route;
  std::function<HttpTime()> now;
  bool isMaking = false;
  HttpTime until{};                             // the page is served as it is
  kj::ForkedPromise<HttpReply> page = nullptr;  // what is being made, or was made last
};

}  // namespace

HttpRoute paced(HttpRoute route, std::function<HttpTime()> now) {
  std::string path = route.path;
  auto page = std::make_shared<PacedPage>(std::move(route), std::move(now));
  return {std::move(path), [page](std::string_view) { return page->answer(); }};
}

}  // namespace swoll
