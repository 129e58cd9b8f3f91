// SPDX-License-Identifier: Apache-2.0
// Which containers a host has: the names of cgroups, made-up trees of /proc, and the CRI's word
// laid over them. Needs no root and no container.
#include "observer/proc/proc-observer.h"

#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "containers/topology.h"
#include "fake-host.h"
#include "observer/cgroup/cgroup-name.h"
#include "observer/proc/living.h"
#include "observer/proc/proc-fs.h"
#include "observer/proc/proc-observer.h"
#include "observer/snapshot.h"
#include "observer/units/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

// ---- cgroup names ----

void namesCgroups(void**) {
  static const struct {
    const char *path, *expected;
  } rows[] = {
      {"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" HEX64 ".scope",
       "containerd k8s " HEX64 " whole"},
      {"/kubepods.slice/kubepods-pod1.slice/crio-" HEX64 ".scope/container",
       "cri-o k8s " HEX64 " /kubepods.slice/kubepods-pod1.slice/crio-" HEX64 ".scope"},
      {"/kubepods/burstable/pod0a-1/crio-" HEX64, "cri-o k8s " HEX64 " whole"},
      {"/kubepods/burstable/pod0a-1/" HEX64, "kubernetes k8s " HEX64 " whole"},
      {"/kubepods.slice/kubepods-pod1.slice/docker-" HEX64 ".scope", "docker k8s " HEX64 " whole"},
      {"/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" HEX64,
       "containerd k8s " HEX64 " whole"},
      {"/system.slice/docker-" HEX64 ".scope", "docker " HEX64 " whole"},
      {"/docker/" HEX64, "docker " HEX64 " whole"},
      {"/docker/" HEX64 "/kubelet/kubepods/pod1/" HEX64B, "docker " HEX64 " /docker/" HEX64},
      {"/k8s.io/" HEX64, "containerd k8s " HEX64 " whole"},
      {"/k8s.io/by-hand/inner", "containerd k8s by-hand /k8s.io/by-hand"},
      {"/machine.slice/libpod-" HEX64 ".scope", "podman " HEX64 " whole"},
      {"/machine.slice/libpod-conmon-" HEX64 ".scope", ""},
      {"/libpod_parent/libpod-" HEX64, "podman " HEX64 " whole"},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX64 ".scope/container",
       "podman " HEX64 " /user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX64
       ".scope"},
      {"/lxc.payload.web/system.slice", "lxc web /lxc.payload.web"},
      {"/system.slice/runc-web.scope", "runc web whole"},
      {"/ecs/task/" HEX64, "oci " HEX64 " whole"},
      {"/system.slice/docker.service", ""},
      {"/docker/0123456789ABCDEF" HEX64, ""},
      // The kubelet's slices under kind: what this host started is the node.
      {"/system.slice/docker-" HEX64 ".scope/kubelet.slice/kubelet-kubepods.slice/"
       "kubelet-kubepods-pod1.slice/cri-containerd-" HEX64B ".scope",
       "docker " HEX64 " /system.slice/docker-" HEX64 ".scope"},
      {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1.slice/cri-containerd-" HEX64
       ".scope",
       "containerd k8s " HEX64 " whole"},
      {"/kubepods-burstable-pod1.slice:cri-containerd:" HEX64, "containerd k8s " HEX64 " whole"},
      {"/kubepods/besteffort/pod1/" HEX64 "/init.scope",
       "kubernetes k8s " HEX64 " /kubepods/besteffort/pod1/" HEX64},
      {"/kubepods/besteffort/pod1/crio-conmon-" HEX64, ""},
      {"/machine.slice/machine-libpod_pod_" HEX64B ".slice/libpod-" HEX64 ".scope/container",
       "podman " HEX64 " /machine.slice/machine-libpod_pod_" HEX64B ".slice/libpod-" HEX64
       ".scope"},
      {"/system.slice/web.service/libpod-payload-" HEX64, "podman " HEX64 " whole"},
      {"/system.slice/nerdctl-" HEX64 ".scope", "containerd " HEX64 " whole"},
      {"/default/" HEX64, "oci " HEX64 " whole"},
      {"/machine.slice/systemd-nspawn@my-box.service/payload/system.slice/a.service",
       "nspawn my-box /machine.slice/systemd-nspawn@my-box.service/payload"},
      {"/machine.slice/systemd-nspawn@box.service/supervisor", ""},
      {"/machine.slice/machine-my\\x2dbox.scope/payload", "nspawn my-box whole"},
      {"/machine.slice/machine-my\\x2dbox.scope", ""},
      {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt", ""},
      {"/lxc/web/init.scope", "lxc web /lxc/web"},
      {"/lxc.monitor.web", ""},
      {"/buildkit/abcdefghij0123456789abcde", "buildkit abcdefghij0123456789abcde whole"},
      {"/system.slice/docker-abcdefghij0123456789abcde.scope",
       "buildkit abcdefghij0123456789abcde whole"},
      {"/system.slice/docker.service/k8s.iox/word", ""},
      {"/k8s.io/..", ""},
      {"/web", ""},
      {"/k8s.io", ""},
      {"/k8s.io/", ""},
      {"/", ""},
      {"", ""},
  };
  for (const auto& row : rows) {
    const char* got = keep([&] {
      const auto name = nameOfCgroup(row.path);
      if (!name) return std::string();
      return std::string(name->runtime) + (name->kubernetes ? " k8s " : " ") + name->id + " " +
             (name->path == row.path ? "whole" : name->path);
    }());
    assert_string_equal(got, row.expected);
  }
}

