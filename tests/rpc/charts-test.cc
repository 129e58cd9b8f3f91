// SPDX-License-Identifier: Apache-2.0
// The numbers behind /metrics/charts as JSON, and the files of the page in the binary.
#include "http/charts.h"

#include <kj/async-io.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <string>

#include "event/names.h"
#include "http/charts-data.h"

extern "C" {
#include <cmocka.h>
}

namespace swoll {
namespace {

KnownContainer container(ContainerHandle handle, const std::string& name) {
  KnownContainer out;
  out.handle = handle;
  out.info.id = "id-" + std::to_string(handle);
  out.info.name = name;
  return out;
}

CallStat stat(const KnownContainer& of, const char* call, int error, uint64_t time,
              std::initializer_list<std::pair<size_t, uint64_t>> buckets) {
  CallStat out{.container = &of, .call = callsByName(call).at(0), .error = error};
  out.sum.time = time;
  for (auto [bucket, count] : buckets) out.sum.buckets[bucket] = count;
  return out;
}

std::string json(const rapidjson::Value& value) {
  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> writer(out);
  value.Accept(writer);
  return out.GetString();
}

void testRows(void**) {
  auto one = container(7, "web"), two = container(9, "db");
  rapidjson::Document data;
  data.Parse(
      chartsData({.started = 5, .now = 6, .isCounting = true, .uncounted = 3},
                 {stat(one, "openat", 0, 100, {{2, 10}, {4, 1}}),
                  stat(one, "openat", ENOENT, 30, {{0, 3}}), stat(one, "close", 0, 9, {{1, 1}}),
                  stat(two, "read", 0, uint64_t(1) << 53, {{25, 1}}),
                  stat(two, "read", EIO, (uint64_t(1) << 53) + 1, {{0, UINT64_MAX}})})
          .c_str());
  assert_false(data.HasParseError());
  assert_string_equal(
      json(data["rows"]).c_str(),
      R"([[0,0,0,100,2,10,0,1],[0,0,1,30,0,3],[0,1,0,9,1,1],)"
      R"([1,2,0,9007199254740992,25,1],[1,2,2,"9007199254740993",0,"18446744073709551615"]])");
  assert_string_equal(json(data["results"]).c_str(), R"(["OK","ENOENT","EIO"])");
  assert_string_equal(json(data["calls"][0]).c_str(),
                      R"({"name":"openat","class":"FileSystem","group":"Files"})");
  assert_string_equal(json(data["containers"][1]).c_str(),
                      R"({"handle":9,"id":"id-9","namespace":"","pod":"","name":"db"})");
  assert_int_equal(data["uncounted"].GetInt(), 3);
  assert_int_equal(data["bucketEnds"].Size(), SWOLL_BUCKETS);
  assert_int_equal(data["bucketEnds"][0].GetInt(), 512);
  assert_true(data["bucketEnds"][SWOLL_BUCKETS - 1].IsNull());
}

// Whatever a runtime calls its containers, a browser must be able to read it.
void testNames(void**) {
  auto bad = container(1, "\xff\"</script>\n");
  rapidjson::Document data;
  data.Parse<rapidjson::kParseValidateEncodingFlag>(
      chartsData({}, {stat(bad, "read", 0, 1, {{0, 1}})}).c_str());
  assert_false(data.HasParseError());
  assert_string_equal(data["containers"][0]["name"].GetString(), "\\xff\"</script>\n");
}

const HttpRoute* find(const std::vector<HttpRoute>& routes, const std::string& path) {
  auto found = std::ranges::find(routes, path, &HttpRoute::path);
  return found == routes.end() ? nullptr : &*found;
}

void testRoutes(void**) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  HttpWorker worker;
  auto routes = chartsRoutes(
      worker, []() -> kj::Function<std::string()> { return [] { return std::string("{}"); }; });
  struct Wanted {
    const char *path, *type, *encoding;
  };
  for (auto [path, type, encoding] : {
           Wanted{"/metrics/charts", "text/html; charset=utf-8", "gzip"},
           Wanted{"/metrics/charts/main.js", "text/javascript; charset=utf-8", "gzip"},
           Wanted{"/metrics/charts/style.css", "text/css; charset=utf-8", "gzip"},
           Wanted{"/metrics/charts/icon.svg", "image/svg+xml", "gzip"},
           Wanted{"/metrics/charts/data", "application/json", ""},
       }) {
    const HttpRoute* route = find(routes, path);
    if (!route) fail_msg("no route %s", path);
    HttpReply reply = route->answer("").wait(io.waitScope);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.type.c_str(), type);
    assert_string_equal(reply.encoding.c_str(), encoding);
    if (*encoding) assert_true(reply.body.starts_with("\x1f\x8b") && reply.body.size() > 100);
  }
  assert_null(find(routes, "/metrics/charts/index.html"));
  // The licence goes wherever the library goes.
  assert_true(!find(routes, "/metrics/charts/echarts.mjs") ==
              !find(routes, "/metrics/charts/echarts-licence.txt"));
}

}  // namespace
}  // namespace swoll

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(swoll::testRows),
      cmocka_unit_test(swoll::testNames),
      cmocka_unit_test(swoll::testRoutes),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
