// SPDX-License-Identifier: Apache-2.0
// Calls as metrics, from made-up rows: names, sums over containers that share a name, folding.
#include <cstring>
#include <deque>

#include "keep.h"
#include "metrics/families.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

// What the kernel has counted: rows by the order of their coming.
struct Node {
  std::deque<KnownContainer> containers;
  std::vector<CallStat> rows;
  CallSeries series;
  CallSeries::Cost cost = seriesCost(false, 1000);

  ContainerHandle run(const char* name, const char* pod = "web", const char* nameSpace = "ns") {
    KnownContainer known;
    known.handle = containers.size() + 1;
    known.info.id = "id" + std::to_string(known.handle);
    known.info.name = name, known.info.pod = pod, known.info.nameSpace = nameSpace;
    containers.push_back(known);
    return known.handle;
  }
  // So many calls more, each of that time.
  void call(ContainerHandle handle, const char* name, uint64_t count, int error = 0,
            size_t bucket = 0, size_t row = 0) {
    CallId id = callsByName(name).at(row);
    for (CallStat& stat : rows) {
      if (stat.container->handle != handle || stat.call != id || stat.error != error) continue;
      stat.sum.buckets[bucket] += count;
      stat.sum.time += count * 100;
      return;
    }
    CallStat stat;
    stat.container = &containers[handle - 1];
    stat.call = id, stat.error = error;
    stat.sum.buckets[bucket] = count, stat.sum.time = count * 100;
    rows.push_back(stat);
  }
  // Its cells are freed.
  void free(ContainerHandle handle) {
    std::erase_if(rows, [&](const CallStat& stat) { return stat.container->handle == handle; });
  }
  std::string scrape(bool histogram = false) {
    series.update(rows, cost);
    return metricsText(callFamilies(series, histogram));
  }
  // The counts alone, short: "ns/web/nginx getppid OK 5; ".
  std::string counts() {
    series.update(rows, cost);
    std::string out;
    for (const auto& [key, pair] : series.pairs())
      for (const auto& [error, sum] : pair.results)
        out += key.first.nameSpace + "/" + key.first.pod + "/" + key.first.container + " " +
               syscall(key.second).name + " " + resultName(error) + " " +
               std::to_string(calls(sum)) + "; ";
    if (calls(series.folded())) out += "other " + std::to_string(calls(series.folded())) + "; ";
    return out;
  }
};

std::string text() {
  Node node;
  auto a = node.run("nginx");
  node.call(a, "openat", 7);
  node.call(a, "openat", 2, 2);
  return node.scrape();
}
void tellsFamilies(void**) {
  const char* labels =
      "{syscall=\"sys_openat\",class=\"FileSystem\",group=\"Files\",err=\"OK\",namespace=\"ns\","
      "pod="
      "\"web\",container=\"nginx\"} ";
  std::string got = keep(text());
  std::string at = std::string("swoll_node_metrics_syscall_count") + labels + "7\n";
  bool there =
      got.find(at) != got.npos &&
      got.find("# TYPE swoll_node_metrics_syscall_count counter\n") != got.npos &&
      got.find("# HELP swoll_node_metrics_syscall_count ") != got.npos &&
      got.find(std::string("swoll_node_metrics_syscall_time") + labels + "700\n") != got.npos &&
      got.find("err=\"ENOENT\",namespace=\"ns\",pod=\"web\",container=\"nginx\"} 2\n") !=
          got.npos &&
      got.find("swoll_syscall_duration") == got.npos && got.find("\nswoll_series 4\n") != got.npos;
  if (!there) print_error("%s", got.c_str());
  assert_true(there);
}

// The classes of time, over all results of a call; each bound has all calls below it.
std::string histogram() {
  Node node;
  auto a = node.run("nginx");
  node.cost = seriesCost(true, 1000);
  node.call(a, "read", 1, 0, 0);    // below 512 ns
  node.call(a, "read", 2, 0, 1);    // below 1.024 us
  node.call(a, "read", 4, 4, 2);    // below 2.048 us, with an error
  node.call(a, "read", 8, 0, 23);   // below 4.3 s
  node.call(a, "read", 16, 0, 25);  // all above
  std::string whole = node.scrape(true), out;
  for (size_t at = 0; (at = whole.find("\nswoll_syscall_duration", at + 1)) != whole.npos;) {
    std::string line = whole.substr(at + 1, whole.find('\n', at + 1) - at - 1);
    size_t le = line.find("le=\"");
    out += (le == line.npos ? line.substr(22, line.find('{') - 22)
                            : line.substr(le + 4, line.find('"', le + 4) - le - 4)) +
           " " + line.substr(line.rfind(' ') + 1) + "; ";
  }
  return out + "series " + std::to_string(node.series.series());
}
void tellsHistograms(void**) {
  assert_string_equal(
      keep(histogram()),
      "_seconds_count 31; _seconds_sum 3.1e-06; 1.024e-06 3; 4.096e-06 7; 1.6384e-05 7; "
      "6.5536e-05 7; 0.000262144 7; 0.001048576 7; 0.004194304 7; 0.016777216 7; 0.067108864 7; "
      "0.268435456 7; 1.073741824 7; 4.294967296 15; +Inf 31; series 19");
}

