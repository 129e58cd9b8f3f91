// SPDX-License-Identifier: Apache-2.0
// Handles of containers: given once, found after departure, never given again.
#include "containers/topology.h"

#include <string>

#include "fake-kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

Container container(const std::string& id, uint64_t cgroupId, uint32_t pidNamespace = 0) {
  Container c;
  c.id = id, c.pod = "pod-" + id, c.cgroupId = cgroupId, c.pidNamespace = pidNamespace;
  c.source = "cri", c.phase = "Running";
  return c;
}

Container phased(Container c, const char* phase) { return c.phase = phase, c; }
Container labeled(Container c, const char* app) { return c.labels = {{"app", app}}, c; }
Container spaced(Container c, const char* nameSpace) { return c.nameSpace = nameSpace, c; }
Container from(Container c, const char* source) { return c.source = source, c; }

// "1=a 2=b(hidden)".
std::string inWords(const Topology& topology) {
  std::string out;
  for (const auto& [handle, known] : topology.containers()) {
    out += (out.empty() ? "" : " ") + std::to_string(handle) + "=" + known.info.id;
    if (known.hidden) out += "(hidden)";
    if (known.handle != handle) out += "!handle";
  }
  return out;
}

struct Step {
  std::vector<Container> now;
  bool changed;
  const char* expected;
};

const Step steps[] = {
    {{}, false, ""},
    {{container("a", 1)}, true, "1=a"},
    {{container("a", 1)}, false, "1=a"},
    {{container("a", 1), container("b", 2)}, true, "1=a 2=b"},
    {{container("b", 2), container("a", 1)}, false, "1=a 2=b"},  // order says nothing
    {{phased(container("a", 1), "Stopped"), container("b", 2)}, true, "1=a 2=b"},
    {{container("b", 2)}, true, "2=b"},
    // The same inode under another id, the same id with another cgroup: others.
    {{container("c", 2)}, true, "3=c"},
    {{container("c", 5)}, true, "4=c"},
    {{container("a", 1), container("c", 5)}, true, "4=c 5=a"},
    // A pid namespace is who it is only for a container without a cgroup.
    {{container("a", 1, 77), container("c", 5)}, true, "4=c 5=a"},
    {{container("p", 0, 77)}, true, "6=p"},
    {{container("p", 0, 78)}, true, "7=p"},
    {{container("x", 9), container("x", 9)}, true, "8=x"},  // told twice, there once
};

std::string walk() {
  Topology topology;
  for (const Step& step : steps) {
    bool changed = !topology.update(step.now).empty();
    if (changed != step.changed) return "changed at " + inWords(topology);
    if (inWords(topology) != step.expected) return inWords(topology) + ", not " + step.expected;
  }
  for (ContainerHandle handle = 1; handle <= 7; handle++)
    if (!topology.find(handle)) return "departed " + std::to_string(handle) + " is not found";
  if (topology.find(1)->info.id != "a" || topology.find(3)->info.id != "c") return "other names";
  if (topology.find(0) || topology.find(99)) return "found what never was";
  return "";
}

void givesHandlesOnce(void**) { assert_string_equal(keep(walk()), ""); }

// Containers come and go; the one that leaves last is remembered longest, however old it is.
std::string manyDepart() {
  Topology topology;
  Container old = container("old", 1);
  topology.update({old});
  for (uint64_t i = 2; i < 6000; i++) topology.update({old, container("c", i)});
  topology.update({});
  std::string wrong;
  if (!topology.find(1)) wrong += "the oldest is forgotten as it leaves; ";
  if (!topology.find(5999)) wrong += "the last is forgotten; ";
  if (topology.find(2)) wrong += "nothing is ever forgotten; ";
  size_t known = 0;
  for (ContainerHandle handle = 1; handle < 6000; handle++)
    known += topology.find(handle) != nullptr;
  if (known != 4096) wrong += std::to_string(known) + " are known";
  return wrong;
}

void forgetsInOrderOfDeparture(void**) { assert_string_equal(keep(manyDepart()), ""); }

NodeSelector selector(const char* labels, const char* fields, const char* nameSpace = "") {
  return {*Selector::parseLabels(labels), *Selector::parseFields(fields), nameSpace, "node-a"};
}

