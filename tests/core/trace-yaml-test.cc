// SPDX-License-Identifier: Apache-2.0
// Traces as YAML: what is read, how errors name their place, and that what is written is read back.
#include "trace/files/trace-yaml.h"

#include <chrono>
#include <string>

#include "keep.h"
#include "trace/compiled-trace.h"
#include "trace/files/yaml-node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

const std::string head = "apiVersion: tools.swoll.criticalstack.com/v1alpha1\nkind: Trace\n";

// The seeds' own.
const std::string seed = head + R"(metadata: {name: trace-nginx-hosts, namespace: swoll}
spec:
  syscalls: [connect, accept4, bind, listen, execve, openat]
  labelSelector: {matchLabels: {app: nginx}, matchExpressions: []}
  fieldSelector: {matchLabels: {status.phase: Running}}
  hostSelector: []
  duration: 5m
  sampleRate: 1
)";

std::string first(const std::string& text) {
  auto parsed = parseTraces("f", text);
  return parsed ? writeTrace(parsed->front().spec) : parsed.error();
}

std::string readsSeed() {
  auto parsed = parseTraces("f", seed);
  if (!parsed) return parsed.error();
  const TraceSpec& s = parsed->front().spec;
  return s.name + " " + s.nameSpace + " " + std::to_string(s.syscalls.size()) + " " +
         s.labelSelector + " " + s.fieldSelector + " " + std::to_string(s.duration) + " " +
         std::to_string(s.sampleRate) + " " + parsed->front().where;
}

void readsTheSeedsForm(void**) {
  assert_string_equal(
      keep(readsSeed()),
      "trace-nginx-hosts swoll 6 app=nginx status.phase=Running 300000000000 1 f:1");
}

// Every member of a spec, none with its default.
TraceSpec everything() {
  TraceSpec s;
  s.name = "all", s.syscalls = {"openat", "@Network", "!close"}, s.nameSpace = "swoll";
  s.labelSelector = "a=b,c!=d,e in (f,g),h notin (i,j),k,!l,m=";
  s.fieldSelector = "status.phase=Running,container.image!=nginx:1,metadata.name=a\\,b";
  s.pod = "p*", s.container = "c \"q\" \\ #x", s.comm = "0x1", s.uid = 0, s.pid = 7;
  s.errors = {"ENOENT", "none"}, s.minLatency = 1'500'000, s.sampleRate = 3;
  s.duration = 5'400'000'000'000, s.journal = false, s.hostSelector = {"node-a", "1"};
  s.args = {{"pathname", "/etc/*"}, {"flags", "O_RDONLY|*"}}, s.rate = 100;
  s.addContainers = {"web/nginx", "0123"}, s.removeContainers = {"swoll/web/nginx"};
  return s;
}
TraceSpec others() {
  TraceSpec s;
  s.name = "others", s.syscalls = {"all"}, s.host = true, s.labelSelector = "";
  return s;
}

std::string roundTrip(const TraceSpec& spec) {
  auto parsed = parseTraces("f", writeTrace(spec));
  if (!parsed) return parsed.error() + "\n" + writeTrace(spec);
  return canonical(parsed->front().spec) == canonical(spec) ? "same" : writeTrace(spec);
}

void readsWhatItWrote(void**) {
  TraceSpec space = others(), cgroup = others(), numbers = others();
  space.host = false, space.pidNamespace = 4026531836;
  cgroup.host = false, cgroup.cgroup = "/system.slice/a b.service";
  numbers.host = false, numbers.labelSelector = "a>1,b";
  for (const TraceSpec& spec : {everything(), others(), space, cgroup, numbers})
    assert_string_equal(keep(roundTrip(spec)), "same");
}

std::string status() {
  auto parsed = parseTraces("f", writeTrace(others(), TraceStatus{-5, 9, 1000}));
  if (!parsed) return parsed.error();
  const TraceStatus& s = *parsed->front().status;
  return std::to_string(s.created) + " " + std::to_string(s.expires) + " " +
         std::to_string(s.owner);
}

void keepsStatus(void**) { assert_string_equal(keep(status()), "-5 9 1000"); }

