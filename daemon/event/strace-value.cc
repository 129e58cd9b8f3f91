// SPDX-License-Identifier: Apache-2.0
#include "event/strace-value.h"

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "base/time-text.h"

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
      // What has no name says it by itself.
      std::string label = name.empty() ? "" : printable(name) + '=';
      items.push_back(label + StraceValue()(value));
    }
    if (truncated) items.emplace_back("...");
    return '{' + join(items, ", ") + '}';
  }
  std::string operator()(const Pointed& pointed) const {
    return '[' + (pointed.inner.empty() ? "?" : (*this)(pointed.inner.front())) + ']';
  }
  std::string operator()(const Form& form) const { return printable(form.strace); }
};

}  // namespace

std::string straceText(const Value& value, bool truncated) { return StraceValue{truncated}(value); }

std::string straceLine(const Event& event, const std::string& what) {
  constexpr size_t tidWidth = 5;
  std::string tid = std::to_string(event.tid);
  tid.resize(std::max(tid.size(), tidWidth), ' ');
  return tid + ' ' + formatClock(event.time) + ' ' + what;
}

}  // namespace swoll
