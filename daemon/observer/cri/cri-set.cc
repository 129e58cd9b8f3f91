// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-set.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace swoll {
namespace {

constexpr std::string_view kScheme = "unix://";  // and an absolute path
constexpr const char* kUsualSockets[] = {
    "/run/containerd/containerd.sock", "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",           "/run/k3s/containerd/containerd.sock",
    "/run/k0s/containerd.sock",        "/var/snap/microk8s/common/run/containerd.sock",
};

// A path below another root, with that root's symbolic links followed as it sees them.
std::string below(const std::string& root, const std::string& path) {
  if (root.empty()) return path;
  const int top = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  const int found = static_cast<int>(syscall(SYS_openat2, top, path.c_str(), &how, sizeof how));
  std::string real(4096, '\0');
  ssize_t size = -1;
  if (found >= 0) {
    const std::string link = "/proc/self/fd/" + std::to_string(found);
    size = readlink(link.c_str(), real.data(), real.size());
    close(found);
  }
  if (top >= 0) close(top);
  if (size <= 0) return root + path;  // not there now, or a kernel before 5.6
  real.resize(static_cast<size_t>(size));
  return real;
}

bool isSocket(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

CriSet::CriSet(const std::string& cri, const ProcFs& proc, std::chrono::milliseconds interval,
               CriHooks hooks)
    : isAuto_(cri == "auto"), proc_(proc), interval_(interval), hooks_(std::move(hooks)) {
  if (isAuto_ || cri == "off") return;
  std::string list = cri;
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == ' ' || c == '\t'; }, ',');
  for (const std::string& address : split(list, ','))
    if (address.starts_with("unix:///"))
      open(address.substr(kScheme.size()));
    else
      problems_.push_back({"cri " + address, false, "is neither auto, off nor unix:///PATH"});
}

void CriSet::open(const std::string& path) {
  const std::string uri = std::string(kScheme) + path;
  const bool isOpen = std::any_of(endpoints_.begin(), endpoints_.end(),
                                  [&](const auto& endpoint) { return endpoint->uri() == uri; });
  if (isOpen) return;
  const std::string real = proc_.root().empty() ? path : proc_.root() + path;
  endpoints_.push_back(std::make_unique<CriEndpoint>(
      uri, isSocket(real) ? below(proc_.root(), path) : real, proc_, interval_, hooks_));
}

std::vector<std::string> CriSet::usualSockets(const std::string& root) {
  std::vector<std::string> there;
  for (const char* usual : kUsualSockets)
    if (isSocket(below(root, usual))) there.push_back(usual);
  return there;
}

void CriSet::look() {
  if (!isAuto_) return;
  for (const std::string& usual : usualSockets(proc_.root())) open(usual);
  // One that never said a word and is gone was none; of one that did, names are kept.
  std::erase_if(endpoints_, [](const auto& endpoint) {
    return endpoint->isAway() && !endpoint->hasServed() && !isSocket(endpoint->socketPath());
  });
}

void CriSet::ask() {
  for (const auto& endpoint : endpoints_) endpoint->ask();
}

void CriSet::ask(const std::string& id) {
  for (const auto& endpoint : endpoints_) endpoint->ask(id);
}

bool CriSet::isAnyThere() const {
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [](const auto& endpoint) { return !endpoint->isAway(); });
}

CriView CriSet::view() const {
  CriView all;
  all.isComplete = true;
  for (const auto& endpoint : endpoints_) {
    CriView one = endpoint->view();
    all.containers.insert(all.containers.end(), std::make_move_iterator(one.containers.begin()),
                          std::make_move_iterator(one.containers.end()));
    all.sandboxes.merge(one.sandboxes);
    all.isCurrent = all.isCurrent || one.isCurrent;
    all.isComplete = all.isComplete && one.isComplete;
  }
  return all;
}

std::vector<Snapshot::Part> CriSet::parts() const {
  std::vector<Snapshot::Part> parts = problems_;
  for (const auto& endpoint : endpoints_) parts.push_back(endpoint->part());
  if (parts.empty() && isAuto_)
    parts.push_back({"cri auto", false, "no socket of containerd, CRI-O or cri-dockerd; retrying"});
  if (parts.empty()) parts.push_back({"cri", true, "off"});
  return parts;
}

}  // namespace swoll
