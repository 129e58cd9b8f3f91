// SPDX-License-Identifier: Apache-2.0
#include "http/paced.h"

#include <utility>

namespace swoll {
namespace {

constexpr auto noTime = std::chrono::milliseconds(20);
constexpr int restInCosts = 4;

struct Last {
  std::string query;
  HttpReply reply;
  HttpTime until{};
};

}  // namespace

HttpRoute paced(HttpRoute route, std::function<HttpTime()> now) {
  auto answer = [make = std::move(route.answer), now = std::move(now),
                 last = Last()](std::string_view query) mutable {
    HttpTime begin = now();
    if (begin < last.until && query == last.query) return last.reply;
    HttpReply reply = make(query);
    HttpTime end = now();
    last = {};
    if (end - begin >= noTime)
      last = {std::string(query), reply, end + (end - begin) * restInCosts};
    return reply;
  };
  return {std::move(route.path), std::move(answer)};
}

}  // namespace swoll
