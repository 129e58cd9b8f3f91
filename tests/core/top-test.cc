// SPDX-License-Identifier: Apache-2.0
// What `swollctl top` and `stats` make of counts: rates, groups, order, percentiles, sparks.
#include <string>

#include "base/text.h"
#include "ctl/top-view.h"
#include "keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll::ctl;
using swoll::keep;

CallRow row(const char* id, const char* name, const char* result, uint64_t calls, size_t in = 0) {
  CallRow out;
  out.labels = {"ns", std::string("pod-") + id, "c", id, name, "Files", "Some", result};
  out.total.calls = calls;
  out.total.errors = result == std::string("OK") ? 0 : calls;
  out.total.time = calls * 100;
  out.total.buckets[in] = calls;
  return out;
}

std::string boundsOf(std::initializer_list<std::pair<size_t, uint64_t>> buckets, unsigned percent) {
  Tally tally;
  for (auto [bucket, calls] : buckets) tally.buckets[bucket] = calls;
  Bounds bounds = percentile(tally, percent);
  return std::to_string(bounds.from) + ".." +
         (bounds.below == UINT64_MAX ? "" : std::to_string(bounds.below)) + ' ' + boundText(bounds);
}

void percentiles(void**) {
  const uint64_t many = UINT64_MAX / 2;
  const struct {
    std::string got;
    const char* expected;
  } rows[] = {
      {boundsOf({}, 50), "0..0 "},
      {boundsOf({{0, 1}}, 50), "0..512 <512ns"},
      {boundsOf({{1, 1}}, 99), "512..1024 <1.1us"},  // rounded up: 1.0us would not be true
      {boundsOf({{0, 1}, {3, 1}}, 50), "0..512 <512ns"},
      {boundsOf({{0, 49}, {3, 51}}, 50), "2048..4096 <4.1us"},
      {boundsOf({{0, 50}, {3, 50}}, 50), "0..512 <512ns"},
      {boundsOf({{0, 99}, {10, 1}}, 99), "0..512 <512ns"},
      {boundsOf({{0, 98}, {10, 2}}, 99), "262144..524288 <525us"},
      {boundsOf({{0, 9}, {10, 1}}, 99), "262144..524288 <525us"},
      {boundsOf({{12, 1}}, 50), "1048576..2097152 <2.1ms"},
      {boundsOf({{24, 1}}, 50), "4294967296..8589934592 <8.6s"},
      {boundsOf({{25, 1}}, 50), "8589934592.. >8.5s"},  // cut: it is more than what is written
      {boundsOf({{0, many}, {25, 1}}, 99), "0..512 <512ns"},  // and no overflow
  };
  for (const auto& r : rows) assert_string_equal(keep(r.got), r.expected);
}

void numbers(void**) {
  const struct {
    double number;
    const char* expected;
  } rows[] = {{0, "0"},         {0.26, "0.2"},  {7, "7"},         {99.96, "99.9"},
              {950, "950"},     {999.9, "999"}, {1000, "1.0k"},   {12345, "12.3k"},
              {999999, "999k"}, {1e6, "1.0M"},  {4.56e9, "4.5G"}, {2e12, "2.0T"}};
  for (const auto& r : rows) assert_string_equal(keep(briefNumber(r.number)), r.expected);
}

// "RATE-OF-EACH total" of what rates hold, by name.
std::string told(const Rates& rates) {
  auto rows = rates.rows();
  sortRows(rows, orders().back(), &CallRow::recent);
  std::string out = std::to_string(rates.elapsed()) + ':';
  for (const CallRow& r : rows) {
    out += ' ' + r.labels[containerId] + '=' + std::to_string(r.recent.calls) + '/' +
           std::to_string(r.total.calls) + '[';
    for (uint64_t calls : r.history) out += std::to_string(calls) + ' ';
    out += ']';
  }
  return out;
}

void makesRates(void**) {
  Rates rates;
  rates.take(1000, {row("a", "read", "OK", 10)});
  assert_string_equal(keep(told(rates)), "0: a=0/10[]");
  rates.take(3000, {row("a", "read", "OK", 15), row("b", "read", "OK", 7)});
  assert_string_equal(keep(told(rates)), "2000: a=5/15[5 ] b=7/7[7 ]");
  // One that is not counted any more is gone, and when it comes back, new.
  rates.take(4000, {row("a", "read", "OK", 15)});
  assert_string_equal(keep(told(rates)), "1000: a=0/15[5 0 ]");
  rates.take(5000, {row("a", "read", "OK", 16), row("b", "read", "OK", 3)});
  assert_string_equal(keep(told(rates)), "1000: a=1/16[5 0 1 ] b=3/3[3 ]");
}