std::string bare() {
  Node node;
  auto a = node.run("", "", "");
  node.call(a, "getppid", 3);
  return node.counts();
}
void namesBareContainersByTheirId(void**) {
  assert_string_equal(keep(bare()), "//id1 getppid OK 3; ");
}

// A container under the name of one that has ended, before and after that one's cells are freed.
std::string restarted() {
  Node node;
  auto first = node.run("nginx");
  node.call(first, "getppid", 10);
  std::string out = node.counts();
  auto second = node.run("nginx");
  node.call(second, "getppid", 3);
  out += node.counts();
  node.free(first);
  out += node.counts();
  node.call(second, "getppid", 1);
  out += node.counts();
  node.free(second);
  return out + "end " + node.counts();
}
void goesOnAfterARestart(void**) {
  assert_string_equal(keep(restarted()),
                      "ns/web/nginx getppid OK 10; ns/web/nginx getppid OK 13; "
                      "ns/web/nginx getppid OK 13; ns/web/nginx getppid OK 14; end ");
}

// A container that gets its name late has made all its calls under that name.
std::string renamed() {
  Node node;
  auto a = node.run("", "", "");
  node.call(a, "execve", 1);
  node.call(a, "read", 5);
  std::string out = node.counts();
  node.containers[a - 1].info.name = "nginx";
  node.call(a, "execve", 1);
  return out + "then " + node.counts() + "then " + node.counts();
}
void movesToALateName(void**) {
  assert_string_equal(keep(renamed()),
                      "//id1 read OK 5; //id1 execve OK 1; then /"
                      "/nginx read OK 5; //nginx execve "
                      "OK 2; then //nginx read OK 5; //nginx execve OK 2; ");
}

// Two rows of the table under one name are one series.
std::string sameName() {
  for (const Syscall& call : syscallTable()) {
    if (callsByName(call.name).size() < 2) continue;
    Node node;
    auto a = node.run("nginx");
    node.call(a, call.name, 2, 0, 0, 0);
    node.call(a, call.name, 3, 0, 0, 1);
    std::string got = node.counts(), wanted = std::string("ns/web/nginx ") + call.name + " OK 5; ";
    return got == wanted ? "one" : got;
  }
  return "one";  // no name has two
}
void addsRowsOfOneName(void**) { assert_string_equal(keep(sameName()), "one"); }

// The least recently active is told as "other", and comes back with what it did since.
std::string folds() {
  Node node;
  node.cost = {.perResult = 2, .perPair = 0, .most = 4};
  auto a = node.run("a"), b = node.run("b"), c = node.run("c");
  node.call(a, "getppid", 10);
  node.call(b, "getppid", 20);
  std::string out = node.counts() + "| ";
  node.call(b, "getppid", 1);
  node.call(c, "getppid", 30);
  out += node.counts();
  out += std::to_string(node.series.foldedPairs()) + " | ";
  out += node.counts();
  out += std::to_string(node.series.foldedPairs()) + " | ";  // idle, it stays so
  node.call(a, "getppid", 5);
  node.call(b, "getppid", 1);
  out += node.counts() + "| ";
  node.free(b);
  node.free(c);
  out += node.counts();
  return out + std::to_string(node.series.foldedPairs());
}
void foldsTheLeastActive(void**) {
  assert_string_equal(keep(folds()),
                      "ns/web/a getppid OK 10; ns/web/b getppid OK 20; | "
                      "ns/web/b getppid OK 21; ns/web/c getppid OK 30; other 10; 1 | "
                      "ns/web/b getppid OK 21; ns/web/c getppid OK 30; other 10; 1 | "
                      "ns/web/a getppid OK 5; ns/web/b getppid OK 22; other 40; | "
                      "ns/web/a getppid OK 5; other 40; 0");
}

