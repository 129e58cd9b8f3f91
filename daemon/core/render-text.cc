// SPDX-License-Identifier: Apache-2.0
#include "core/render-text.h"

#include <cstdio>
#include <ctime>

#include "core/names.h"
#include "core/text.h"

namespace swoll {
namespace {

std::string formatted(const char* format, uint64_t value) {
  char digits[32];
  snprintf(digits, sizeof digits, format, static_cast<unsigned long long>(value));
  return digits;
}

struct ValueText {
  // Cut values say so where the rest would be: behind a string's quotes, within a list's brackets.
  bool truncated = false;

  std::string operator()(const Value& value) const { return std::visit(*this, value); }

  std::string operator()(std::monostate) const { return "?"; }
  std::string operator()(const Signed& number) const { return std::to_string(number.value); }
  std::string operator()(const Unsigned& number) const { return std::to_string(number.value); }
  std::string operator()(const Symbol& symbol) const { return printable(symbol.value); }
  std::string operator()(const Octal& octal) const { return formatted("0%llo", octal.value); }
  std::string operator()(const Address& address) const {
    return address.value == 0 ? "NULL" : formatted("0x%llx", address.value);
  }
  std::string operator()(const Bytes& bytes) const {
    return '"' + escapeBytes(bytes.value) + (truncated ? "\"..." : "\"");
  }
  std::string operator()(const Flags& flags) const {
    return flags.names.empty() ? "0" : printable(join(flags.names, "|"));
  }
  std::string operator()(const List& list) const {
    std::vector<std::string> items;
    for (const auto& item : list.items) items.push_back(ValueText()(item));
    if (truncated) items.emplace_back("...");
    return '[' + join(items, ", ") + ']';
  }
  std::string operator()(const Fields& fields) const {
    std::vector<std::string> items;
    for (const auto& [name, value] : fields.fields) {
      items.push_back(printable(name) + '=' + ValueText()(value));
    }
    if (truncated) items.emplace_back("...");
    return '{' + join(items, ", ") + '}';
  }
};

std::string argumentText(const Argument& arg, bool types) {
  std::string text;
  if (types && !arg.type.empty()) text += '(' + printable(arg.type) + ')';
  text += printable(arg.name) + '=';
  // A value that could not be read is never shown as an empty string that looks real.
  bool unread =
      std::holds_alternative<std::monostate>(arg.value) || std::holds_alternative<Bytes>(arg.value);
  ValueText show{arg.truncated};
  text += arg.faulted && unread ? show(Address{arg.raw}) : show(arg.value);
  if (arg.faulted) text += "(faulted)";
  if (arg.atExit) text += "@exit";
  return text;
}

// "12:34:56.789012" on this host's clock.
std::string timeText(int64_t time) {
  auto [whole, fraction] = splitTime(time);
  time_t seconds = whole;
  tm local{};
  localtime_r(&seconds, &local);
  char text[48];
  snprintf(text, sizeof text, "%02d:%02d:%02d.%06d", local.tm_hour, local.tm_min, local.tm_sec,
           fraction / 1000);
  return text;
}

std::string whereText(const Container* container) {
  if (container == nullptr) return "host";
  std::vector<std::string> parts;
  for (const auto* part : {&container->name, &container->pod, &container->nameSpace}) {
    if (!part->empty()) parts.push_back(*part);
  }
  if (!parts.empty()) return printable(join(parts, "."));
  // Nobody named it. Of a runtime's 64 digits, the first 12 are what its own tools show.
  constexpr size_t runtimeId = 64, shortId = 12;
  const auto& id = container->id;
  return id.empty() ? "container"
                    : printable(id.substr(0, id.size() == runtimeId ? shortId : id.npos));
}

std::string callText(const Event& event, const char* bold, const char* plain) {
  constexpr std::string_view prefix = "sys_";
  std::string_view name = event.name;
  if (name.substr(0, prefix.size()) == prefix) name.remove_prefix(prefix.size());
  std::string text =
      bold + (name.empty() ? formatted("syscall_%llu", event.number) : printable(name));
  if (event.arch == "i386") text += "[i386]";
  return text + plain;
}

std::string resultText(const Event& event, const char* red, const char* plain) {
  if (!event.returned) return "?";
  std::string text;
  if (int error = event.error(); error != 0) {
    std::string message = errnoMessage(error);
    text = red + ("-1 " + errnoName(error)) + (message.empty() ? "" : " (" + message + ')') + plain;
  } else {
    text = std::to_string(event.result);
  }
  return text + " <" + formatDuration(event.finish - event.start) + '>';
}

}  // namespace

std::string renderText(const Event& event, const TextOptions& options) {
  const char* bold = options.color ? "\033[1m" : "";
  const char* red = options.color ? "\033[31m" : "";
  const char* plain = options.color ? "\033[0m" : "";

  std::vector<std::string> args;
  for (const auto& arg : event.args) args.push_back(argumentText(arg, options.types));
  return timeText(event.time) + ' ' + whereText(event.container) + ' ' + printable(event.comm) +
         '[' + std::to_string(event.pid) + "] " + callText(event, bold, plain) + '(' +
         join(args, ", ") + ") = " + resultText(event, red, plain);
}

}  // namespace swoll