struct Hiding {
  const char *labels, *fields, *nameSpace;
  const char* expected;
};

std::string hidden(const Hiding& row) {
  Topology topology;
  bool changed = !topology.select(selector(row.labels, row.fields, row.nameSpace)).empty();
  if (changed) return "nothing is there to change";
  topology.update({labeled(container("a", 1), "web"), labeled(container("b", 2), "db"),
                   phased(container("c", 3), "Stopped"), spaced(container("d", 4), "kube-system"),
                   from(phased(container("e", 5), ""), "cgroup")});
  return inWords(topology);
}

void hidesContainers(void**) {
  static const Hiding rows[] = {
      {"", "", "", "1=a 2=b 3=c 4=d 5=e"},
      {"app=web", "", "", "1=a 2=b(hidden) 3=c(hidden) 4=d(hidden) 5=e(hidden)"},
      // Fields are Kubernetes'; a container that no runtime named has none to test.
      {"", "status.phase=Running", "", "1=a 2=b 3=c(hidden) 4=d 5=e"},
      {"", "", "kube-system", "1=a(hidden) 2=b(hidden) 3=c(hidden) 4=d 5=e(hidden)"},
      {"", "spec.nodeName=node-b", "", "1=a(hidden) 2=b(hidden) 3=c(hidden) 4=d(hidden) 5=e"},
      {"app!=db", "spec.nodeName=node-a", "", "1=a 2=b(hidden) 3=c 4=d 5=e"},
  };
  for (const auto& row : rows) assert_string_equal(keep(hidden(row)), row.expected);
}

std::string changeSides() {
  Topology topology;
  topology.update({labeled(container("a", 1), "web"), labeled(container("b", 2), "db")});
  std::string out;
  auto select = [&](const char* labels) {
    out += topology.select(selector(labels, "")).empty() ? "same: " : "changed: ";
    out += inWords(topology) + "; ";
  };
  select("app=web");
  select("app in (web)");
  select("");
  topology.select(selector("app=web", ""));
  // A label that changes moves it as well.
  out +=
      topology.update({labeled(container("a", 1), "db"), labeled(container("b", 2), "web")}).empty()
          ? "same: "
          : "changed: ";
  return out + inWords(topology);
}

void tellsWhoChangedSides(void**) {
  assert_string_equal(keep(changeSides()),
                      "changed: 1=a 2=b(hidden); same: 1=a 2=b(hidden); changed: 1=a 2=b; "
                      "changed: 1=a(hidden) 2=b");
}

// ---- in whose namespaces ----

Container spaces(const char* id, uint64_t cgroupId, uint32_t pid, uint32_t mount) {
  Container c = container(id, cgroupId, pid);
  c.mountNamespace = mount;
  return c;
}

// Host: pid 1, mount 2. Containers 1 to 7, whose pid and mount namespaces are
const Container inSpaces[] = {
    spaces("own", 11, 10, 20),
    spaces("hostpid", 12, 1, 21),
    spaces("shared-a", 13, 13, 23),
    spaces("shared-b", 14, 13, 24),
    spaces("bare", 0, 15, 2),
    labeled(spaces("hidden", 16, 16, 26), "secret"),
    from(spaces("unit", 17, 17, 27), "systemd"),
};

struct Acting {
  uint32_t pid, mount;
  ContainerHandle charged;
  const char* expected;  // "": nobody
};

std::string actingIn(const Topology& topology, const Acting& row) {
  const KnownContainer* known = topology.acting(row.pid, row.mount, row.charged);
  return known ? known->info.id : "";
}