// Whatever is folded when: all together is what was counted, "other" never falls, and neither does
// what is told in two scrapes one after the other.
std::string keepsSums() {
  Node node;
  node.cost = {.perResult = 2, .perPair = 3, .most = 40};
  uint64_t seed = 1, total = 0, otherBefore = 0;
  std::map<CallSeries::Key, uint64_t> before;
  auto random = [&](uint64_t below) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (seed >> 33) % below;
  };
  const char* names[] = {"read", "write", "openat", "close", "getppid"};
  for (int i = 0; i < 10; i++) node.run(("c" + std::to_string(i)).c_str());
  for (int round = 0; round < 500; round++) {
    for (uint64_t i = random(12); i > 0; i--) {
      uint64_t count = 1 + random(100);
      node.call(1 + random(10), names[random(5)], count, random(3) ? 0 : 2, random(SWOLL_BUCKETS));
      total += count;
    }
    node.counts();
    uint64_t told = calls(node.series.folded());
    if (told < otherBefore) return "other fell";
    otherBefore = told;
    std::map<CallSeries::Key, uint64_t> now;
    size_t series = 0;
    for (const auto& [key, pair] : node.series.pairs()) {
      if (pair.folded) continue;
      series += 3 + 2 * pair.results.size();
      for (const auto& [error, sum] : pair.results) now[key] += calls(sum);
      if (before.contains(key) && now[key] < before[key]) return "a counter fell";
      told += now[key];
    }
    if (told != total) return "counted " + std::to_string(total) + ", told " + std::to_string(told);
    if (series > 40) return std::to_string(series) + " series";
    before = now;
  }
  return otherBefore ? "kept" : "never folded";
}
void keepsSumsWhileFolding(void**) { assert_string_equal(keep(keepsSums()), "kept"); }

std::string ledgers() {
  static constexpr LossCause slow{"file", "tooSlow", "the disk was slow"};
  Ledger ledger;
  ledger.add(SinkLoss{&slow, 3});
  ledger.matched = 12, ledger.delivered = 4, ledger.ringFull = 5;
  std::string whole = metricsText(eventFamilies({{"t", ledger}, {"", Ledger()}})), out;
  for (const char* line :
       {"swoll_events_seen_total{trace=\"t\"} 12\n",
        "swoll_events_delivered_total{trace=\"t\"} 4\n",
        "swoll_events_ring_full_total{trace=\"t\"} 5\n", "swoll_events_seen_total{trace=\"\"} 0\n",
        "swoll_events_file_too_slow_total{trace=\"t\"} 3\n",
        "swoll_events_file_too_slow_total{trace=\"\"} 0\n",
        "# HELP swoll_events_file_too_slow_total Events lost: the disk was slow.\n",
        "# TYPE swoll_events_undecodable_total counter\n"})
    if (whole.find(line) == whole.npos) out += line;
  return out;
}
void tellsLedgers(void**) { assert_string_equal(keep(ledgers()), ""); }

// Names of any bytes; families without samples.
std::string odd() {
  return metricsText(
      {gaugeFamily("a", "help", std::vector<Sample>()),
       gaugeFamily("b", "help", {{{{"x", "a\"b\\c\nd"}}, 1}, {{{"x", "\xff"}}, 2}})});
}
void writesAnyName(void**) {
  assert_string_equal(keep(odd()),
                      "# HELP b help\n# TYPE b gauge\nb{x=\"a\\\"b\\\\c\\nd\"} 1\n"
                      "b{x=\"\\\\xff\"} 2\n");
}

std::string process() {
  std::string whole = metricsText(processFamilies()), out;
  for (const char* name : {"cpu_seconds_total", "resident_memory_bytes", "virtual_memory_bytes",
                           "open_fds", "max_fds", "start_time_seconds"}) {
    size_t at = whole.find(std::string("\nprocess_") + name + " ");
    double value = at == whole.npos ? -1 : strtod(&whole[whole.find(' ', at)], nullptr);
    bool least = strcmp(name, "cpu_seconds_total") == 0 ? value >= 0 : value > 0;
    if (!least) out += name;
  }
  return out;
}
void tellsOfItself(void**) { assert_string_equal(keep(process()), ""); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(tellsFamilies),
      cmocka_unit_test(tellsHistograms),
      cmocka_unit_test(namesBareContainersByTheirId),
      cmocka_unit_test(goesOnAfterARestart),
      cmocka_unit_test(movesToALateName),
      cmocka_unit_test(addsRowsOfOneName),
      cmocka_unit_test(foldsTheLeastActive),
      cmocka_unit_test(keepsSumsWhileFolding),
      cmocka_unit_test(tellsLedgers),
      cmocka_unit_test(writesAnyName),
      cmocka_unit_test(tellsOfItself),
  };
  return cmocka_run_group_tests_name("metrics", tests, nullptr, nullptr);
}