void knowsFolders(void**) {
  static const char* const folders[] = {
      "/",
      "/k8s.io",
      "/init.scope",
      "/system.slice",
      "/system.slice/docker.service",
      "/system.slice/dev-hugepages.mount",
      "/user.slice/user-0.slice/session-1.scope",
      "/user.slice/user-1000.slice/user@1000.service/app.slice",
      "/kubepods",
      "/kubepods/burstable",
      "/kubepods/pod0a-1",
      "/kubepods/besteffort/pod0a-1",
      "/kubepods.slice/kubepods-burstable.slice",
      "/machine.slice/libpod-conmon-" HEX64 ".scope",
      "/machine.slice/machine-qemu\\x2d1.scope",
      "/lxc.monitor.web",
  };
  for (const char* path : folders)
    if (!isFolderName(path) || nameOfCgroup(path)) fail_msg("%s is a folder", path);
  for (const char* path : {"/web", "/system.slice/web.scope", "/burst/pod1", "/web/k8s.io"})
    if (isFolderName(path)) fail_msg("%s may be a container's", path);
}

// ---- what /proc shows ----

struct ScanCase {
  const char* what;
  std::vector<Process> processes;
  const char* expected;
};

const ScanCase kScans[] = {
    {"nothing but the host's own", {{20, kHost, "/system.slice/a.service"}}, ""},
    {"a container by its cgroup's name; its first process leads",
     {{40, 2000, "/docker/" HEX64, 90}, {50, 2000, "/docker/" HEX64, 70}},
     "cgroup " HEX64 "@/docker/" HEX64 " 50; "},
    {"within one clock tick pid 1 of the namespace leads",
     {{40, 2000, "/docker/" HEX64, 70, "b", "40\t2"},
      {50, 2000, "/docker/" HEX64, 70, "a", "50\t1"}},
     "cgroup " HEX64 "@/docker/" HEX64 " 50; "},
    {"hostPID: the cgroup alone tells",
     {{40, kHost, "/k8s.io/" HEX64}},
     "cgroup " HEX64 "@/k8s.io/" HEX64 " 40; "},
    {"several containers of one pod, in the host's namespace and in one of their own",
     {{40, kHost, "/kubepods/pod1/" HEX64},
      {41, kHost, "/kubepods/pod1/" HEX64B, 2},
      {42, kHost, "/kubepods/pod1/" HEX64B "/sub", 3}},
     "cgroup " HEX64 "@/kubepods/pod1/" HEX64 " 40; cgroup " HEX64B "@/kubepods/pod1/" HEX64B
     " 41; "},
    {"one pid namespace shared by two containers",
     {{40, 2000, "/k8s.io/" HEX64}, {41, 2000, "/k8s.io/" HEX64B}},
     "cgroup " HEX64 "@/k8s.io/" HEX64 " 40; cgroup " HEX64B "@/k8s.io/" HEX64B " 41; "},
    {"a container's own cgroups and namespaces are part of it",
     {{40, 2000, "/k8s.io/" HEX64 "/init.scope"}, {41, 2001, "/k8s.io/" HEX64 "/a/b", 2}},
     "cgroup " HEX64 "@/k8s.io/" HEX64 " 40; "},
    {"a process of a session that has entered a container's namespace is none",
     {{40, 2000, "/docker/" HEX64, 5, "app", "40\t1"},
      {41, 2000, "/user.slice/session-1.scope", 9, "sh", "41\t7"}},
     "cgroup " HEX64 "@/docker/" HEX64 " 40; "},
    {"likewise of a namespace that a pod's containers share",
     {{40, 2000, "/kubepods/pod1/" HEX64, 5, "app", "40\t1"},
      {41, 2000, "/kubepods/pod1/" HEX64B, 5, "app", "41\t2"},
      {42, 2000, "/", 9, "sh", "42\t7"}},
     "cgroup " HEX64 "@/kubepods/pod1/" HEX64 " 40; cgroup " HEX64B "@/kubepods/pod1/" HEX64B
     " 41; "},
    {"runc run web",
     {{40, 2000, "/web", 5, "app", "40\t1"}, {41, 2000, "/web", 6, "app", "41\t2"}},
     "cgroup web@/web 40; "},
    {"runc by a person, beside that person's shell",
     {{30, kHost, "/user.slice/user-0.slice/session-1.scope"},
      {40, 2000, "/user.slice/user-0.slice/web", 5, "app", "40\t1"}},
     "cgroup web@/user.slice/user-0.slice/web 40; "},
    {"runc with systemd inside: cgroups of its own below",
     {{40, 2000, "/web/init.scope", 5, "systemd", "40\t1"},
      {41, 2000, "/web/system.slice/b.service", 6, "b", "41\t9"}},
     "cgroup web@/web 40; "},
    {"runc with systemd inside that has just started",
     {{40, 2000, "/web/init.scope", 5, "systemd", "40\t1"}},
     "cgroup web@/web 40; "},
    {"a pid namespace made inside a runc container, in its cgroup and below",
     {{40, 2000, "/web", 5, "app", "40\t1"},
      {41, 2001, "/web", 6, "app", "41\t2\t1"},
      {42, 2002, "/web/sub", 7, "app", "42\t3\t1"}},
     "cgroup web@/web 40; "},
    {"a bare unshare --pid shares its parent's cgroup",
     {{40, kHost, "/user.slice/session-1.scope"},
      {41, 2000, "/user.slice/session-1.scope", 5, "sleep", "41\t1"}},
     "pidns pidns:2000@ 41; "},
    {"a bare unshare --pid in the root cgroup",
     {{41, 2000, "/", 5, "sleep", "41\t1"}},
     "pidns pidns:2000@ 41; "},
    {"its parent gone: a session is still no container",
     {{41, 2000, "/user.slice/session-1.scope", 5, "sleep", "41\t1"}},
     "pidns pidns:2000@ 41; "},
    {"two that share one cgroup",
     {{41, 2000, "/batch", 5, "a", "41\t1"}, {42, 2001, "/batch", 5, "b", "42\t1"}},
     "pidns pidns:2000@ 41; pidns pidns:2001@ 42; "},
    {"an engine inside a plain container is part of it",
     {{40, 2000, "/web/init.scope", 5, "systemd", "40\t1"},
      {41, 2001, "/web/docker/" HEX64, 6, "app", "41\t9\t1"}},
     "cgroup web@/web 40; "},
    {"likewise one of its containers that shares the plain container's namespace",
     {{40, 2000, "/web/init.scope", 5, "systemd", "40\t1"},
      {41, 2000, "/web/docker/" HEX64, 6, "app", "41\t9"}},
     "cgroup web@/web 40; "},
    {"beside a container in the host's namespace, a bare one is found",
     {{40, kHost, "/docker/" HEX64}, {41, 2000, "/", 5, "sleep", "41\t1"}},
     "cgroup " HEX64 "@/docker/" HEX64 " 40; pidns pidns:2000@ 41; "},
    {"runc between two steps is not shown as a bare namespace",
     {{40, kHost, "/", 5}, {41, 2000, "/", 5, "runc:[2:INIT]", "41\t1"}},
     ""},
    {"a process of the host that can't be looked into keeps a cgroup from being a container's",
     {{40, 0, "/job", 5, "sudo", "40"}, {41, 2000, "/job", 5, "sleep", "41\t1"}},
     "pidns pidns:2000@ 41; "},
    {"a process that vanishes meanwhile",
     {{40, 0, "/job", 5, "gone", ""}, {41, 2000, "/job", 5, "sleep", "41\t1"}},
     "cgroup job@/job 41; "},
    {"zombies and kernel threads are nobody",
     {{40, 2000, "/docker/" HEX64, 1, "dead", "", "Z"},
      {41, kHost, "/docker/" HEX64, 1, "vhost-9", "", "S", kKernelThread},
      {42, 2001, "/web", 1, "dead", "", "Z"}},
     ""},
    {"a name with brackets and spaces",
     {{41, 2000, "/", 5, "a) S (b", "41\t1"}},
     "pidns pidns:2000@ 41; "},
};

