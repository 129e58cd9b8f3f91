// SPDX-License-Identifier: Apache-2.0
#include "event/render-text.h"

#include <array>

#include "base/escape.h"
#include "base/text.h"
#include "base/time-text.h"
#include "event/names.h"
#include "event/show.h"
#include "event/target-text.h"

namespace swoll {
namespace {

struct ValueText {
  // Cut values say so where the rest would be: behind a string's quotes, within a list's brackets.
  bool truncated = false;

  std::string operator()(const Value& value) const { return std::visit(*this, value); }

  std::string operator()(std::monostate) const { return "?"; }
  std::string operator()(const Signed& number) const { return std::to_string(number.value); }
  std::string operator()(const Unsigned& number) const { return std::to_string(number.value); }
  std::string operator()(const Symbol& symbol) const { return printable(symbol.value); }
  std::string operator()(const Octal& octal) const { return formatNumber("0%llo", octal.value); }
  std::string operator()(const Hex& number) const { return formatNumber("%#llx", number.value); }
  std::string operator()(const Pointed& pointed) const {
    return '[' + (*this)(innerOf(pointed)) + ']';
  }
  std::string operator()(const Form& form) const { return (*this)(innerOf(form)); }
  std::string operator()(const Address& address) const {
    return address.value == 0 ? "NULL" : formatNumber("%#llx", address.value);
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

std::string behindDescriptor(const Value& target) {
  return isNone(target) ? "" : '<' + targetText(target) + '>';
}

std::string argumentText(const Argument& arg, bool types) {
  std::string text;
  if (types && !arg.type.empty()) text += '(' + printable(arg.type) + ')';
  text += printable(arg.name) + '=';
  ValueText show{arg.truncated};
  const auto* time = arg.type == durationType ? std::get_if<Unsigned>(&arg.value) : nullptr;
  if (time != nullptr) return text + formatDuration(time->value);
  std::string value = isUnread(arg) ? show(Address{arg.raw}) : show(arg.value);
  text += value + behindDescriptor(arg.target);
  if (arg.faulted) text += "(faulted)";
  if (arg.atExit) text += "@exit";
  if (isNone(arg.after)) return text;
  std::string after = ValueText()(arg.after);
  return after == value ? text : text + "=>" + after;
}

std::string containerText(const Container& container) {
  std::vector<std::string> parts;
  for (const auto* part : {&container.name, &container.pod, &container.nameSpace}) {
    if (!part->empty()) parts.push_back(*part);
  }
  if (!parts.empty()) return printable(join(parts, "."));
  // Nobody named it. Of a runtime's 64 digits, the first 12 are what its own tools show.
  constexpr size_t runtimeId = 64, shortId = 12;
  const auto& id = container.id;
  return id.empty() ? "container"
                    : printable(id.substr(0, id.size() == runtimeId ? shortId : id.npos));
}

// Whose it is, and behind ">" in whose namespaces it acts, where that is another's.
std::string whereText(const Event& event) {
  std::string text = "host";
  if (event.container != nullptr)
    text = containerText(*event.container);
  else if (!event.unit.empty())
    text = printable(event.unit);
  return event.acting == nullptr ? text : text + '>' + containerText(*event.acting);
}

std::string whatText(const Event& event, const char* bold, const char* plain) {
  std::string name = typeName(event);
  std::string text =
      bold + (name.empty() ? formatNumber("syscall_%llu", event.number) : printable(name));
  if (event.arch == "i386") text += "[i386]";
  return text + plain;
}

std::string successText(const Event& event) {
  const Value& value = event.resultValue;
  std::string number = std::to_string(event.result);
  if (isNone(value)) return number;
  std::string text = ValueText()(value);
  if (std::holds_alternative<Symbol>(value)) return number + " (" + text + ')';
  const auto* flags = std::get_if<Flags>(&value);
  if (flags == nullptr || flags->names.empty()) return text;
  return formatNumber("%#llx", uint64_t(event.result)) + " (" + text + ')';
}

std::string noResult(const Event&, const char*, const char*) { return {}; }

std::string resultText(const Event& event, const char* red, const char* plain) {
  if (!event.returned && event.executed) return " = ?";
  std::string text;
  if (int error = event.error(); error != 0) {
    std::string message = errnoMessage(error);
    text = red + ((event.returned ? "-1 " : "? ") + errnoName(error)) +
           (message.empty() ? "" : " (" + message + ')') + plain;
  } else {
    text = successText(event) + behindDescriptor(event.resultTarget);
  }
  if (!event.executed) text += " [not executed]";
  return " = " + text + " <" + formatDuration(event.finish - event.start) + '>';
}

// What stands behind an event of each kind.
constexpr auto kindResults = std::to_array({resultText, noResult});
static_assert(kindResults.size() == kindCount);

}  // namespace

std::string valueText(const Value& value) { return ValueText()(value); }

std::string renderText(const Event& event, const TextOptions& options) {
  const char* bold = options.color ? "\033[1m" : "";
  const char* red = options.color ? "\033[31m" : "";
  const char* plain = options.color ? "\033[0m" : "";

  std::vector<std::string> args;
  for (const auto& arg : event.args) args.push_back(argumentText(arg, options.types));
  return formatClock(event.time) + ' ' + whereText(event) + ' ' + printable(event.comm) + '[' +
         std::to_string(event.pid) + "] " + whatText(event, bold, plain) + '(' + join(args, ", ") +
         ')' + kindResults[size_t(event.kind())](event, red, plain);
}

}  // namespace swoll
