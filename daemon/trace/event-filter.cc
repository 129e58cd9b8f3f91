// SPDX-License-Identifier: Apache-2.0
#include "trace/event-filter.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "event/names.h"

namespace swoll {
namespace {

size_t errorIndex(int64_t result) { return result >= 0 || result < -4095 ? 0 : size_t(-result); }

// A glob of literal characters, `?` and a last `*` is a masked comparison of the 16 bytes; any
// other is approximated by what stands before its first special character.
bool maskOf(const std::string& glob, swoll_filter& out) {
  uint8_t mask[SWOLL_COMM] = {}, value[SWOLL_COMM] = {};
  bool exact = true, open = false;
  size_t i = 0;
  for (; i < glob.size() && i < SWOLL_COMM - 1; i++) {
    if (glob[i] == '*') {
      exact = i + 1 == glob.size();
      open = true;
      break;
    }
    if (strchr("?[\\", glob[i])) {  // ? is not the terminator, which a mask can't say
      exact = false;
      open = true;
      break;
    }
    mask[i] = 0xff;
    value[i] = uint8_t(glob[i]);
  }
  if (!open && i < glob.size()) exact = false;  // longer than any name: nothing matches
  if (!open) mask[i] = 0xff;                    // the terminator
  memcpy(out.comm_mask, mask, sizeof(mask));
  memcpy(out.comm_value, value, sizeof(value));
  return exact;
}

// Whose doing it is, as the kernel tests it: a process begins by that of who makes it.
uint32_t pidOf(const swoll_record& record) {
  return record.type == SWOLL_PROCESS_fork ? uint32_t(record.args[SWOLL_WORD_actor]) : record.pid;
}

}  // namespace

bool KernelTest::operator==(const KernelTest& other) const {
  return exact == other.exact && memcmp(&filter, &other.filter, sizeof(filter)) == 0;
}

bool KernelTest::operator<(const KernelTest& other) const {
  if (exact != other.exact) return exact < other.exact;
  return memcmp(&filter, &other.filter, sizeof(filter)) < 0;
}

Result<EventFilter> EventFilter::compile(const TraceSpec& spec) {
  EventFilter f;
  f.pid = spec.pid;
  f.uid = spec.uid;
  f.comm = spec.comm;
  f.minLatency = spec.minLatency;
  f.sample = spec.sampleRate ? spec.sampleRate : 1;
  bool isTwofold = spec.pidNamespace && !spec.addContainers.empty();
  f.needsSecondLook = !spec.args.empty() || (f.sample > 1 && isTwofold);
  if (spec.uid < -1 || spec.uid > UINT32_MAX)
    return Error{"bad user id " + std::to_string(spec.uid)};
  for (const std::string& word : spec.errors) {
    if (word == "none") {
      f.errors.set(0);
    } else if (word == "any") {
      for (size_t e = 1; e < f.errors.size(); e++) f.errors.set(e);
    } else if (auto number = errnoByName(word)) {
      f.errors.set(errorIndex(-*number));
    } else {
      return unknown("errno", word, nearestErrno(word));
    }
  }
  return f;
}

bool EventFilter::passes(const swoll_record& record) const {
  if (pid && pidOf(record) != pid) return false;
  if (uid >= 0 && record.uid != uint32_t(uid)) return false;
  if (minLatency && record.finish - record.start < minLatency) return false;
  if (errors.any()) {
    constexpr uint8_t fate = SWOLL_RECORD_noreturn | SWOLL_RECORD_unexecuted;
    bool hasResult = (record.flags & fate) != SWOLL_RECORD_noreturn;
    if (!errors.test(hasResult ? errorIndex(record.ret) : 0)) return false;
  }
  if (!comm.empty()) {
    std::string name(record.comm, strnlen(record.comm, sizeof(record.comm)));
    if (!globMatch(comm, name)) return false;
  }
  return true;
}

KernelTest EventFilter::kernelTest() const {
  KernelTest test;
  test.exact = !needsSecondLook;
  swoll_filter& f = test.filter;
  if (pid) f.flags |= SWOLL_FILTER_pid, f.pid = pid;
  if (uid >= 0) f.flags |= SWOLL_FILTER_uid, f.uid = uint32_t(uid);
  if (minLatency) f.flags |= SWOLL_FILTER_latency, f.min_latency = minLatency;
  if (errors.any()) {
    f.flags |= SWOLL_FILTER_errors;
    constexpr size_t last = SWOLL_ERROR_BITS - 1;
    size_t above = 0;
    for (size_t e = 0; e < errors.size(); e++) {
      if (!errors[e]) continue;
      size_t bit = std::min(e, last);
      f.errors[bit / 64] |= 1ull << (bit % 64);
      above += bit == last;
    }
    // The last bit stands for many errnos: exact when all of them or none is wanted.
    if (above && above < errors.size() - last) test.exact = false;
  }
  if (!comm.empty()) {
    f.flags |= SWOLL_FILTER_comm;
    if (!maskOf(comm, f)) test.exact = false;
  }
  // The sampler comes last: it must not count what a second look will drop.
  if (sample > 1 && test.exact) f.flags |= SWOLL_FILTER_sample, f.sample = sample;
  return test;
}

}  // namespace swoll
