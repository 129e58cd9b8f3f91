// SPDX-License-Identifier: Apache-2.0
#include "sources/object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstddef>
#include <cstring>
#include <functional>

#include "base/log.h"
#include "bpf/abi.h"
#include "probe.skel.h"

namespace swoll {
namespace {

// libbpf says what went wrong in its log alone; the last word of a load is kept for status.
std::string lastWarning;

// Not what only frames or follows it.
bool tellsWhy(const std::string& line) {
  return !line.starts_with("processed") && !line.starts_with("--") &&
         line.find("failed to load") == line.npos;
}

int onLibbpfPrint(libbpf_print_level level, const char* format, va_list args) {
  va_list again;
  va_copy(again, args);
  std::string text(size_t(vsnprintf(nullptr, 0, format, again)) + 1, '\0');
  va_end(again);
  vsnprintf(text.data(), text.size(), format, args);
  text.resize(text.find_last_not_of(std::string("\n\0", 2)) + 1);

  // The verifier explains itself in many lines, of which the last ones matter.
  constexpr size_t tail = 2000;
  if (text.size() > tail) text.erase(0, text.size() - tail);
  for (size_t start = 0, end; start < text.size(); start = end + 1) {
    end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    if (level == LIBBPF_WARN && tellsWhy(line)) lastWarning = line;
    log(LogLevel::debug, line);
  }
  return 0;
}

void eachProgram(const probe& loaded,
                 const std::function<void(const char* name, const bpf_prog_info&)>& each) {
  bpf_program* program;
  bpf_object__for_each_program(program, loaded.obj) {
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    int fd = bpf_program__fd(program);
    if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
      each(bpf_program__name(program), info);
  }
}

// What loading cost: told once, and what a report of a slow or refused load begins with.
std::string loadReport(const probe& loaded, std::chrono::steady_clock::duration took) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  std::string text =
      "kernel programs loaded in " + std::to_string(ms) + " ms; verified instructions:";
  eachProgram(loaded, [&](const char* name, const bpf_prog_info& info) {
    text += std::string(" ") + name + " " +
            (info.verified_insns ? std::to_string(info.verified_insns) : "not told");
  });
  return text;
}

// bpf_rdonly_cast is looked for in modules where the kernel itself has none, and those may be
// looked through with CAP_SYS_ADMIN alone: libbpf 1.1 gives up there, though the symbol is weak. It
// tries that once an object, so it has its try before, with a name that there can't be.
void avoidModules(probe& opened) {
  bpf_program__set_attach_target(opened.progs.swoll_end, 0, "swoll-none");
}

}  // namespace

void ObjectDeleter::operator()(probe* object) const { probe__destroy(object); }

void listenToLibbpf() { libbpf_set_print(onLibbpfPrint); }

std::string explain(const std::string& what, int error) {
  std::string text = what + ": " + strerror(error);
  if (error == EPERM)
    text += "; swolld needs CAP_BPF and CAP_PERFMON, or root";
  else if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, nullptr) == 0)
    text += "; this kernel has no task storage for BPF: Linux 5.15 or newer is needed";
  else if (!lastWarning.empty())
    text += " (" + lastWarning + ")";
  return text;
}

std::optional<std::string> loadObject(probe& opened, const std::string& what) {
  avoidModules(opened);
  lastWarning.clear();
  auto began = std::chrono::steady_clock::now();
  if (int error = -probe__load(&opened)) return explain(what, error);
  log(LogLevel::info, loadReport(opened, std::chrono::steady_clock::now() - began));
  return {};
}

void addCosts(const probe& loaded, std::vector<ProgramCost>& to) {
  eachProgram(loaded, [&](const char* name, const bpf_prog_info& info) {
    if (info.run_cnt) to.push_back({name, info.run_time_ns, info.run_cnt});
  });
}

}  // namespace swoll