void findsContainers(void**) {
  for (const ScanCase& scan : kScans) {
    print_message("  %s\n", scan.what);
    const char* got = keep([&] {
      const Host host(scan.processes);
      ProcFs proc(host.root());
      const ProcScan found = ProcObserver(proc).scan();
      return found.problem + inWords(host, found.containers);
    }());
    assert_string_equal(got, scan.expected);
  }
}

// What two scans tell, with the change of a host between them.
std::string twice(const std::vector<Process>& before, const std::function<void(Host&)>& change) {
  Host host(before);
  ProcFs proc(host.root());
  ProcObserver observer(proc);
  const std::string first = inWords(host, observer.scan().containers);
  change(host);
  return first + "then " + inWords(host, observer.scan().containers);
}

void keepsIdentity(void**) {
  const Process web{40, 2000, "/web", 5, "app", "40\t1"};
  assert_string_equal(keep(twice({web},
                                 [](Host& h) {
                                   h.add({50, kHost, "/web", 9, "runc:[0:PARENT]", "50"});
                                 })),
                      "cgroup web@/web 40; then cgroup web@/web 40; ");
  assert_string_equal(keep(twice({web}, [](Host& h) { h.remove(40); })),
                      "cgroup web@/web 40; then ");
  // The same inode for another namespace, elsewhere.
  assert_string_equal(keep(twice({web},
                                 [](Host& h) {
                                   h.remove(40);
                                   h.add({60, 2000, "/", 99, "sleep", "60\t1"});
                                 })),
                      "cgroup web@/web 40; then pidns pidns:2000@ 60; ");
  // The same pid for another process of the container.
  assert_string_equal(keep(twice({{40, 2000, "/docker/" HEX64, 5}, {41, 2000, "/docker/" HEX64, 7}},
                                 [](Host& h) {
                                   h.remove(40);
                                   h.add({40, 2000, "/docker/" HEX64, 99});
                                 })),
                      "cgroup " HEX64 "@/docker/" HEX64
                      " 40; "
                      "then cgroup " HEX64 "@/docker/" HEX64 " 41; ");
}

