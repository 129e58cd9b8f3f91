// SPDX-License-Identifier: Apache-2.0
// What a filter keeps, and what of it the kernel can test.
#include "trace/event-filter.h"

#include <cstring>
#include <string>

#include "base/text.h"
#include "fake-kernel.h"
#include "make-record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

// A spec names what it asks for; the rest has its defaults.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace {

using namespace swoll;

struct Call {
  const char* comm = "nginx";
  uint32_t pid = 70, uid = 1000;
  int64_t ret = 0;
  uint64_t latency = 1000;
  bool returned = true, executed = true;
};

swoll_record recordOf(const Call& call) {
  swoll_record record{};
  strncpy(record.comm, call.comm, sizeof(record.comm) - 1);
  record.pid = call.pid, record.uid = call.uid, record.ret = call.ret;
  record.start = 5'000'000'000, record.finish = record.start + call.latency;
  record.flags = uint8_t((call.returned ? 0 : SWOLL_RECORD_noreturn) |
                         (call.executed ? 0 : SWOLL_RECORD_unexecuted));
  return record;
}

// What the kernel's programs do with a swoll_filter (bpf/lib/filter.h), the sampler aside.
bool kernelPasses(const swoll_filter& f, const swoll_record& r) {
  if (f.flags & SWOLL_FILTER_pid && r.pid != f.pid) return false;
  if (f.flags & SWOLL_FILTER_uid && r.uid != f.uid) return false;
  if (f.flags & SWOLL_FILTER_latency && r.finish - r.start < f.min_latency) return false;
  if (f.flags & SWOLL_FILTER_comm) {
    uint64_t comm[2];
    memcpy(comm, r.comm, sizeof(comm));
    for (int i = 0; i < 2; i++)
      if ((comm[i] & f.comm_mask[i]) != f.comm_value[i]) return false;
  }
  if (f.flags & SWOLL_FILTER_errors) {
    bool failed =
        (r.flags & ~SWOLL_RECORD_no_args) != SWOLL_RECORD_noreturn && r.ret < 0 && r.ret >= -4095;
    uint64_t bit = failed ? std::min<uint64_t>(uint64_t(-r.ret), SWOLL_ERROR_BITS - 1) : 0;
    if (!(f.errors[bit / 64] >> (bit % 64) & 1)) return false;
  }
  return true;
}

// "FLAGS exact": what the kernel is given; and whether the filter keeps the call, in user space
// and, as far as it can tell, in the kernel.
std::string verdict(const TraceSpec& spec, const Call& call) {
  auto filter = EventFilter::compile(spec);
  if (!filter) return filter.error();
  swoll_record record = recordOf(call);
  KernelTest test = filter->kernelTest();
  bool kernel = kernelPasses(test.filter, record), user = filter->passes(record);
  if (user && !kernel) return "the kernel drops what the filter keeps";
  if (test.exact && user != kernel) return "not exact, though it says so";
  return std::string(user     ? "keeps"
                     : kernel ? "kernel keeps"
                              : "drops") +
         (test.exact ? "" : ", inexact");
}

struct Row {
  TraceSpec spec;
  Call call;
  const char* expected;
};

TraceSpec comm(const char* glob) { return {.comm = glob}; }
TraceSpec errors(std::vector<std::string> words) { return {.errors = std::move(words)}; }

