// SPDX-License-Identifier: Apache-2.0
// What the HTTP server serves: a table of paths, each with who answers. Values.
#pragma once

#include <kj/async.h>

#include <functional>
#include <string>
#include <string_view>

namespace swoll {

struct HttpReply {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::string encoding = {};  // Content-Encoding, "gzip"; empty: none
};

// GET and HEAD of one path. `answer` is given the query without its '?', as it was sent, for the
// time of the call.
struct HttpRoute {
  std::string path;
  std::function<kj::Promise<HttpReply>(std::string_view query)> answer;
};

}  // namespace swoll