// A pid namespace's number, used again between two looks: another container, with another handle.
void tellsNamespacesApart(void**) {
  static std::string text;
  [] {
    Host host({{40, 2000, "/", 5, "sleep", "40\t1"}});
    ProcFs proc(host.root());
    ProcObserver observer(proc);
    Topology topology;
    for (const uint64_t start : {5, 5, 99}) {
      host.remove(40);
      host.add({40, 2000, "/", start, "sleep", "40\t1"});
      topology.update(observer.scan().containers);
      for (const auto& [handle, known] : topology.containers())
        text += std::to_string(handle) + "=" + known.info.id + " ";
    }
  }();
  assert_string_equal(text.c_str(), "1=pidns:2000 1=pidns:2000 2=pidns:2000 ");
}

// ---- cgroup v1 ----

struct V1Case {
  const char* what;
  bool hasV2;
  std::vector<std::pair<Process, const char*>> processes;  // with /proc/PID/cgroup
  const char* expected;                                    // "source id@cgroup pid space; ..."
};

const V1Case kV1Cases[] = {
    {"side by side: v2 has the name",
     true,
     {{{40, 2000, "/docker/" HEX64, 5}, "4:memory:/elsewhere\n0::/docker/" HEX64 "\n"}},
     "cgroup " HEX64 "@/docker/" HEX64 " 40 2000; "},
    {"side by side, the runtime knows v1 alone: v2 shows the engine's service",
     true,
     {{{30, kHost, "/system.slice/docker.service", 4},
       "4:memory:/system.slice/docker.service\n0::/system.slice/docker.service\n"},
      {{40, 2000, "/system.slice/docker.service", 5},
       "4:memory:/docker/" HEX64 "\n0::/system.slice/docker.service\n"}},
     "cgroup " HEX64 "@ 40 2000; "},
    {"v1 alone: any controller's line tells",
     false,
     {{{40, 2000, "", 5}, "9:name=systemd:/\n4:cpu,cpuacct:/docker/" HEX64 "\n"},
      {{41, 2000, "", 6}, "4:memory:/docker/" HEX64 "\n"},
      {{42, 2001, "", 6}, "4:memory:/kubepods/burstable/pod1/" HEX64B "\n"}},
     "cgroup " HEX64 "@ 40 2000; cgroup " HEX64B "@ 42 2001; "},
    {"v1 alone: the host's namespace names nothing; an empty v2 line neither",
     false,
     {{{40, kHost, "", 5}, "4:memory:/docker/" HEX64 "\n0::/\n"},
      {{41, 2001, "", 6}, "4:memory:/docker/" HEX64B "\n0::/\n"}},
     "cgroup " HEX64B "@ 41 2001; "},
    {"the machine is a container itself: what all have tells nothing apart",
     false,
     {{{1, kHost, "", 0, "init", "1"}, "4:memory:/docker/" HEX64 "\n"},
      {{40, 2000, "", 5, "app", "40\t1"}, "4:memory:/docker/" HEX64 "/web\n"}},
     "pidns pidns:2000@ 40 2000; "},
};

