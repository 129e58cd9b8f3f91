// SPDX-License-Identifier: Apache-2.0
#include "hub/trace-book.h"

#include <unistd.h>

#include "base/log.h"
#include "trace/files/trace-files.h"

namespace swoll {
namespace {

constexpr size_t mostProblems = 100;
constexpr size_t mostKeptName = 240;  // a file's name has 255 bytes

}  // namespace

TraceBook::TraceBook(TraceRegistry& registry, const Clock& clock, TraceBookConfig config)
    : registry(registry), clock(clock), config(std::move(config)) {
  registry.setMostTraces(this->config.mostTraces);
  registry.setReserved([this](const std::string& name) { return standing.contains(name); });
}

std::string TraceBook::keptFile(const std::string& name) const {
  return config.stateFolder + "/" + name + ".yaml";
}

void TraceBook::report(const std::string& problem) {
  log(LogLevel::error, problem);
  if (problems.size() < mostProblems) problems.push_back(problem);
}

std::string TraceBook::detail() const {
  std::string first = !folderProblem.empty() ? folderProblem : ok() ? "" : problems[0];
  size_t count = problems.size() + !folderProblem.empty();
  if (count > 1) first += " (and " + std::to_string(count - 1) + " more)";
  if (count > 0) return first;
  return std::to_string(standing.size()) + " of " + config.tracesFolder + ", " +
         std::to_string(kept.size()) + " kept in " + config.stateFolder;
}

std::string TraceBook::origin(const std::string& name) const {
  if (auto found = standing.find(name); found != standing.end()) return found->second.file;
  return kept.contains(name) ? "kept" : "";
}

// ---- what clients ask for ----

std::string TraceBook::refusal(const TraceChange& change, const Request& request) const {
  const std::string& name = change.compiled.spec.name;
  const std::string& comm = change.compiled.spec.comm;
  constexpr size_t mostComm = 15;  // TASK_COMM_LEN, include/linux/sched.h, less its end
  if (comm.size() > mostComm && comm.find_first_of("*?[\\") == comm.npos)
    return "no thread has the name '" + shortened(comm) +
           "': names have at most 15 bytes; did you mean '" + comm.substr(0, mostComm) + "'?";
  bool touches = change.kind != TraceChange::Kind::unchanged || request.persist;
  if (auto found = standing.find(name); found != standing.end() && touches)
    return "trace '" + name + "' stands in " + found->second.file + ": change it there and reload";
  if (!request.persist) return {};
  if (config.stateFolder.empty()) return "no trace can be kept: [daemon] state-dir is empty";
  if (name.size() > mostKeptName) return "a trace that is kept needs a name of at most 240 bytes";
  if (unreadable.contains(keptFile(name)))
    return keptFile(name) + " could not be read; move it away first";
  return {};
}

// Kept traces go to the disk before they start: all or none, unless it fails between two renames.
std::string TraceBook::writeFiles(const std::vector<TraceChange*>& changes, uint32_t owner) {
  std::vector<std::string> paths;
  std::string problem;
  for (TraceChange* change : changes) {
    const TraceSpec& spec = change->compiled.spec;
    auto old = registry.find(spec.name);
    bool unchanged = change->kind == TraceChange::Kind::unchanged;
    TraceStatus status{old ? (*old)->created : clock.realTime(), 0, old ? (*old)->owner : owner};
    change->created = status.created;
    uint64_t run = unchanged ? clock.sinceBoot() - (*old)->started : 0;
    if (spec.duration) status.expires = clock.realTime() + int64_t(spec.duration) - int64_t(run);
    paths.push_back(keptFile(spec.name));
    problem = writeAside(paths.back(), writeTrace(spec, status));
    if (!problem.empty()) break;
  }
  if (problem.empty())
    problem = putInPlace(paths);
  else
    dropAside(paths);
  return problem.empty() ? "" : "the trace can't be kept: " + problem;
}

Result<std::vector<TraceBook::Applied>> TraceBook::apply(Request request) {
  if (request.specs.size() > config.mostTraces)
    return Error{"too many traces at once: " + std::to_string(request.specs.size()) +
                 ", and at most " + std::to_string(config.mostTraces) + " may run"};
  for (const TraceSpec& spec : request.specs)
    if (request.replace && spec.name.empty())
      return Error{"a trace to apply needs a name (metadata.name)"};
  auto prepared = registry.prepare(std::move(request.specs), request.replace);
  if (!prepared) return Error{prepared.error()};
  std::vector<TraceChange*> toKeep;
  for (TraceChange& change : *prepared) {
    if (auto why = refusal(change, request); !why.empty()) return Error{why};
    bool isKept = kept.contains(change.compiled.spec.name);
    bool touched = change.kind != TraceChange::Kind::unchanged;
    if ((isKept && touched) || (request.persist && (touched || !isKept))) toKeep.push_back(&change);
  }
  std::vector<Applied> out;
  for (const TraceChange& change : *prepared)
    out.push_back({change.kind, change.compiled.spec, nullptr});
  if (request.dryRun) return out;

  if (auto problem = writeFiles(toKeep, request.owner); !problem.empty()) return Error{problem};
  for (const TraceChange* change : toKeep) kept.insert(change->compiled.spec.name);
  auto traces = registry.commit(std::move(*prepared), request.owner);
  for (size_t i = 0; i < out.size(); i++) out[i].trace = traces[i];
  return out;
}

Result<std::unique_ptr<Trace>> TraceBook::remove(const std::string& name) {
  // First: a trace that would be back at the next start is not removed.
  if (registry.find(name) && kept.contains(name)) {
    if (auto problem = removeFile(keptFile(name)); !problem.empty())
      return Error{"trace '" + name + "' is kept and its file can't be removed: " + problem};
    kept.erase(name);
  }
  return registry.remove(name);
}

// A kept trace is kept with the containers that it was given.
Result<const Trace*> TraceBook::rewritten(Result<const Trace*> changed) {
  if (!changed || !kept.contains((*changed)->name())) return changed;
  TraceChange change{(*changed)->compiled, TraceChange::Kind::unchanged};
  if (auto problem = writeFiles({&change}, 0); !problem.empty())
    return Error{"it is done, but not for after a restart: " + problem};
  return changed;
}

Result<const Trace*> TraceBook::addContainer(const std::string& name,
                                             const std::string& reference) {
  return rewritten(registry.addContainer(name, reference));
}

Result<const Trace*> TraceBook::removeContainer(const std::string& name,
                                                const std::string& reference) {
  return rewritten(registry.removeContainer(name, reference));
}

}  // namespace swoll