void tellsWhoActs(void**) {
  static const Acting rows[] = {
      {1, 2, 0, ""},
      {10, 20, 0, "own"},
      {10, 20, 1, ""},
      {10, 20, 2, "own"},
      {1, 20, 0, "own"},
      {10, 2, 0, "own"},
      {10, 20, 99, "own"},  // charged to one that is gone
      // The mount namespace comes first, unless it is the charged one's.
      {10, 21, 0, "hostpid"},
      {10, 21, 2, "own"},
      {10, 21, 1, "hostpid"},
      // The host's namespaces name nobody, nor do those of several.
      {1, 21, 2, ""},
      {15, 2, 0, "bare"},
      {15, 2, 5, ""},
      {13, 2, 0, ""},
      {13, 24, 0, "shared-b"},
      {13, 24, 4, ""},
      {13, 23, 4, "shared-a"},
      // Nobody's that is known, hidden, or no container's.
      {98, 99, 1, ""},
      {16, 26, 0, ""},
      {16, 20, 0, "own"},
      {17, 27, 0, ""},
      {0, 0, 0, ""},
  };
  static Topology topology;
  topology.setHostNamespaces(1, 2);
  topology.select(selector("app!=secret", ""));
  for (const auto& c : inSpaces) {
    static std::vector<Container> all;  // one by one, for known handles
    all.push_back(c);
    topology.update(all);
  }
  for (const auto& row : rows) assert_string_equal(keep(actingIn(topology, row)), row.expected);
}

// Who comes, moves and goes: the last word counts.
std::string actingOverTime() {
  Topology topology;
  std::string out;
  auto step = [&](const std::vector<Container>& now) {
    topology.update(now);
    for (uint32_t mount : {20, 21}) out += actingIn(topology, {7, mount, 0, ""}) + ",";
    out += " ";
  };
  step({spaces("a", 1, 10, 20)});  // the host's own are not known yet
  topology.setHostNamespaces(1, 2);
  step({spaces("a", 1, 10, 20)});
  step({spaces("a", 1, 10, 20), spaces("b", 2, 11, 20)});
  step({spaces("a", 1, 10, 21), spaces("b", 2, 11, 20)});
  step({spaces("b", 2, 11, 20)});
  step({spaces("c", 2, 11, 20)});
  step({});
  return out;
}

// The number of a namespace is another's as soon as it is free.
void takesNoNamespaceFromTheDead(void**) {
  static std::string out, alive = "ab";
  [] {
    Topology topology;
    topology.setHostNamespaces(1, 2);
    topology.update({spaces("a", 1, 10, 20), spaces("b", 2, 11, 21)});
    topology.setLiving([](const KnownContainer& known, NamespaceKind) {
      return alive.find(known.info.id) != alive.npos;
    });
    for (const char* now : {"ab", "b", "", "c"}) {
      alive = now;
      if (alive == "c")  // has all that was a's, which is still listed
        topology.update({spaces("a", 1, 10, 20), spaces("b", 2, 11, 21), spaces("c", 3, 10, 20)});
      // The last: its pid namespace may still tell who acts.
      for (const Acting& row :
           {Acting{1, 20, 0, ""}, {10, 2, 0, ""}, {1, 21, 0, ""}, {11, 20, 0, ""}})
        out += actingIn(topology, row) + ",";
      out += " ";
    }
  }();
  assert_string_equal(out.c_str(), "a,a,b,a, ,,b,b, ,,,, c,c,,c, ");
}

void followsNamespaces(void**) {
  assert_string_equal(keep(actingOverTime()), ",, a,, ,, b,a, b,, c,, ,, ");
}

// ---- units ----

std::string units() {
  Topology topology;
  topology.select(selector("app=web", "", "nowhere"));
  topology.update({from(container("u", 1), "systemd"), container("c", 2)});
  std::string out;
  for (const auto& [handle, known] : topology.containers())
    out += known.info.id + (known.hidden ? " hidden" : "") + (isUnit(handle) ? " unit" : "") +
           (isContainer(handle) ? " container; " : "; ");
  topology.update({});
  return out + (topology.find(SWOLL_UNIT | 1) || topology.find(SWOLL_UNIT | 2) ? "known" : "lost");
}

void marksUnits(void**) { assert_string_equal(keep(units()), "c hidden container; u unit; known"); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(givesHandlesOnce),
      cmocka_unit_test(forgetsInOrderOfDeparture),
      cmocka_unit_test(hidesContainers),
      cmocka_unit_test(tellsWhoChangedSides),
      cmocka_unit_test(tellsWhoActs),
      cmocka_unit_test(followsNamespaces),
      cmocka_unit_test(takesNoNamespaceFromTheDead),
      cmocka_unit_test(marksUnits),
  };
  return cmocka_run_group_tests_name("topology", tests, nullptr, nullptr);
}
