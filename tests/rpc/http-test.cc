// SPDX-License-Identifier: Apache-2.0
// The HTTP server over a real loopback socket: what it serves, what it refuses, and that nobody who
// behaves badly shuts others out. Clients are plain sockets, each with what it sent and got.
#include "http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <kj/async-io.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/log.h"
#include "http/paced.h"
#include "http/tcp-socket.h"
#include "http/worker.h"
#include "tests/core/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

constexpr size_t bigSize = 32 << 20;  // more than sockets hold

HttpSite site() {
  HttpSite out;
  out.guard.names = "metrics.example, Other.Example";
  out.routes = {
      {"/hello",
       [](std::string_view query) -> HttpReply {
         return {.body = "hello " + std::string(query) + "\n"};
       }},
      {"/big", [](std::string_view) -> HttpReply { return {.body = std::string(bigSize, 'x')}; }},
      {"/fails", [](std::string_view) -> HttpReply { throw std::runtime_error("secret"); }},
      {"/zip",
       [](std::string_view) -> HttpReply {
         return {.type = "text/html", .body = "zip", .encoding = "gzip"};
       }},
  };
  return out;
}

HttpLimits quick() {
  return {.connections = 8,
          .head = 400 * kj::MILLISECONDS,
          .idle = 60 * kj::SECONDS,
          .write = 400 * kj::MILLISECONDS,
          .patience = 200 * kj::MILLISECONDS,
          .retry = 20 * kj::MILLISECONDS};
}

struct World {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  int listening = -1;
  uint16_t port = 0;
  int opened = 0;
  std::string refusal;  // of opening
  std::unique_ptr<HttpServer> server;
  kj::Promise<void> running = nullptr;

  explicit World(HttpLimits limits = quick(), HttpSite pages = site()) {
    server = std::make_unique<HttpServer>(
        *io.lowLevelProvider, io.provider->getTimer(), "here",
        [this]() -> Result<int> {
          opened++;
          if (!refusal.empty()) return Error{refusal};
          return listen();
        },
        std::move(pages), limits);
  }
  void start() {
    running = server->run().eagerlyEvaluate(nullptr);
    until([&] { return server->ok(); });
  }
  int listen() {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in at{};
    socklen_t size = sizeof(at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, reinterpret_cast<sockaddr*>(&at), size) || ::listen(fd, 1024)) abort();
    getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    return fd;
  }

  // Turns the loop until it holds, for a minute at most.
  bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 60'000 && !holds(); i++)
      io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
    return holds();
  }
};

struct Client {
  World& world;
  int fd;
  std::string got = {};
  bool closed = false;

  explicit Client(World& world) : world(world), fd(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(world.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to))) abort();
    fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  Client(const Client&) = delete;
  ~Client() { close(fd); }

  Client& send(const std::string& text) {
    size_t sent = 0;
    world.until([&] {
      ssize_t n = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n > 0) sent += size_t(n);
      return sent == text.size() || (n < 0 && errno != EAGAIN);
    });
    return *this;
  }
  void read() {
    char buffer[65536];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) got.append(buffer, size_t(n));
    closed = closed || n == 0 || (n < 0 && errno != EAGAIN);
  }
  bool reads(const std::string& what) {
    return world.until([&] {
      read();
      return got.find(what) != got.npos || closed;
    }) && got.find(what) != got.npos;
  }
  bool isClosed() {
    return world.until([&] {
      read();
      return closed;
    });
  }
  std::string firstLine() { return got.substr(0, got.find("\r\n")); }
};

std::string get(const std::string& path, const std::string& more = "",
                const std::string& host = "localhost", const std::string& method = "GET") {
  return method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n";
}

// The reply to one request, to the end of its connection.
std::string replyTo(World& world, const std::string& request) {
  Client client(world);
  client.send(request);
  client.isClosed();
  return client.got;
}
std::string bodyOf(const std::string& reply) {
  size_t at = reply.find("\r\n\r\n");
  return at == reply.npos ? "" : reply.substr(at + 4);
}
std::string lineOf(const std::string& reply) { return reply.substr(0, reply.find("\r\n")); }

