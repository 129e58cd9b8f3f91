// SPDX-License-Identifier: Apache-2.0
// From a request to a route's answer, and what every reply says besides. Resources of the server.
#pragma once

#include <kj/compat/http.h>

#include <vector>

#include "base/listen-address.h"
#include "http/guarded-stream.h"
#include "http/route.h"

namespace swoll {

// What all connections share.
struct HttpSite {
  std::vector<HttpRoute> routes;
  HostGuard guard = {};
  size_t mostBytes = 128 << 20;  // of bodies that are being written, all clients' together
  size_t bytes = 0;
  uint64_t refused = 0;  // requests that found no room for their reply
};

// The names of our headers.
class HttpNames {
 public:
  HttpNames();
  kj::HttpHeaders headers() const;  // those that every reply has

  kj::Own<kj::HttpHeaderTable> table;
  kj::HttpHeaderId options, caching, policy, encoding, allow;

 private:
  explicit HttpNames(kj::HttpHeaderTable::Builder builder);
};

class HttpPages final : public kj::HttpService {
 public:
  HttpPages(HttpSite& site, const HttpNames& names, GuardedStream& stream)
      : site(site), names(names), stream(stream) {}

  kj::Promise<void> request(kj::HttpMethod method, kj::StringPtr url,
                            const kj::HttpHeaders& headers, kj::AsyncInputStream& body,
                            Response& response) override;

 private:
  kj::Promise<HttpReply> answer(kj::HttpMethod method, std::string_view url,
                                const kj::HttpHeaders& headers, bool hasBody) const;
  kj::Promise<void> send(HttpReply reply, bool isHead, Response& response);

  HttpSite& site;
  const HttpNames& names;
  GuardedStream& stream;
};

// What is said of requests that do not come so far.
class HttpErrors final : public kj::HttpServerErrorHandler {
 public:
  explicit HttpErrors(const HttpNames& names) : names(names) {}

  kj::Promise<void> handleClientProtocolError(kj::HttpHeaders::ProtocolError error,
                                              kj::HttpService::Response& response) override;
  kj::Promise<void> handleApplicationError(kj::Exception exception,
                                           kj::Maybe<kj::HttpService::Response&> response) override;

 private:
  const HttpNames& names;
};

}  // namespace swoll
