// SPDX-License-Identifier: Apache-2.0
#include "http/charts.h"

#include <span>
#include <string_view>
#include <utility>

#include "http/charts-data.h"
#include "http/paced.h"
#include "http/page-files.h"

namespace swoll {
namespace {

constexpr const char* page = "/metrics/charts";
constexpr std::string_view indexFile = "index.html";

constexpr std::pair<std::string_view, const char*> types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

const char* typeOf(std::string_view name) {
  for (auto [ending, type] : types)
    if (name.ends_with(ending)) return type;
  return "text/plain; charset=utf-8";
}

HttpRoute fileRoute(const PageFile& file) {
  std::string path = page;
  if (file.name != indexFile) path += "/" + std::string(file.name);
  return {path, [&file](std::string_view) {
            return HttpReply{.type = typeOf(file.name),
                             .body = std::string(file.begin, file.end),
                             .encoding = "gzip"};
          }};
}

}  // namespace

std::vector<HttpRoute> chartsRoutes(HttpWorker& worker,
                                    std::function<kj::Function<std::string()>()> data) {
  std::vector<HttpRoute> routes;
  for (const PageFile& file : std::span(swollPageFiles, swollPageFilesEnd))
    routes.push_back(fileRoute(file));
  auto answer = [&worker, data = std::move(data)](std::string_view) {
    return worker.run([write = data()]() mutable {
      return HttpReply{.type = "application/json", .body = write()};
    });
  };
  routes.push_back(paced({std::string(page) + "/data", std::move(answer)}));
  return routes;
}

std::vector<HttpRoute> chartsRoutes(HttpWorker& worker, Hub& hub, const Clock& clock,
                                    uint64_t started) {
  return chartsRoutes(worker, [&hub, &clock, started]() -> kj::Function<std::string()> {
    const CallCells& cells = hub.stats().source();
    ChartsMoment moment{.started = started,
                        .now = clock.sinceBoot(),
                        .isCounting = hub.rules().isCounting() && cells.size() > 0,
                        .uncounted = calls(cells.withoutCell()) + cells.uncounted()};
    return
        [moment, stats = OwnedStats(hub.stats().read())] { return chartsData(moment, stats.rows); };
  });
}

}  // namespace swoll
