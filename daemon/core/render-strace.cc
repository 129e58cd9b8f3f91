// SPDX-License-Identifier: Apache-2.0
#include "core/render-strace.h"

#include <algorithm>

#include "core/names.h"
#include "core/show.h"
#include "core/syscall-table.h"
#include "core/text.h"

namespace swoll {
namespace {

// strace's own escapes, which are those of C as short as they can be. Everything that is not
// printable ASCII gets one.
std::string quoted(std::string_view bytes) {
  static constexpr std::string_view plain = "\"\\\t\n\v\f\r", letters = "\"\\tnvfr";
  const auto isOctal = [](char c) { return c >= '0' && c <= '7'; };
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    char c = bytes[i];
    if (size_t at = plain.find(c); at != plain.npos) {
      text += {'\\', letters[at]};
    } else if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      // A digit that follows must not be taken for one of the escape's.
      bool padded = i + 1 < bytes.size() && isOctal(bytes[i + 1]);
      text += formatNumber(padded ? "\\%03llo" : "\\%llo", uint8_t(c));
    }
  }
  return '"' + text + '"';
}

std::string hex(uint64_t number) { return formatNumber("%#llx", number); }

struct StraceValue {
  bool truncated = false;

  std::string operator()(const Value& value) const { return std::visit(*this, value); }

  std::string operator()(std::monostate) const { return "?"; }
  std::string operator()(const Signed& number) const { return std::to_string(number.value); }
  std::string operator()(const Unsigned& number) const { return std::to_string(number.value); }
  std::string operator()(const Address& address) const {
    return address.value == 0 ? "NULL" : hex(address.value);
  }
  std::string operator()(const Octal& octal) const { return formatNumber("%#03llo", octal.value); }
  std::string operator()(const Hex& number) const { return hex(number.value); }
  std::string operator()(const Bytes& bytes) const {
    return quoted(bytes.value) + (truncated ? "..." : "");
  }
  std::string operator()(const Symbol& symbol) const { return printable(symbol.value); }
  std::string operator()(const Flags& flags) const {
    return flags.names.empty() ? "0" : printable(join(flags.names, "|"));
  }
  std::string operator()(const List& list) const {
    std::vector<std::string> items;
    for (const auto& item : list.items) items.push_back(StraceValue()(item));
    if (truncated) items.emplace_back("...");
    return '[' + join(items, ", ") + ']';
  }
  std::string operator()(const Fields& fields) const {
    std::vector<std::string> items;
    for (const auto& [name, value] : fields.fields) {
      items.push_back(printable(name) + '=' + StraceValue()(value));
    }
    if (truncated) items.emplace_back("...");
    return '{' + join(items, ", ") + '}';
  }
  std::string operator()(const Pointed& pointed) const {
    return '[' + (*this)(innerOf(pointed)) + ']';
  }
  std::string operator()(const Form& form) const { return printable(form.strace); }
};

// "before => after" where the call changed it.
std::string changed(const std::string& before, const Value& after) {
  if (isNone(after)) return before;
  std::string end = StraceValue()(after);
  return before == end ? before : before + " => " + end;
}

std::string argumentText(const Argument& arg) {
  if (isUnread(arg)) return StraceValue()(Address{arg.raw});
  StraceValue show{arg.truncated};
  if (const auto* pointed = std::get_if<Pointed>(&arg.value)) {
    // The brackets stand around both.
    const auto* end = std::get_if<Pointed>(&arg.after);
    return '[' + changed(show(innerOf(*pointed)), end != nullptr ? innerOf(*end) : arg.after) + ']';
  }
  if (isNone(arg.value)) return StraceValue()(isNone(arg.after) ? Address{arg.raw} : arg.after);
  return changed(show(arg.value), arg.after);
}

bool isUnknown(const Event& event) { return event.call == unknownCall || plainName(event).empty(); }

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
  constexpr size_t tidWidth = 5, resultColumn = 40;
  std::string tid = std::to_string(event.tid);
  tid.resize(std::max(tid.size(), tidWidth), ' ');
  std::string line = tid + ' ' + formatClock(event.time) + ' ' + callText(event) + ' ';
  line.resize(std::max(line.size(), resultColumn), ' ');
  return line + "= " + resultText(event);
}

}  // namespace swoll
