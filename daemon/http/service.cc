// SPDX-License-Identifier: Apache-2.0
#include "http/service.h"

#include <algorithm>

#include "base/log.h"

namespace swoll {
namespace {

// Of so small a reply, all connections together have no more than a few MiB.
constexpr size_t alwaysTaken = 64 << 10;
constexpr auto plain = "text/plain; charset=utf-8";
// Pages run what this server serves, and nothing else, whatever text has got into them.
constexpr auto contentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const struct {
  unsigned status;
  const char* text;
} statusRows[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

const char* statusText(unsigned status) {
  for (const auto& row : statusRows)
    if (row.status == status) return row.text;
  return "Error";
}

HttpReply problem(unsigned status, const std::string& why) {
  return {.status = status, .type = plain, .body = why + "\n"};
}

bool saysClose(const kj::HttpHeaders& headers) {
  KJ_IF_MAYBE (value, headers.get(kj::HttpHeaderId::CONNECTION)) {
    std::string text(value->cStr());
    for (char& c : text) c = char(tolower(c));
    return text.find("close") != text.npos;
  }
  return false;
}

}  // namespace

HttpNames::HttpNames() : HttpNames(kj::HttpHeaderTable::Builder()) {}

HttpNames::HttpNames(kj::HttpHeaderTable::Builder builder)
    : options(builder.add("X-Content-Type-Options")),
      caching(builder.add("Cache-Control")),
      policy(builder.add("Content-Security-Policy")),
      encoding(builder.add("Content-Encoding")),
      allow(builder.add("Allow")) {
  table = builder.build();
}

kj::HttpHeaders HttpNames::headers() const {
  kj::HttpHeaders out(*table);
  out.set(options, "nosniff");
  out.set(caching, "no-store");
  out.set(policy, contentPolicy);
  return out;
}

kj::Promise<HttpReply> HttpPages::answer(kj::HttpMethod method, std::string_view url,
                                         const kj::HttpHeaders& headers, bool hasBody) const {
  std::string_view host;
  KJ_IF_MAYBE (value, headers.get(kj::HttpHeaderId::HOST)) {
    host = std::string_view(value->begin(), value->size());
  }
  // RFC 9112 has servers take "http://HOST/PATH" as well.
  if (url.starts_with("http://")) {
    url.remove_prefix(7);
    size_t slash = std::min(url.find_first_of("/?"), url.size());
    host = url.substr(0, slash);
    url.remove_prefix(slash);
  }
  if (host.empty()) return problem(400, "a request must have a Host header");
  if (!site.guard.allows(host))
    return problem(403,
                   "this Host is not served here: use an address or localhost, or name it in " +
                       std::string("[daemon] http-hosts"));
  if (method != kj::HttpMethod::GET && method != kj::HttpMethod::HEAD)
    return problem(405, "only GET and HEAD");
  if (hasBody) return problem(400, "a request has no body here");
  size_t mark = std::min(url.find('?'), url.size());
  for (const HttpRoute& route : site.routes)
    if (route.path == url.substr(0, mark))
      return route.answer(mark < url.size() ? url.substr(mark + 1) : std::string_view());
  std::string known;
  for (const HttpRoute& route : site.routes) known += "\n" + route.path;
  return problem(404, "no such page; there are:" + known);
}

kj::Promise<void> HttpPages::request(kj::HttpMethod method, kj::StringPtr url,
                                     const kj::HttpHeaders& headers, kj::AsyncInputStream& body,
                                     Response& response) {
  stream.setBusy(true);
  bool hasBody = body.tryGetLength().orDefault(1) != 0;
  if (hasBody || saysClose(headers)) stream.readNoMore();
  bool isHead = method == kj::HttpMethod::HEAD;
  return answer(method, std::string_view(url.begin(), url.size()), headers, hasBody)
      .then([this, isHead, &response](HttpReply reply) {
        return send(std::move(reply), isHead, response);
      })
      .then([this] { stream.setBusy(false); });
}

kj::Promise<void> HttpPages::send(HttpReply reply, bool isHead, Response& response) {
  stream.setBusy(true);  // from here on it is the client who may be slow
  bool isBig = !isHead && reply.body.size() > alwaysTaken;
  if (isBig && site.bytes && site.bytes + reply.body.size() > site.mostBytes) {
    site.refused++;
    reply = problem(503, "too many replies are under way");
  }
  auto headers = names.headers();
  headers.set(kj::HttpHeaderId::CONTENT_TYPE, kj::str(reply.type.c_str()));
  if (!reply.encoding.empty()) headers.set(names.encoding, kj::str(reply.encoding.c_str()));
  if (reply.status == 405) headers.set(names.allow, "GET, HEAD");
  auto out = response.send(reply.status, statusText(reply.status), headers, reply.body.size());
  if (isHead || reply.body.empty()) return kj::READY_NOW;
  auto body = kj::heap<std::string>(std::move(reply.body));
  size_t size = body->size();
  site.bytes += size;
  auto writing = out->write(body->data(), size);
  return writing.attach(kj::mv(out), kj::mv(body), kj::defer([this, size] { site.bytes -= size; }));
}

kj::Promise<void> HttpErrors::handleClientProtocolError(kj::HttpHeaders::ProtocolError error,
                                                        kj::HttpService::Response& response) {
  auto headers = names.headers();
  headers.set(kj::HttpHeaderId::CONTENT_TYPE, plain);
  auto text = kj::str(error.description, "\n");
  auto out = response.send(error.statusCode, error.statusMessage, headers, text.size());
  auto writing = out->write(text.begin(), text.size());
  return writing.attach(kj::mv(out), kj::mv(text));
}

kj::Promise<void> HttpErrors::handleApplicationError(
    kj::Exception exception, kj::Maybe<kj::HttpService::Response&> response) {
  if (exception.getType() == kj::Exception::Type::DISCONNECTED) return kj::READY_NOW;
  log(LogLevel::warning, std::string("http: ") + exception.getDescription().cStr());
  KJ_IF_MAYBE (to, response) {
    return handleClientProtocolError({500, "Internal Server Error", "the page failed", nullptr},
                                     *to);
  }
  return kj::READY_NOW;
}

}  // namespace swoll