void countsThatBeginAnew(void**) {
  Rates rates;
  rates.take(1000, {row("a", "read", "OK", 1000)});
  rates.take(2000, {row("a", "read", "OK", 4)});
  assert_string_equal(keep(told(rates)), "1000: a=4/4[4 ]");
  // As many calls, though in another bucket: they can't be the same ones.
  rates.take(3000, {row("a", "read", "OK", 4, 2)});
  assert_string_equal(keep(told(rates)), "1000: a=4/4[4 4 ]");
  // A lost connection, a clock that went back, the same moment: nothing to compare with.
  rates.restart();
  rates.take(9000, {row("a", "read", "OK", 500, 2)});
  assert_string_equal(keep(told(rates)), "0: a=0/500[4 4 ]");
  rates.take(100, {row("a", "read", "OK", 600, 2)});
  assert_string_equal(keep(told(rates)), "0: a=0/600[4 4 ]");
  rates.take(100, {row("a", "read", "OK", 700, 2)});
  assert_string_equal(keep(told(rates)), "0: a=0/700[4 4 ]");
  rates.take(200, {row("a", "read", "OK", 701, 2)});
  assert_string_equal(keep(told(rates)), "100: a=1/701[4 4 1 ]");
}

void historyIsBounded(void**) {
  Rates rates;
  for (uint64_t i = 1; i < 1000; i++) rates.take(i, {row("a", "read", "OK", i * i)});
  assert_int_equal(rates.rows()[0].history.size(), Rates::kept);
  assert_int_equal(rates.rows()[0].history.back(), 999 * 999 - 998 * 998);
}

Rates twoContainers() {
  Rates rates;
  rates.take(1000, {});
  rates.take(2000, {row("a", "openat", "OK", 5), row("a", "openat", "ENOENT", 3),
                    row("a", "read", "OK", 100), row("b", "openat", "OK", 30),
                    row("b", "openat", "EACCES", 1)});
  return rates;
}

// "LABELS=CALLS/ERRORS, ...".
std::string seen(const TopView& view, const Rates& rates) {
  std::vector<std::string> out;
  for (const CallRow& r : view.rows(rates))
    out.push_back(labelText(r.labels) + '=' + std::to_string(r.recent.calls) + '/' +
                  std::to_string(r.recent.errors));
  return swoll::join(out, ", ");
}

TopView viewOf(const char* by, const char* order = "rate") {
  for (const Order& o : orders())
    if (o.rateName == std::string(order)) return TopView(*dimensionNamed(by), o);
  abort();
}

void groups(void**) {
  Rates rates = twoContainers();
  const struct {
    const char *by, *order, *expected;
  } rows[] = {
      {"container", "rate", "ns/pod-a/c=108/3, ns/pod-b/c=31/1"},
      {"container", "name", "ns/pod-a/c=108/3, ns/pod-b/c=31/1"},
      {"call", "rate", "read=100/0, openat=39/4"},
      {"call", "errors", "openat=39/4, read=100/0"},
      {"call", "name", "openat=39/4, read=100/0"},
      {"class", "rate", "Files=139/4"},
      {"group", "rate", "Some=139/4"},
      {"error", "rate", "OK=135/0, ENOENT=3/3, EACCES=1/1"},
      {"namespace", "rate", "ns=139/4"},
      {"pod", "rate", "ns/pod-a=108/3, ns/pod-b=31/1"},
  };
  for (const auto& r : rows)
    assert_string_equal(keep(seen(viewOf(r.by, r.order), rates)), r.expected);
  TopView view = viewOf("call");
  view.reverse();
  assert_string_equal(keep(seen(view, rates)), "openat=39/4, read=100/0");
  view.reverse();
  view.setFilter("EA");
  assert_string_equal(keep(seen(view, rates)), "read=100/0");
  view.setFilter("nothing");
  assert_string_equal(keep(seen(view, rates)), "");
}