std::string serves() {
  World world;
  world.start();
  const std::string close = "Connection: close\r\n";
  static const struct {
    std::string request, line, body;
  } rows[] = {
      {get("/hello", close), "HTTP/1.1 200 OK", "hello \n"},
      {get("/hello?a=1&b", close), "HTTP/1.1 200 OK", "hello a=1&b\n"},
      {get("http://localhost/hello?x", close), "HTTP/1.1 200 OK", "hello x\n"},
      {get("/hello", close, "localhost", "HEAD"), "HTTP/1.1 200 OK", ""},
      {get("/absent", close), "HTTP/1.1 404 Not Found",
       "no such page; there are:\n/hello\n/big\n/fails\n/zip\n"},
      {get("/hello/", close), "HTTP/1.1 404 Not Found",
       "no such page; there are:\n/hello\n/big\n/fails\n/zip\n"},
      {get("/hello", close, "localhost", "POST"), "HTTP/1.1 405 Method Not Allowed",
       "only GET and HEAD\n"},
      {get("/hello", close, "localhost", "DELETE"), "HTTP/1.1 405 Method Not Allowed",
       "only GET and HEAD\n"},
      {get("/hello", close, "localhost", "POST") + "some body", "HTTP/1.1 405 Method Not Allowed",
       "only GET and HEAD\n"},
      {get("/hello", "Content-Length: 4\r\n") + "abcd", "HTTP/1.1 400 Bad Request",
       "a request has no body here\n"},
      {get("/fails"), "HTTP/1.1 500 Internal Server Error", "the page failed\n"},
      {"GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 Bad Request",
       "a request must have a Host header\n"},
  };
  std::string wrong;
  for (const auto& row : rows) {
    std::string reply = replyTo(world, row.request);
    if (lineOf(reply) != row.line || bodyOf(reply) != row.body)
      wrong += row.request + " gave " + reply + "\n";
    for (const char* header :
         {"X-Content-Type-Options: nosniff\r\n", "Cache-Control: no-store\r\n",
          "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
          "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'\r\n"})
      if (reply.find(header) == reply.npos) wrong += row.request + " lacks " + header;
  }
  std::string head = replyTo(world, get("/hello", close, "localhost", "HEAD"));
  if (head.find("Content-Length: 7\r\n") == head.npos) wrong += "HEAD: " + head;
  std::string post = replyTo(world, get("/hello", close, "localhost", "POST"));
  if (post.find("Allow: GET, HEAD\r\n") == post.npos) wrong += "POST: " + post;
  std::string zip = replyTo(world, get("/zip", close));
  if (zip.find("Content-Encoding: gzip\r\n") == zip.npos ||
      zip.find("Content-Type: text/html\r\n") == zip.npos)
    wrong += "zip: " + zip;
  return wrong;
}
void servesItsTable(void**) { assert_string_equal(keep(serves()), ""); }

// Names that lead to this machine without its doing.
std::string guards() {
  std::string wrong, line;
  static const struct {
    const char* host;
    bool allowed;
  } rows[] = {
      {"localhost", true},        {"LOCALHOST:9095", true},     {"127.0.0.1", true},
      {"127.0.0.1:1", true},      {"[::1]:9095", true},         {"10.1.2.3:9095", true},
      {"metrics.example", true},  {"other.example:80", true},   {"evil.example", false},
      {"localhost.evil", false},  {"127.0.0.1.evil:80", false}, {"[::1", false},
      {"127.0.0.1:x", false},     {"evil.example:9095", false}, {"metrics.example.evil", false},
      {"127.0.0.1, evil", false}, {"localhost:9095:1", false},  {"a@localhost", false},
  };
  {  // a thread has one event loop
    World world;
    world.start();
    for (const auto& row : rows) {
      line = lineOf(replyTo(world, get("/hello", "Connection: close\r\n", row.host)));
      if (line != (row.allowed ? "HTTP/1.1 200 OK" : "HTTP/1.1 403 Forbidden"))
        wrong += std::string(row.host) + ": " + line + "\n";
    }
    line = lineOf(
        replyTo(world, get("http://evil.example/hello", "Connection: close\r\n", "localhost")));
    if (line != "HTTP/1.1 403 Forbidden") wrong += "absolute: " + line;
  }
  HttpSite open = site();
  open.guard.anyName = true;
  World wide(quick(), open);
  wide.start();
  line = lineOf(replyTo(wide, get("/hello", "Connection: close\r\n", "node.example")));
  if (line != "HTTP/1.1 200 OK") wrong += "any name: " + line;
  return wrong;
}
void guardsItsName(void**) { assert_string_equal(keep(guards()), ""); }