void namesByV1(void**) {
  for (const V1Case& each : kV1Cases) {
    print_message("  %s\n", each.what);
    static std::string note;
    const char* got = keep([&] {
      Host host({});
      if (!each.hasV2) host.unmount();
      for (const auto& [process, cgroups] : each.processes) {
        host.remove(process.pid);
        host.add(process);
        host.setCgroups(process.pid, cgroups);
      }
      ProcFs proc(host.root());
      const ProcScan scan = ProcObserver(proc).scan();
      note = scan.note;
      std::string text = scan.problem;
      for (const Container& c : scan.containers)
        text += c.source + " " + c.id + "@" + c.cgroupPath + " " + std::to_string(c.pid) + " " +
                std::to_string(c.pidNamespace) + "; ";
      return text;
    }());
    assert_string_equal(got, each.expected);
    assert_int_equal(note.starts_with("no cgroup v2 to be seen"), !each.hasV2);
  }
}

void saysWhatItLacks(void**) {
  assert_string_equal(keep([] {
                        ProcFs proc("/nonexistent");
                        return ProcObserver(proc).scan().problem;
                      }()),
                      "cannot read /nonexistent/proc/1/ns/pid");
}

// ---- the CRI's word over it ----

Container named(const char* source, const char* id, uint64_t cgroupId) {
  Container c;
  c.source = source, c.id = id, c.cgroupId = cgroupId;
  return c;
}