const Row rows[] = {
    {{}, {}, "keeps"},
    // who
    {{.pid = 70}, {}, "keeps"},
    {{.pid = 71}, {}, "drops"},
    {{.uid = 1000}, {}, "keeps"},
    {{.uid = 0}, {}, "drops"},
    {{.uid = 0}, {.uid = 0}, "keeps"},
    {{.uid = 4294967295}, {.uid = 4294967295}, "keeps"},
    {{.uid = 4294967296}, {}, "bad user id 4294967296"},
    {{.uid = -2}, {}, "bad user id -2"},
    // how long
    {{.minLatency = 1000}, {}, "keeps"},
    {{.minLatency = 1001}, {}, "drops"},
    // the thread's name
    {comm("nginx"), {}, "keeps"},
    {comm("ngin"), {}, "drops"},
    {comm("nginxx"), {}, "drops"},
    {comm("n*"), {}, "keeps"},
    {comm("nginx*"), {}, "keeps"},
    {comm("m*"), {}, "drops"},
    {comm("*"), {}, "keeps"},
    {comm("*"), {.comm = ""}, "keeps"},
    {comm("*nx"), {}, "keeps, inexact"},
    {comm("*no"), {}, "kernel keeps, inexact"},
    {comm("n*x"), {}, "keeps, inexact"},
    {comm("m*x"), {}, "drops, inexact"},  // what stands before the star is tested in the kernel
    {comm("ngin?"), {}, "keeps, inexact"},
    {comm("nginx?"), {}, "kernel keeps, inexact"},  // ? is never the terminator
    {comm("[mn]ginx"), {}, "keeps, inexact"},
    {comm("\\nginx"), {}, "keeps, inexact"},
    {comm("fifteen-letters"), {.comm = "fifteen-letters"}, "keeps"},
    {comm("fifteen-letterz"), {.comm = "fifteen-letters"}, "drops"},
    {comm("fifteen-letter*"), {.comm = "fifteen-letters"}, "keeps"},
    // how it ended
    {errors({"none"}), {}, "keeps"},
    {errors({"none"}), {.ret = 7}, "keeps"},
    {errors({"none"}), {.ret = -2}, "drops"},
    {errors({"none"}), {.ret = -5000}, "keeps"},  // an address is no error
    {errors({"none"}), {.ret = -2, .returned = false}, "keeps"},
    {errors({"any"}), {.ret = -SWOLL_RESULT_SIGSYS, .returned = false, .executed = false}, "keeps"},
    {errors({"SIGSYS"}),
     {.ret = -SWOLL_RESULT_SIGSYS, .returned = false, .executed = false},
     "keeps, inexact"},
    {errors({"SIGSYS"}), {.ret = -1, .executed = false}, "drops, inexact"},
    {errors({"any"}), {}, "drops"},
    {errors({"any"}), {.ret = -1}, "keeps"},
    {errors({"any"}), {.ret = -512}, "keeps"},
    {errors({"any"}), {.ret = -4095}, "keeps"},
    {errors({"any"}), {.ret = -4096}, "drops"},
    {errors({"any", "none"}), {}, "keeps"},
    {errors({"ENOENT"}), {.ret = -2}, "keeps"},
    {errors({"ENOENT"}), {.ret = -13}, "drops"},
    {errors({"ENOENT", "EACCES"}), {.ret = -13}, "keeps"},
    {errors({"EWOULDBLOCK"}), {.ret = -11}, "keeps"},
    {errors({"none", "ENOENT"}), {}, "keeps"},
    // Errnos beyond the kernel's bits share the last one: user space looks again.
    {errors({"ERESTARTSYS"}), {.ret = -512}, "keeps, inexact"},
    {errors({"ERESTARTSYS"}), {.ret = -513}, "kernel keeps, inexact"},
    {errors({"ERESTARTSYS"}), {.ret = -2}, "drops, inexact"},
    {errors({"ENOENTT"}), {}, "unknown errno 'ENOENTT'; did you mean 'ENOENT'?"},
    {errors({"enoent"}), {}, "unknown errno 'enoent'; did you mean 'ENOENT'?"},
    {errors({""}), {}, "unknown errno ''"},
    // all at once
    {{.pid = 70, .comm = "nginx", .uid = 1000, .errors = {"ENOENT"}, .minLatency = 10},
     {.ret = -2},
     "keeps"},
    {{.pid = 70, .comm = "nginx", .uid = 1001, .errors = {"ENOENT"}, .minLatency = 10},
     {.ret = -2},
     "drops"},
};

void keepsWhatItSays(void**) {
  for (const auto& row : rows) assert_string_equal(keep(verdict(row.spec, row.call)), row.expected);
}

// "flags sample" of what the kernel is given.
std::string given(const TraceSpec& spec) {
  static const char* names[] = {"pid", "uid", "comm", "errors", "latency", "sample"};
  auto filter = EventFilter::compile(spec);
  if (!filter) return filter.error();
  swoll_filter f = filter->kernelTest().filter;
  std::vector<std::string> out;
  for (size_t i = 0; i < std::size(names); i++)
    if (f.flags & (1u << i)) out.push_back(names[i]);
  return join(out, " ") + "/" + std::to_string(f.sample) + " of " +
         std::to_string(filter->sampleRate());
}

void givesTheKernelWhatItCan(void**) {
  static const struct {
    TraceSpec spec;
    const char* expected;
  } rows[] = {
      {{}, "/0 of 1"},
      {{.sampleRate = 0}, "/0 of 1"},
      {{.sampleRate = 1}, "/0 of 1"},
      {{.sampleRate = 10}, "sample/10 of 10"},
      {{.pid = 1, .comm = "a", .uid = 0, .errors = {"any"}, .minLatency = 1, .sampleRate = 2},
       "pid uid comm errors latency sample/2 of 2"},
      // A sampler must not count what a second look will drop.
      {{.comm = "*a", .sampleRate = 10}, "comm/0 of 10"},
      {{.errors = {"ERESTARTSYS"}, .sampleRate = 10}, "errors/0 of 10"},
  };
  for (const auto& row : rows) assert_string_equal(keep(given(row.spec)), row.expected);
}

KernelTest testOf(const TraceSpec& spec) { return EventFilter::compile(spec)->kernelTest(); }

void comparesTests(void**) {
  static const struct {
    TraceSpec a, b;
    bool same;
  } rows[] = {
      {{}, {}, true},
      {{.comm = "sh"}, {.comm = "sh"}, true},
      {{.comm = "sh"}, {.comm = "sh*"}, false},
      {{.errors = {"ENOENT", "EIO"}}, {.errors = {"EIO", "ENOENT"}}, true},
      {{.errors = {"EAGAIN"}}, {.errors = {"EWOULDBLOCK"}}, true},
      {{.sampleRate = 2}, {.sampleRate = 3}, false},
      {{.uid = 0}, {}, false},
  };
  for (const auto& row : rows) {
    KernelTest a = testOf(row.a), b = testOf(row.b);
    assert_int_equal(a == b, row.same);
    assert_int_equal(a < b || b < a, !row.same);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(keepsWhatItSays),
      cmocka_unit_test(givesTheKernelWhatItCan),
      cmocka_unit_test(comparesTests),
  };
  return cmocka_run_group_tests_name("event-filter", tests, nullptr, nullptr);
}