// Whatever comes, the next client is served.
std::string survives() {
  World world;
  world.start();
  std::string wrong, bytes;
  for (int i = 0; i < 256; i++) bytes += char(i);
  const std::string requests[] = {
      "\r\n\r\n",
      bytes + "\r\n\r\n",
      std::string(1000, '\0'),
      "GET\r\n\r\n",
      "GET /hello\r\n\r\n",
      "BREW /hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /hello HTTP/1.1\r\nHost localhost\r\n\r\n",
      "GET /hello HTTP/1.1\nHost: localhost\n\n",
      "\x16\x03\x01\x02 TLS",
      get("/hello", "Transfer-Encoding: chunked\r\n") + "zzz\r\n",
      get("/hello", "Content-Length: -1\r\n"),
      get("/hello", "Content-Length: 99999999999999999999\r\n"),
      get("/hello", "Upgrade: websocket\r\nConnection: Upgrade\r\n"),
      "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      get("/hello", "X: " + std::string(1 << 20, 'a') + "\r\n"),
      "GET /" + std::string(1 << 20, 'a'),
  };
  for (const std::string& request : requests) {
    Client(world).send(request).read();  // and it is gone, answer or not
    Client stays(world);
    stays.send(request);
    std::string reply = replyTo(world, get("/hello", "Connection: close\r\n"));
    if (bodyOf(reply) != "hello \n") wrong += "after " + request.substr(0, 40) + ": " + reply;
  }
  return wrong;
}
void survivesGarbage(void**) { assert_string_equal(keep(survives()), ""); }

// A head that grows for ever is not kept for ever.
std::string endless() {
  HttpLimits limits = quick();
  limits.head = 60 * kj::SECONDS;  // it is the size that ends it
  World world(limits);
  world.start();
  Client client(world);
  client.send(get("/hello", "X: " + std::string(1 << 20, 'a') + "\r\n"));
  return client.isClosed() ? client.got.substr(0, 15) : "open";
}
void boundsTheHead(void**) {
  std::string* reply = new std::string(endless());
  // What it had sent and was not read may reset the connection before the reply is seen.
  assert_true(reply->empty() || reply->starts_with("HTTP/1.1 4"));
  delete reply;
}

void endsSlowHeads(void**) {
  bool ended = [] {
    World world;
    world.start();
    Client client(world);
    client.send("GET /hello HTTP/1.1\r\nHost: loc");
    return client.isClosed();
  }();
  assert_true(ended);
}

// A client that asks and does not read: its reply is given up.
void endsThoseWhoDoNotRead(void**) {
  std::string said = [] {
    World world;
    world.start();
    Client client(world);
    client.send(get("/big"));
    bool came = world.until([&] { return world.server->clients() == 1; });
    bool ended = world.until([&] { return world.server->clients() == 0; });
    return std::string(came ? "came " : "") + (ended ? "ended" : "stayed");
  }();
  assert_string_equal(keep(said), "came ended");
}

// Many requests at once on one connection are answered in their order.
void answersAPipeline(void**) {
  std::string bodies = [] {
    World world;
    world.start();
    Client client(world);
    client.send(get("/hello?1") + get("/hello?2") + get("/hello?3", "Connection: close\r\n"));
    client.isClosed();
    std::string out;
    for (char c : client.got)
      if (out.empty() || c != out.back()) out += c;
    std::string order;
    for (const char* mark : {"hello 1", "hello 2", "hello 3"})
      order += std::to_string(client.got.find(mark) != std::string::npos);
    return order;
  }();
  assert_string_equal(keep(bodies), "111");
}

// Idle clients give way, the longest idle first, and are counted.
std::string crowded() {
  HttpLimits limits = quick();
  limits.head = 60 * kj::SECONDS;
  World world(limits);
  world.start();
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 100; i++) {
    idle.push_back(std::make_unique<Client>(world));
    world.until([&] { return world.server->clients() + world.server->refused() == size_t(i + 1); });
  }
  std::string out = std::to_string(world.server->clients()) + " open, " +
                    std::to_string(world.server->refused()) + " refused; ";
  out += lineOf(replyTo(world, get("/hello", "Connection: close\r\n"))) + "; ";
  out += idle.front()->isClosed() ? "first gone, " : "first there, ";
  idle.back()->read();
  out += idle.back()->closed ? "last gone" : "last there";
  return out;
}
void idleClientsGiveWay(void**) {
  assert_string_equal(keep(crowded()),
                      "8 open, 92 refused; HTTP/1.1 200 OK; first gone, last there");
}