void drills(void**) {
  Rates rates = twoContainers();
  TopView view = viewOf("container");
  assert_false(view.leave());
  assert_true(view.enter(view.rows(rates)[0]));
  assert_string_equal(keep(view.path() + " | " + seen(view, rates)),
                      "ns/pod-a/c | read=100/0, openat=8/3");
  assert_true(view.enter(view.rows(rates)[1]));
  assert_string_equal(keep(view.path() + " | " + seen(view, rates)),
                      "ns/pod-a/c openat | OK=5/0, ENOENT=3/3");
  assert_false(view.enter(view.rows(rates)[1]));  // there is nothing within it
  view.groupBy(*dimensionNamed("container"));     // one row would be left
  assert_string_equal(view.by().name, "error");
  view.groupByNext();
  assert_string_equal(view.by().name, "error");  // nothing else tells these apart
  assert_true(view.leave());
  view.groupByNext();
  assert_string_equal(view.by().name, "class");
  assert_true(view.leave());
  assert_string_equal(view.by().name, "container");
  view.groupBy(*dimensionNamed("call"));
  assert_true(view.enter(view.rows(rates)[1]));
  assert_true(view.enter(view.rows(rates)[1]));
  assert_string_equal(keep(view.path() + " | " + seen(view, rates)),
                      "openat ENOENT | ns/pod-a/c=3/3");
}

void freezes(void**) {
  Rates rates = twoContainers();
  TopView view = viewOf("call");
  view.toggleFrozen(rates);
  rates.take(3000, {row("a", "write", "OK", 9)});
  assert_string_equal(keep(seen(view, rates)), "read=100/0, openat=39/4");
  view.groupBy(*dimensionNamed("error"));  // one can still look around in it
  assert_string_equal(keep(seen(view, rates)), "OK=135/0, ENOENT=3/3, EACCES=1/1");
  view.toggleFrozen(rates);
  assert_string_equal(keep(seen(view, rates)), "OK=9/0");
}

void sortsByEachColumn(void**) {
  std::vector<CallRow> rows = {row("a", "x", "OK", 10, 1), row("b", "x", "OK", 5, 9),
                               row("c", "x", "EIO", 5, 2)};
  rows[1].total.time = 1000000;
  const struct {
    const char *order, *expected;
  } expected[] = {{"count", "abc"}, {"errors", "cab"}, {"time", "bac"}, {"mean", "bac"},
                  {"p50", "bca"},   {"p99", "bca"},    {"name", "abc"}};
  for (const auto& e : expected)
    for (const Order& order : orders()) {
      if (order.name != std::string(e.order)) continue;
      std::string got;
      sortRows(rows, order, &CallRow::total);
      for (const CallRow& r : rows) got += r.labels[containerId];
      assert_string_equal(keep(got), e.expected);
    }
}

void sparks(void**) {
  assert_string_equal(keep(sparkLine({0, 1, 50, 99, 100}, 7, false)), "   .+@@");
  assert_string_equal(keep(sparkLine({0, 1, 50, 99, 100}, 3, true)), "▅██");
  assert_string_equal(keep(sparkLine({0, 0}, 2, true)), "  ");
  assert_string_equal(keep(sparkLine({}, 2, true)), "  ");
}

void names(void**) {
  Labels labels;
  labels[containerId] = std::string(64, 'a');
  assert_string_equal(keep(containerText(labels)), "aaaaaaaaaaaa");
  labels[containerId] = "pidns:4026531836";
  assert_string_equal(keep(containerText(labels)), "pidns:4026531836");
  labels[container] = "sh";
  assert_string_equal(keep(containerText(labels)), "sh@pidns:4026531836");
  labels[container] = labels[containerId] = "web";
  assert_string_equal(keep(containerText(labels)), "web");
  labels[nameSpace] = "shop", labels[pod] = "front", labels[containerId] = "0123";
  assert_string_equal(keep(containerText(labels)), "shop/front/web");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(percentiles),
      cmocka_unit_test(numbers),
      cmocka_unit_test(makesRates),
      cmocka_unit_test(countsThatBeginAnew),
      cmocka_unit_test(historyIsBounded),
      cmocka_unit_test(groups),
      cmocka_unit_test(drills),
      cmocka_unit_test(freezes),
      cmocka_unit_test(sortsByEachColumn),
      cmocka_unit_test(sparks),
      cmocka_unit_test(names),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
