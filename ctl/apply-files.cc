// SPDX-License-Identifier: Apache-2.0
#include "ctl/apply-files.h"

#include <sys/stat.h>

#include <vector>

#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "rpc/convert-spec.h"
#include "trace/files/trace-files.h"

namespace swoll::ctl {
namespace {

std::vector<std::string> filesAt(const std::string& path) {
  struct stat status {};
  if (path == "-" || stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return {path};
  auto files = traceFiles(path);
  if (!files) throw Failure(files.error());
  if (files->empty()) throw Failure(path + ": holds no *.yaml");
  return *files;
}

std::vector<TraceSpec> specsAt(const std::string& path) {
  std::vector<TraceSpec> specs;
  for (const std::string& file : filesAt(path)) {
    auto documents = readTraces(file);
    if (!documents) throw Failure(documents.error());
    for (TraceDocument& document : *documents) specs.push_back(std::move(document.spec));
  }
  return specs;
}

std::string line(schema::Applied::Reader applied, const ApplyFiles& what) {
  static constexpr const char* words[] = {"added", "changed", "unchanged"};
  std::string name = printable(applied.getTrace().getSpec().getName().cStr());
  auto change = unsigned(applied.getChange());
  std::string word = change < std::size(words) ? words[change] : "done";  // of a newer daemon
  std::string prefix = what.dryRun ? "would be " : "";
  std::string matches;
  if (what.dryRun) {
    auto count = applied.getTrace().getContainers().size();
    matches = ", matching " + std::to_string(count) + (count == 1 ? " container" : " containers");
  }
  return what.replace || what.dryRun ? name + ' ' + prefix + word + matches : name;
}

}  // namespace

int applyFiles(const ApplyFiles& what, const Globals& globals) {
  auto specs = specsAt(what.path);
  Client client(globals.socket);
  auto request = client.api().applyTracesRequest();
  auto wire = request.initSpecs(unsigned(specs.size()));
  for (unsigned i = 0; i < wire.size(); ++i) toWire(specs[i], wire[i]);
  request.setReplace(what.replace);
  request.setPersist(what.persist);
  request.setDryRun(what.dryRun);
  auto answer = client.wait(request.send());
  auto results = answer.getResults();
  if (globals.format == Format::json) {
    printLine(toJson(results));
  } else {
    for (auto applied : results) printLine(line(applied, what));
  }
  return success;
}

}  // namespace swoll::ctl