// Neither do clients that take nothing keep others out.
std::string stuck() {
  HttpLimits limits = quick();
  limits.write = 600 * kj::SECONDS;  // it is not time that frees a place
  HttpSite pages = site();
  pages.mostBytes = 1 << 30;  // all of them are being answered
  World world(limits, pages);
  world.start();
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 8; i++) {
    slow.push_back(std::make_unique<Client>(world));
    slow.back()->send(get("/big"));
    if (!slow.back()->reads("HTTP/1.1 200 OK")) return "not answered";
  }
  std::string line;
  world.until([&] {
    line = lineOf(replyTo(world, get("/hello", "Connection: close\r\n")));
    return !line.empty();
  });
  return line;
}
void slowClientsGiveWay(void**) { assert_string_equal(keep(stuck()), "HTTP/1.1 200 OK"); }

// Replies that are not taken hold no more memory than they may.
std::string bounded() {
  HttpSite pages = site();
  pages.mostBytes = bigSize + 100;
  HttpLimits limits = quick();
  limits.write = 60 * kj::SECONDS;
  World world(limits, pages);
  world.start();
  Client slow(world);
  slow.send(get("/big"));
  slow.reads("HTTP/1.1 200 OK");
  std::string line = lineOf(replyTo(world, get("/big", "Connection: close\r\n")));
  std::string small = lineOf(replyTo(world, get("/hello", "Connection: close\r\n")));
  world.until([&] {
    slow.read();
    return slow.got.size() > bigSize;
  });
  Client third(world);
  third.send(get("/big"));
  bool again = third.reads("HTTP/1.1 200 OK");
  return line + "; " + small + "; " + std::to_string(world.server->refused()) + " refused; " +
         (again ? "then served" : "then refused");
}
void boundsWhatIsWritten(void**) {
  assert_string_equal(keep(bounded()),
                      "HTTP/1.1 503 Service Unavailable; HTTP/1.1 200 OK; 1 refused; then served");
}

// A port that is taken is tried again.
std::string retries() {
  World world;
  world.refusal = "Address already in use";
  world.running = world.server->run().eagerlyEvaluate(nullptr);
  world.until([&] { return world.opened > 2; });
  std::string out = world.server->detail() + "; ";
  world.refusal.clear();
  world.until([&] { return world.server->ok(); });
  out += world.server->detail() + "; ";
  return out + lineOf(replyTo(world, get("/hello", "Connection: close\r\n")));
}
void triesAPortAgain(void**) {
  assert_string_equal(keep(retries()),
                      "here: Address already in use; tried again; http at here; HTTP/1.1 200 OK");
}

// The real socket: a second one at its address is told so.
std::string taken() {
  for (uint16_t port = 20000; port < 30000; port++) {
    ListenAddress at{
        .kind = ListenAddress::Kind::ip, .host = "127.0.0.1", .port = port, .path = {}};
    auto first = listenTcp(at);
    if (!first) continue;
    auto second = listenTcp(at);
    close(*first);
    if (second) close(*second);
    return second ? "twice" : second.error();
  }
  return "no port";
}
void tellsOfATakenPort(void**) { assert_string_equal(keep(taken()), "Address already in use"); }

