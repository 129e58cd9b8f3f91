// SPDX-License-Identifier: Apache-2.0
#include "observer/cgroup/cgroup-name.h"

#include <algorithm>

#include "containers/container.h"

namespace swoll {
namespace {

// 64 hexadecimal digits; 25 of BuildKit's small letters and digits; anything; anything, with
// systemd's "\x2d" in it.
enum class Id { hex, build, word, unit };

// One way to name a container's cgroup: PARENT/PREFIX id SUFFIX. A prefix that starts with ':' may
// stand anywhere in the name: what a runtime makes of "slice:prefix:id" under the cgroupfs driver.
struct Scheme {
  std::string_view parent;  // the name of the cgroup above; empty: any; "pod*": how it starts
  std::string_view prefix;
  std::string_view suffix;
  Id id;
  std::string_view runtime;
  bool kubernetes = false;
  std::string_view child = {};  // the part below that is the container, where it is not the whole
};

constexpr Scheme kSchemes[] = {
    {"", "cri-containerd-", ".scope", Id::hex, "containerd", true},
    {"", ":cri-containerd:", "", Id::hex, "containerd", true},
    {"", "nerdctl-", ".scope", Id::hex, "containerd"},
    {"", ":nerdctl:", "", Id::hex, "containerd"},
    {"", "crio-", ".scope", Id::hex, "cri-o", true},
    {"", "crio-", "", Id::hex, "cri-o", true},
    {"", ":crio:", "", Id::hex, "cri-o", true},
    {"", "docker-", ".scope", Id::hex, "docker"},
    {"", ":docker:", "", Id::hex, "docker"},
    {"", "docker-", ".scope", Id::build, "buildkit"},
    {"", "libpod-", ".scope", Id::hex, "podman"},
    {"", "libpod-", "", Id::hex, "podman"},
    {"", "libpod-payload-", "", Id::hex, "podman"},
    {"", "lxc.payload.", "", Id::word, "lxc"},
    {"lxc.payload", "", "", Id::word, "lxc"},
    {"lxc", "", "", Id::word, "lxc"},
    {"machine.slice", "systemd-nspawn@", ".service", Id::unit, "nspawn", false, "payload"},
    {"machine.slice", "machine-", ".scope", Id::unit, "nspawn", false, "payload"},
    {"", "buildkit-", ".scope", Id::word, "buildkit"},
    {"buildkit", "", "", Id::word, "buildkit"},
    {"", "runc-", ".scope", Id::word, "runc"},
    {"k8s.io", "", "", Id::word, "containerd", true},
    {"docker", "", "", Id::hex, "docker"},
    {"pod*", "", "", Id::hex, "kubernetes", true},
    {"", "", "", Id::hex, "oci"},
};

// Names that are never a container's own cgroup.
struct Folder {
  std::string_view parent;  // as above
  std::string_view prefix;
  std::string_view suffix;
};

constexpr Folder kFolders[] = {
    {"", "", ".slice"},
    {"", "", ".service"},
    {"", "", ".mount"},
    {"", "", ".socket"},
    {"", "", ".swap"},
    {"", "session-", ".scope"},
    {"", "init.scope", ""},
    {"", "crio-conmon-", ""},
    {"", "libpod-conmon-", ""},
    {"", "lxc.monitor", ""},
    {"", "machine-qemu", ""},
    {"machine-*", "supervisor", ""},
    {"", "kubepods", ""},
    {"kubepods*", "burstable", ""},
    {"kubepods*", "besteffort", ""},
    {"kubepods*", "pod", ""},
    {"burstable", "pod", ""},
    {"besteffort", "pod", ""},
};
// Parents of containers, right below the root.
constexpr std::string_view kTops[] = {"/k8s.io",   "/docker",        "/lxc",    "/lxc.payload",
                                      "/buildkit", "/libpod_parent", "/machine"};

bool isLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool fits(Id kind, std::string_view id) {
  switch (kind) {
    case Id::hex:
      return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == id.npos;
    case Id::build:
      return id.size() == 25 && std::all_of(id.begin(), id.end(), isLetterOrDigit);
    default:
      return !id.empty() && id != "." && id != "..";
  }
}

bool matchesParent(std::string_view pattern, std::string_view parent) {
  if (!pattern.ends_with('*')) return pattern.empty() || pattern == parent;
  pattern.remove_suffix(1);
  return parent.starts_with(pattern);
}

std::optional<std::string_view> idBy(const Scheme& scheme, std::string_view parent,
                                     std::string_view name) {
  if (!matchesParent(scheme.parent, parent) || !name.ends_with(scheme.suffix)) return std::nullopt;
  name.remove_suffix(scheme.suffix.size());

  const bool anywhere = scheme.prefix.starts_with(':');
  const size_t at = anywhere ? name.find(scheme.prefix) : 0;
  if (at == name.npos || !name.substr(at).starts_with(scheme.prefix)) return std::nullopt;
  name.remove_prefix(at + scheme.prefix.size());
  return fits(scheme.id, name) ? std::optional(name) : std::nullopt;
}

// What systemd escapes in a unit's name: "my\x2dbox" is "my-box".
std::string plainUnit(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string plain;
  for (size_t i = 0; i < name.size(); ++i) {
    const std::string_view code = name.substr(i, 4);
    const bool escaped = code.size() == 4 && code.starts_with("\\x") &&
                         code.find_first_not_of(kDigits, 2) == code.npos;
    plain +=
        escaped ? static_cast<char>(kDigits.find(code[2]) * 16 + kDigits.find(code[3])) : name[i];
    if (escaped) i += 3;
  }
  return plain;
}

// The end of the container's own cgroup, when its unit ends at `end`; none: it isn't in there.
std::optional<size_t> endOf(const Scheme& scheme, std::string_view path, size_t end) {
  if (scheme.child.empty()) return end;
  const std::string_view below = path.substr(std::min(end + 1, path.size()));
  if (!isWithin(below, scheme.child)) return std::nullopt;
  return end + 1 + scheme.child.size();
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
      const auto own = id ? endOf(scheme, path, end) : std::nullopt;
      if (!own) continue;
      return CgroupName{scheme.id == Id::unit ? plainUnit(*id) : std::string(*id), scheme.runtime,
                        std::string(path.substr(0, *own)), scheme.kubernetes || inKubepods};
    }
    inKubepods = inKubepods || name.starts_with("kubepods") || name.starts_with("kubelet-kubepods");
    parent = name;
    begin = end + 1;
  }
  return std::nullopt;
}

bool isFolderName(std::string_view path) {
  if (path.size() <= 1) return true;  // the root
  if (std::find(std::begin(kTops), std::end(kTops), path) != std::end(kTops)) return true;
  const size_t slash = path.rfind('/');
  const std::string_view name = path.substr(slash + 1);
  std::string_view parent = path.substr(0, slash == path.npos ? 0 : slash);
  parent = parent.substr(parent.rfind('/') + 1);
  return std::any_of(std::begin(kFolders), std::end(kFolders), [&](const Folder& folder) {
    return matchesParent(folder.parent, parent) && name.starts_with(folder.prefix) &&
           name.ends_with(folder.suffix);
  });
}

CgroupPlace placeIn(std::string_view text) {
  CgroupPlace place;
  std::optional<CgroupName> v1;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t first = line.find(':');  // "4:memory:/path"; v2: "0::/path"
    const size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view path = line.substr(second + 1);
    if (!path.starts_with('/')) continue;
    if (line.starts_with("0::"))
      place.path = path;
    else if (!v1)
      v1 = nameOfCgroup(path);
  }
  place.name = nameOfCgroup(place.path);
  place.byV1 = !place.name && v1;
  if (place.byV1) place.name = std::move(v1);
  return place;
}

}  // namespace swoll
