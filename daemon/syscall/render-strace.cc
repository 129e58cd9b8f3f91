// SPDX-License-Identifier: Apache-2.0
#include "syscall/render-strace.h"

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "base/time-text.h"
#include "event/names.h"
#include "event/show.h"
#include "event/strace-value.h"
#include "syscall/syscall-table.h"

namespace swoll {
namespace {

std::string hex(uint64_t number) { return formatNumber("%#llx", number); }

struct StraceValue {
  bool truncated = false;

  std::string operator()(const Value& value) const { return straceText(value, truncated); }
};

// "before => after" where the call changed it.
std::string changed(const std::string& before, const Value& after) {
  if (isNone(after)) return before;
  std::string end = StraceValue()(after);
  return end.empty() || before == end ? before : before + " => " + end;
}

std::string argumentText(const Argument& arg) {
  // strace shows no text of which a part was not there.
  if (isUnread(arg) || (arg.faulted && std::holds_alternative<Bytes>(arg.value)))
    return StraceValue()(Address{arg.raw});
  StraceValue show{arg.truncated};
  if (const auto* pointed = std::get_if<Pointed>(&arg.value)) {
    // The brackets stand around both.
    const auto* end = std::get_if<Pointed>(&arg.after);
    return '[' + changed(show(innerOf(*pointed)), end != nullptr ? innerOf(*end) : arg.after) + ']';
  }
  if (isNone(arg.value)) return StraceValue()(isNone(arg.after) ? Address{arg.raw} : arg.after);
  return changed(show(arg.value), arg.after);
}

bool isUnknown(const Event& event) { return event.type == unknownCall || plainName(event).empty(); }

std::string callText(const Event& event) {
  bool unknown = isUnknown(event);
  std::vector<std::string> args;
  for (const auto& arg : event.args) {
    args.push_back(unknown ? hex(arg.raw) : argumentText(arg));  // which may be no pointers
  }
  return (unknown ? "syscall_" + hex(event.number) : printable(plainName(event))) + '(' +
         join(args, ", ") + ')';
}

std::string errorText(int error) {
  std::string message = errnoMessage(error), name = errnoName(error);
  if (message.empty()) return "-1 (errno " + std::to_string(error) + ')';
  constexpr int firstInner = 512;  // the kernel's own; nobody gets to see these
  if (error < firstInner) return "-1 " + name + " (" + message + ')';
  // The call is made again or fails with EINTR once a signal's handler has run.
  if (name.starts_with("ERESTART")) return "? " + name + " (" + message + ')';
  return "-1 " + name + " (Unknown error " + std::to_string(error) + ')';
}

struct SuccessText {
  int64_t result;

  std::string operator()(const Value& value) const { return std::visit(*this, value); }
  std::string operator()(std::monostate) const { return std::to_string(result); }
  std::string operator()(const Address& address) const { return hex(address.value); }
  std::string operator()(const Flags& flags) const {
    std::string names = flags.names.empty() ? "" : " (flags " + StraceValue()(flags) + ')';
    return hex(uint64_t(result)) + names;
  }
  std::string operator()(const Symbol& symbol) const {
    return std::to_string(result) + " (" + StraceValue()(symbol) + ')';
  }
  template <typename Other>
  std::string operator()(const Other& other) const {
    return StraceValue()(other);
  }
};

std::string resultText(const Event& event) {
  if (!event.returned) return "?";
  int error = event.error();
  std::string text = error != 0 ? errorText(error) : SuccessText{event.result}(event.resultValue);
  uint64_t duration = (event.finish - event.start) / 1'000;
  constexpr uint64_t second = 1'000'000;
  return text + formatNumber(" <%llu.", duration / second) +
         formatNumber("%06llu>", duration % second);
}

}  // namespace

std::string renderStrace(const Event& event) {
  constexpr size_t resultColumn = 40;
  std::string line = straceLine(event, callText(event) + ' ');
  line.resize(std::max(line.size(), resultColumn), ' ');
  return line + "= " + resultText(event);
}

}  // namespace swoll