void mergesBySource(void**) {
  const auto merged = [](CriView view, std::vector<Container> found) {
    std::string text;
    const auto isAlive = [&](const Container&) { return view.isCurrent; };
    for (const Container& c : mergeContainers(view, std::move(found), isAlive))
      text += c.source + " " + c.id + "; ";
    return text;
  };
  const auto view = [](bool current) {
    return CriView{{named("cri", "z", 1), named("cri", "a", 2)}, {"pause"}, current, true};
  };
  assert_string_equal(
      keep(merged(view(true), {named("cgroup", "a", 2), named("cgroup", "other-name", 1),
                               named("cgroup", "pause", 3), named("pidns", "pidns:7", 0)})),
      "cri a; pidns pidns:7; cri z; ");
  assert_string_equal(keep(merged(view(true), {})), "cri a; cri z; ");
  // The runtime is away: names stay with what lives, and nothing else does.
  assert_string_equal(
      keep(merged(view(false), {named("cgroup", "a", 2), named("cgroup", "pause", 3),
                                named("cgroup", "new", 4)})),
      "cri a; cgroup new; ");
}

// ---- namespaces whose numbers are another's by now ----

std::string livingOverTime() {
  Host host({{40, 2000, "/a", 5}});  // its mount namespace is 5040
  ProcFs proc(host.root());
  Living living(proc);
  KnownContainer known;
  known.handle = 1;
  known.info.pid = 40, known.info.startTime = 5, known.info.mountNamespace = 5040,
  known.info.pidNamespace = 2000;
  auto other = known;
  other.handle = 2, other.info.startTime = 4;
  auto young = known;
  young.handle = 3, young.info.pid = 0;
  std::string out;
  auto look = [&] {
    for (const auto& each : {known, other, young})
      for (auto kind : {NamespaceKind::mount, NamespaceKind::pid})
        out += living(each, kind) ? "yes " : "no ";
  };
  look();
  known.info.mountNamespace = 5041;  // it was in another one then
  look();
  host.remove(40);
  host.add({40, 2000, "/a", 99});  // the number and the namespace of the first
  look();
  known.info.startTime = 99, known.info.mountNamespace = 5040;  // it is the container's
  look();
  return out;
}
void knowsWhoLives(void**) {
  assert_string_equal(
      keep(livingOverTime()),
      "yes yes no no no no no yes no no no no no no no no no no yes yes no no no no ");
}

// Of each step, how many descriptors it holds.
std::string heldOpen() {
  Host host({{40, 2000, "/a", 5}, {41, 2001, "/b", 6}});
  ProcFs proc(host.root());
  Living living(proc);
  const auto open = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = open();
  std::map<ContainerHandle, KnownContainer> present;
  for (uint32_t n : {0, 1}) {
    KnownContainer& known = present[1 + n];
    known.handle = 1 + n;
    known.info.pid = 40 + n, known.info.startTime = 5 + n, known.info.pidNamespace = 2000 + n;
  }
  std::string out;
  const auto look = [&] {
    for (const auto& [handle, known] : present) living(known, NamespaceKind::pid);
    living.keep(present);
    out += std::to_string(open() - before) + " ";
  };
  look();
  present.erase(1);
  look();
  look();
  present.clear();
  look();
  return out;
}
void closesWhatHasLeft(void**) { assert_string_equal(keep(heldOpen()), "2 1 1 0 "); }

