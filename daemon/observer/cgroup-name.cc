// SPDX-License-Identifier: Apache-2.0
#include "observer/cgroup-name.h"

#include <algorithm>

namespace swoll {
namespace {

enum class Id { hex, word };  // 64 hexadecimal digits; anything

// One way to name a container's cgroup: PARENT/PREFIX id SUFFIX. A prefix that starts with ':' may
// stand anywhere in the name: what a runtime makes of "slice:prefix:id" under the cgroupfs driver.
struct Scheme {
  std::string_view parent;  // how the name of the cgroup above starts; empty: any
  std::string_view prefix;
  std::string_view suffix;
  Id id;
  std::string_view runtime;
  bool kubernetes;
};

constexpr Scheme kSchemes[] = {
    {"", "cri-containerd-", ".scope", Id::hex, "containerd", true},
    {"", ":cri-containerd:", "", Id::hex, "containerd", true},
    {"", "nerdctl-", ".scope", Id::hex, "containerd", false},
    {"", "crio-", ".scope", Id::hex, "cri-o", true},
    {"", "crio-", "", Id::hex, "cri-o", true},
    {"", ":crio:", "", Id::hex, "cri-o", true},
    {"", "docker-", ".scope", Id::hex, "docker", false},
    {"", "libpod-", ".scope", Id::hex, "podman", false},
    {"", "libpod-", "", Id::hex, "podman", false},
    {"", "libpod-payload-", "", Id::hex, "podman", false},
    {"", "lxc.payload.", "", Id::word, "lxc", false},
    {"", "runc-", ".scope", Id::word, "runc", false},
    {"k8s.io", "", "", Id::word, "containerd", true},
    {"docker", "", "", Id::hex, "docker", false},
    {"pod", "", "", Id::hex, "kubernetes", true},
    {"", "", "", Id::hex, "oci", false},
};

bool isHexId(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<std::string_view> idBy(const Scheme& scheme, std::string_view parent,
                                     std::string_view name) {
  if (!parent.starts_with(scheme.parent)) return std::nullopt;
  if (!name.ends_with(scheme.suffix)) return std::nullopt;
  name.remove_suffix(scheme.suffix.size());

  const bool anywhere = scheme.prefix.starts_with(':');
  const size_t at = anywhere ? name.find(scheme.prefix) : 0;
  if (at == name.npos || !name.substr(at).starts_with(scheme.prefix)) return std::nullopt;
  name.remove_prefix(at + scheme.prefix.size());

  const bool fits = scheme.id == Id::hex ? isHexId(name) : !name.empty();
  return fits ? std::optional(name) : std::nullopt;
}

}  // namespace

std::optional<CgroupName> nameOfCgroup(std::string_view path) {
  std::string_view parent;
  bool inKubepods = false;
  for (size_t begin = 1; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    for (const Scheme& scheme : kSchemes) {
      const auto id = idBy(scheme, parent, name);
      if (!id) continue;
      return CgroupName{std::string(*id), scheme.runtime, std::string(path.substr(0, end)),
                        scheme.kubernetes || inKubepods};
    }
    inKubepods = inKubepods || name.starts_with("kubepods");
    parent = name;
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace swoll