// Each key alone, as people write it; the error, or what it comes to.
void readsValues(void**) {
  static const struct {
    const char *line, *expected;
  } rows[] = {
      {"duration: 1h30m", "  duration: 90m\n"},
      {"duration: 500ms", "  duration: 500ms\n"},
      {"duration: 5",
       "f:5:13: duration: '5' is not a duration; write a number with ns, us, ms, s, "
       "m, h or d, as '5m'"},
      {"duration: [5m]", "f:5:13: duration must be a plain value, not a list"},
      {"sampleRate: 10", "  sampleRate: 10\n"},
      {"sampleRate: ten", "f:5:15: sampleRate: 'ten' is not a whole number that fits"},
      {"sampleRate: -1", "f:5:15: sampleRate: '-1' is not a whole number that fits"},
      {"sampleRate: 99999999999",
       "f:5:15: sampleRate: '99999999999' is not a whole number that fits"},
      {"sampleRate: '1'", "f:5:15: sampleRate: '1' is not a whole number that fits"},
      {"rate: 100/s", "  rate: 100/s\n"},
      {"rate: 100", "  rate: 100/s\n"},
      {"rate: 0/s", "f:5:9: rate: '0/s' is not N/s, events per second"},
      {"rate: 0", "f:5:9: rate: '0' is not N/s, events per second"},
      {"rate: 100/m", "f:5:9: rate: '100/m' is not N/s, events per second"},
      {"host: yes", "  host: true\n"},
      {"host: maybe", "f:5:9: host: 'maybe' is neither true nor false"},
      {"journal: false", "  journal: false\n"},
      {"errno: ENOENT, EPERM", "  errno: [ENOENT, EPERM]\n"},
      {"errno: [ENOENTT]", "f:1:1: unknown errno 'ENOENTT'; did you mean 'ENOENT'?"},
      {"uid: 0", "  uid: 0\n"},
      {"minLatency: 1.5ms", "  minLatency: 1500us\n"},
      {"comm: ~", ""},
      {"comm: 123", "  comm: \"123\"\n"},
      {"labelSelector:", ""},
      {"labelSelector: {}", ""},
      {"labelSelector: a=b,c",
       "  labelSelector:\n    matchLabels: {a: b}\n    matchExpressions:\n"
       "      - {key: c, operator: Exists}\n"},
      {"labelSelector: a=b,", "f:5:18: bad selector 'a=b,': expected a key at its end"},
      {"labelSelector: {matchLabels: {a: }}", "  labelSelector:\n    matchLabels: {a: \"\"}\n"},
      {"labelSelector: {matchLabels: {'x,y': z}}", "f:5:33: bad requirement 'x,y=z'"},
      {"labelSelector: {matchLabels: {a: 'b,c'}}", "f:5:33: bad requirement 'a=b,c'"},
      {"labelSelector: {matchLabel: {a: b}}",
       "f:5:19: unknown key 'matchLabel'; did you mean 'matchLabels'? (in labelSelector)"},
      {"labelSelector: {matchExpressions: [{key: a, operator: Inn, values: [b]}]}",
       "f:5:57: unknown operator 'Inn'; did you mean 'In'?"},
      {"labelSelector: {matchExpressions: [{key: a, operator: In}]}",
       "f:5:38: In and NotIn need values"},
      {"labelSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
       "f:5:38: Exists and DoesNotExist take no values"},
      {"labelSelector: {matchExpressions: [{operator: Exists}]}",
       "f:5:38: an expression needs a key and an operator"},
      {"fieldSelector: {matchLabels: {status.fase: x}}",
       "f:5:33: unknown field 'status.fase'; did you mean 'status.phase'?"},
      {"fieldSelector: {matchExpressions: [{key: status.phase, operator: Exists}]}",
       "f:5:38: only In and NotIn with one value compare fields"},
      {"args: {pathname: /etc/*}", "  args: {pathname: \"/etc/*\"}\n"},
      {"args: {pathnam: x}",
       "f:1:1: unknown argument of these events 'pathnam'; did you mean "
       "'pathname'?"},
      {"sycalls: [openat]", "f:5:3: unknown key 'sycalls'; did you mean 'syscalls'? (in spec)"},
      {"syscalls: [close]", "f:5:3: key 'syscalls' is there twice"},
      {"pod: &x a", "f:5:8: anchors and aliases are not taken"},
      {"pod: *x", "f:5:8: the referenced anchor is not defined"},
      {"pod: !!binary aGk=", "f:5:8: tags are not taken"},
      {"addContainers: [a//b]",
       "f:1:1: bad container 'a//b': expected POD/CONTAINER, NAMESPACE/POD/CONTAINER or an id"},
      {"pod: \"a\\nb\"", "f:1:1: not one line of UTF-8 text, in the pod"},
      {"hostSelector: node-a", "  hostSelector: [node-a]\n"},
  };
  for (const auto& row : rows) {
    std::string text = head + "spec:\n  syscalls: [openat]\n  " + row.line + "\n";
    std::string got = first(text);
    std::string common = head + "metadata:\nspec:\n  syscalls: [openat]\n";
    if (got.starts_with(common)) got = got.substr(common.size());
    assert_string_equal(keep(got), row.expected);
  }
}