// ---- units ----

// "NAME=ID ...": those of a host with processes in these cgroups, and these containers.
std::string unitsOf(const std::vector<std::string>& cgroups,
                    const std::vector<Container>& containers = {}) {
  std::vector<Process> processes;
  for (const std::string& cgroup : cgroups)
    processes.push_back({uint32_t(40 + processes.size()), kHost, cgroup});
  const Host host(processes);
  ProcFs proc(host.root());
  std::string text;
  for (const Container& unit : outside(containers, findUnits(proc))) {
    text += unit.name + "=" + unit.id + " ";
    if (!unit.isUnit() || "/" + unit.id != unit.cgroupPath || unit.cgroupId == 0 ||
        unit.cgroupId != host.cgroupId(unit.cgroupPath))
      text += "!";
  }
  return text;
}

void findsUnits(void**) {
  static const struct {
    std::vector<std::string> cgroups;
    const char* expected;  // besides the host's init.scope
  } rows[] = {
      {{}, ""},
      {{"/system.slice/nginx.service"}, "nginx.service=system.slice/nginx.service "},
      {{"/system.slice/system-getty.slice/getty@tty1.service", "/system.slice/a\\x2db.service"},
       "a\\x2db.service=system.slice/a\\x2db.service "
       "getty@tty1.service=system.slice/system-getty.slice/getty@tty1.service "},
      // A unit's own cgroups are a part of it, unless it is a user's manager.
      {{"/system.slice/a.service/payload/system.slice/b.service",
        "/system.slice/a.service/system.slice/c.service"},
       "a.service=system.slice/a.service "},
      {{"/user.slice/user-1.slice/user@1.service/app.slice/x.scope"},
       "user@1.service=user.slice/user-1.slice/user@1.service "
       "x.scope=user.slice/user-1.slice/user@1.service/app.slice/x.scope "},
      // Slices, mounts and others' folders are none.
      {{"/system.slice", "/system.slice/tmp.mount", "/else/x.service", "/.service.d"}, ""},
      // Containers are none, whatever runs in them.
      {{"/system.slice/docker-" HEX64 ".scope/system.slice/ssh.service",
        "/kubepods.slice/kubepods-pod1.slice/x.scope", "/docker/" HEX64 "/system.slice/y.service",
        "/machine.slice/libpod-conmon-" HEX64 ".scope"},
       "libpod-conmon-" HEX64 ".scope=machine.slice/libpod-conmon-" HEX64 ".scope "},
  };
  for (const auto& row : rows)
    assert_string_equal(keep(unitsOf(row.cgroups)),
                        keep(std::string("init.scope=init.scope ") + row.expected));
  Container machine;
  machine.cgroupPath = "/machine.slice/web.scope";
  assert_string_equal(keep(unitsOf({"/machine.slice/web.scope", "/machine.slice/web.scope.service"},
                                   {Container(), machine})),
                      "init.scope=init.scope "
                      "web.scope.service=machine.slice/web.scope.service ");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(namesCgroups),      cmocka_unit_test(findsContainers),
      cmocka_unit_test(keepsIdentity),     cmocka_unit_test(saysWhatItLacks),
      cmocka_unit_test(mergesBySource),    cmocka_unit_test(knowsFolders),
      cmocka_unit_test(namesByV1),         cmocka_unit_test(tellsNamespacesApart),
      cmocka_unit_test(findsUnits),        cmocka_unit_test(knowsWhoLives),
      cmocka_unit_test(closesWhatHasLeft),
  };
  return cmocka_run_group_tests_name("observer", tests, nullptr, nullptr);
}
