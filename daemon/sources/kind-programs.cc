// SPDX-License-Identifier: Apache-2.0
#include "sources/kind-programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "probe.skel.h"

namespace swoll {

KindPrograms::~KindPrograms() noexcept { takeOff(); }

void KindPrograms::prepare(probe& opened) {
  hooks.prepare(opened);
  if (hooks.isLate())
    for (bpf_program* program : hooks.all(opened)) bpf_program__set_autoload(program, false);
}

void KindPrograms::take(probe& loaded) {
  first = &loaded;
  hooks.take(loaded);
  if (!hooks.isLate()) object = first;
}

// Programs that few ask for are loaded when somebody does, which is a second or more of the
// verifier's on some machines: the same object once more, with those alone and all maps of the
// first.
std::optional<std::string> KindPrograms::loadLate() {
  std::string loading = "loading the programs of " + std::string(what);
  ProbeObject opened(probe__open());
  if (!opened) return explain(loading, errno);
  bpf_program* program;
  bpf_object__for_each_program(program, opened->obj) bpf_program__set_autoload(program, false);
  for (bpf_program* wanted : hooks.all(*opened)) bpf_program__set_autoload(wanted, true);
  bpf_map* map;
  bpf_object__for_each_map(map, opened->obj) {
    const bpf_map* same = bpf_object__find_map_by_name(first->obj, bpf_map__name(map));
    int error = same ? -bpf_map__reuse_fd(map, bpf_map__fd(same)) : ENOENT;
    if (error) return explain(loading, error);
  }
  if (auto problem = loadObject(*opened, loading)) return problem;
  late = std::move(opened);
  object = late.get();
  return {};
}

void KindPrograms::fail(const std::string& problem) {
  takeOff();
  if (problem != told) log(LogLevel::error, problem + "; retrying");
  told = refused = problem;
}

void KindPrograms::putOn() {
  if (!object) {
    // Nothing is served while the verifier looks, which it need not do again at once.
    if (std::chrono::steady_clock::now() < nextLoad) return void(refused = told);
    auto problem = loadLate();
    nextLoad = std::chrono::steady_clock::now() + loadPause.next();
    if (problem) return fail(*problem);
  }
  hooks.beforeOn();
  for (bpf_program* program : hooks.programs(*object)) {
    bpf_link* link = bpf_program__attach(program);
    if (!link) return fail(explain("attaching to " + std::string(what), errno));
    links.push_back(link);
  }
  allOn = true;
  refused.clear();
  told.clear();
  complete();
}

void KindPrograms::complete() {
  std::string missing = hooks.afterOn(*object);
  if (!missing.empty() && missing != lacking) log(LogLevel::warning, missing);
  lacking = missing;
}

// The last that was put on first: what has begun gets its end.
void KindPrograms::takeOff() {
  if (links.empty()) return;
  if (allOn) hooks.beforeOff();
  for (; !links.empty(); links.pop_back()) bpf_link__destroy(links.back());
  allOn = false;
  refused.clear();
  lacking.clear();
  // The programs that were running have come to their end, and their counts are final
  // (membarrier(2): an RCU grace period; kernels with nohz_full CPUs have none to give).
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)) usleep(2000);
}

void KindPrograms::attach(bool on) {
  bool wanted = on && hooks.isWanted();
  if (!wanted)
    takeOff(), refused.clear();
  else if (!allOn)
    putOn();
  else if (!lacking.empty())
    complete();
}

void KindPrograms::change(const std::function<void(KindHooks&)>& note) {
  note(hooks);
  if (!hooks.isWanted()) takeOff();
}

void KindPrograms::addCosts(std::vector<ProgramCost>& to) const {
  if (object) swoll::addCosts(*object, to);
}

}  // namespace swoll