// Files that are no traces.
void refusesOthers(void**) {
  static const struct {
    std::string text;
    const char* expected;
  } rows[] = {
      {"", "f: holds no trace"},
      {"---\n---\n", "f: holds no trace"},
      {"# nothing\n", "f: holds no trace"},
      {"- a\n", "f:1:1: a trace must be a map, not a list"},
      {"hello\n", "f:1:1: a trace must be a map, not a plain value"},
      {"{}\n", "f:1:1: key 'apiVersion' is missing"},
      {head, "f:1:1: key 'spec' is missing"},
      {head + "spec: {}\n",
       "f:1:1: no system calls given; name some, such as 'openat,@Network' or 'all'"},
      {head + "spec: [a]\n", "f:3:7: spec must be a map, not a list"},
      {"kind: Pod\n", "f:1:7: kind must be Trace, not 'Pod'"},
      {"apiVersion: v1\n",
       "f:1:13: apiVersion must be tools.swoll.criticalstack.com/v1alpha1, not 'v1'"},
      {seed + "---\n" + seed, "f:12:1: trace 'trace-nginx-hosts' is there twice"},
      {"a: [\n", nullptr},
      {"a: 'b\n", nullptr},
      {std::string("a: \0b", 5), "f: not UTF-8 text"},
      {"a: \xff\n", "f: not UTF-8 text"},
      {std::string(100000, '['), nullptr},
      {std::string(100000, '{'), nullptr},
      {std::string(10'000'000, 'a'), "f: larger than 1 MiB"},
      {"[" +
           [] {
             std::string many;
             for (int i = 0; i < 200'000; i++) many += "a,";
             return many;
           }() +
           "]",
       "f:1:200000: more than 100000 values"},
  };
  for (const auto& row : rows) {
    auto parsed = parseTraces("f", row.text);
    assert_false(bool(parsed));
    if (row.expected) assert_string_equal(keep(parsed.error()), row.expected);
    assert_true(parsed.error().size() < 2000);
    assert_true(parsed.error().find('\n') == std::string::npos);
  }
}

// "Billion laughs": nine levels of aliases are refused at the first anchor, at once.
void refusesBombs(void**) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'j'; c++)
    bomb += std::string(1, c) + ": &" + c + " [*" + char(c - 1) + ",*" + char(c - 1) + "]\n";
  assert_string_equal(keep(first(bomb)), "f:1:4: anchors and aliases are not taken");
}

// What is small and costly to other readers must not be so here.
void takesNoLongerThanItsSize(void**) {
  const std::string texts[] = {std::string(mostYaml, '{'),
                               std::string(mostYaml, '-'),
                               std::string(mostYaml, '?'),
                               std::string(mostYaml, '\n'),
                               [] {
                                 std::string many;
                                 while (many.size() < mostYaml) many += "? ";
                                 return many;
                               }(),
                               [] {
                                 std::string many;
                                 for (int i = 0; many.size() < mostYaml; i++)
                                   many += "k" + std::to_string(i) + ": v\n";
                                 return many;
                               }(),
                               "\"" + std::string(mostYaml - 2, 'a') + "\"",
                               "[" + std::string(mostYaml - 2, ':') + "]"};
  for (const std::string& text : texts) {
    auto start = std::chrono::steady_clock::now();
    assert_false(bool(parseTraces("f", text)));
    auto took = std::chrono::steady_clock::now() - start;
    assert_true(took < std::chrono::seconds(60));  // what grows with the square takes hours
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(readsTheSeedsForm),
      cmocka_unit_test(readsWhatItWrote),
      cmocka_unit_test(keepsStatus),
      cmocka_unit_test(readsValues),
      cmocka_unit_test(refusesOthers),
      cmocka_unit_test(refusesBombs),
      cmocka_unit_test(takesNoLongerThanItsSize),
  };
  return cmocka_run_group_tests_name("trace-yaml", tests, nullptr, nullptr);
}