std::string addresses() {
  std::string out;
  for (const char* text :
       {"off", "unix:/run/x", "unix:x", "127.0.0.1:9095", "[::1]:80", "localhost:1", "0.0.0.0:9095",
        "::1:80", "[::]:9", "host:80", "1.2.3.4", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:+1", ""}) {
    auto at = ListenAddress::parse(text);
    out += at ? at->text() + (at->isLoopback() ? "* " : " ") : "- ";
  }
  return out;
}
void parsesAddresses(void**) {
  assert_string_equal(keep(addresses()),
                      "off* unix:/run/x* - 127.0.0.1:9095* [::1]:80* 127.0.0.1:1* 0.0.0.0:9095 - "
                      "[::]:9 - - - - - - ");
}

// However often somebody asks, a page that takes long is made a fifth of the time at most.
void pacesWhatIsSlow(void**) {
  using namespace std::chrono_literals;
  kj::EventLoop loop;
  kj::WaitScope scope(loop);
  HttpTime clock{};
  std::chrono::milliseconds cost = 100ms;
  int made = 0;
  HttpRoute route = paced({"/slow",
                           [&](std::string_view) -> HttpReply {
                             clock += cost;
                             return {.body = std::to_string(++made)};
                           }},
                          [&] { return clock; });
  auto answer = [&] { return route.answer("n=1").wait(scope).body; };
  assert_string_equal(keep(answer()), "1");
  clock += 399ms;
  assert_string_equal(keep(route.answer("n=2").wait(scope).body), "1");
  clock += 1ms;
  assert_string_equal(keep(answer()), "2");
  clock += 400ms;
  cost = 1ms;
  assert_string_equal(keep(answer()), "3");
  assert_string_equal(keep(answer()), "4");
}

// It is made once for all who ask meanwhile, and again when it failed.
void makesOnceForAll(void**) {
  kj::EventLoop loop;
  kj::WaitScope scope(loop);
  std::vector<kj::Own<kj::PromiseFulfiller<HttpReply>>> asked;
  bool isFull = true;
  HttpRoute route = paced({"/slow", [&](std::string_view) {
                             if (isFull) throw std::bad_alloc();
                             auto paf = kj::newPromiseAndFulfiller<HttpReply>();
                             asked.push_back(kj::mv(paf.fulfiller));
                             return kj::mv(paf.promise);
                           }});
  auto fails = [&] {
    auto failing = route.answer("");
    if (!isFull) asked.back()->reject(KJ_EXCEPTION(FAILED, "no memory"));
    return kj::runCatchingExceptions([&] { failing.wait(scope); }) != nullptr;
  };
  assert_true(fails());
  isFull = false;
  assert_true(fails());
  auto first = route.answer(""), second = route.answer("?");
  assert_int_equal(asked.size(), 2);
  asked[1]->fulfill({.body = "one"});
  assert_string_equal(keep(first.wait(scope).body + second.wait(scope).body), "oneone");
  assert_true(fails());
  auto again = route.answer("");
  asked.at(3)->fulfill({.body = "again"});
  assert_string_equal(keep(again.wait(scope).body), "again");
}

// While the worker writes, the loop goes on; what it throws is thrown here.
void writesBesideTheLoop(void**) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  HttpWorker worker;
  std::atomic<bool> go = false;
  auto written = worker.run([&]() -> HttpReply {
    while (!go) std::this_thread::yield();
    return {.body = "written"};
  });
  auto failing = worker.run([]() -> HttpReply { throw std::runtime_error("no memory"); });
  auto other = kj::evalLater([&] { go = true; });
  other.wait(io.waitScope);
  assert_string_equal(keep(written.wait(io.waitScope).body), "written");
  auto failure = kj::runCatchingExceptions([&] { failing.wait(io.waitScope); });
  KJ_IF_MAYBE (exception, failure) {
    assert_non_null(strstr(exception->getDescription().cStr(), "no memory"));
  } else {
    assert_true(false);
  }
}

}  // namespace

int main() {
  setLogLevel(LogLevel::error);
  const CMUnitTest tests[] = {
      cmocka_unit_test(servesItsTable),      cmocka_unit_test(guardsItsName),
      cmocka_unit_test(survivesGarbage),     cmocka_unit_test(boundsTheHead),
      cmocka_unit_test(endsSlowHeads),       cmocka_unit_test(endsThoseWhoDoNotRead),
      cmocka_unit_test(answersAPipeline),    cmocka_unit_test(idleClientsGiveWay),
      cmocka_unit_test(slowClientsGiveWay),  cmocka_unit_test(boundsWhatIsWritten),
      cmocka_unit_test(triesAPortAgain),     cmocka_unit_test(tellsOfATakenPort),
      cmocka_unit_test(pacesWhatIsSlow),     cmocka_unit_test(makesOnceForAll),
      cmocka_unit_test(writesBesideTheLoop), cmocka_unit_test(parsesAddresses),
  };
  return cmocka_run_group_tests_name("http", tests, nullptr, nullptr);
}
