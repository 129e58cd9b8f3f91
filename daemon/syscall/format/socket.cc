// SPDX-License-Identifier: Apache-2.0
// What belongs to sockets and their options: rows in schema/sockopts.def.
#include "syscall/format/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>

#include "event/names.h"
#include "event/strace-value.h"
#include "syscall/format/formats.h"
#include "syscall/layout.h"

namespace swoll {
namespace {

using K = ArgKind;

// Levels of options: the set with the names of each.
struct Level {
  uint32_t level;
  const char* names;
};
// Values of options. Without a row, four bytes are an int and others a string.
enum Direction : uint8_t { get = 1, set = 2, both = 3 };
struct OptionRow {
  uint32_t level;
  std::vector<uint32_t> names;  // none: all of the level
  Direction direction;
  const char* layout;
  bool exact = false;  // no other size will do
  bool array = false;
};
#define LEVELS
const Level levels[] = {
#include "schema/sockopts.def"
};
#undef LEVELS
#define OPTIONS
const OptionRow options[] = {
#include "schema/sockopts.def"
};
#undef OPTIONS
#define CONTROLS
const ControlRow controls[] = {
#include "schema/sockopts.def"
};
#undef CONTROLS

const OptionRow* findOption(uint32_t level, uint32_t name, Direction direction) {
  for (const OptionRow& row : options) {
    bool named =
        row.names.empty() || std::find(row.names.begin(), row.names.end(), name) != row.names.end();
    if (row.level == level && named && row.direction & direction) return &row;
  }
  return nullptr;
}

std::string hexQuoted(std::string_view bytes) {
  std::string out = "\"";
  for (char byte : bytes) {
    char text[5];
    snprintf(text, sizeof text, "\\x%02x", uint8_t(byte));
    out += text;
  }
  return out + '"';
}

bool isInt(const OptionRow& row) { return placement(*findLayout(row.layout), false).size == 4; }

}  // namespace

const ControlRow* findControl(uint32_t level, uint32_t type) {
  for (const ControlRow& row : controls)
    if (row.level == level && row.type == type) return &row;
  return nullptr;
}

namespace formats {

// Everywhere, the first interface of a network namespace is its loopback.
Value ifindex(const FormatInput& in) {
  if (in.raw != 1) return Unsigned{in.raw};
  return Form{{Unsigned{1}}, "if_nametoindex(\"lo\")"};
}

Value paddedHex(const FormatInput& in) {
  char text[20];
  snprintf(text, sizeof text, "%#0*llx", 2 * in.width, static_cast<unsigned long long>(in.raw));
  return Form{{Hex{in.raw}}, text};
}

Value etherType(const FormatInput& in) {
  FormatInput host;
  host.raw = ntohs(uint16_t(in.raw));
  host.set = "ethernet_protocol";
  Value value = enumeration(host);
  std::string said = "htons(" + straceText(value) + ")";
  return Form{{std::move(value)}, std::move(said)};
}

Value hwaddr(const FormatInput& in) {
  std::string text;
  for (char byte : in.bytes) {
    char octet[4];
    snprintf(octet, sizeof octet, "%02x", uint8_t(byte));
    text += (text.empty() ? "" : ":") + std::string(octet);
  }
  return Form{{Bytes{text}}, text};
}

// A type that has no name is among the unknown flags.
Value socketType(const FormatInput& in) {
  constexpr uint64_t typeBits = 0xf;
  static const FlagSet none{"", {}};
  const FlagSet *types = findSet("socket_type"), *all = findSet("sock_flags");
  std::string type = enumName(types ? *types : none, in.raw & typeBits);
  FormatInput above = in;
  above.set = "sock_flags";
  if (type.empty() || type == "SOCK_CLOEXEC") return flags(above);
  above.raw = in.raw & ~typeBits;
  Flags names{{type}};
  if (above.raw == 0) return names;
  for (const std::string& name : flagNames(all ? *all : none, above.raw).names)
    names.names.push_back(name);
  std::string said = type + "|" + straceText(flags(above));
  return Form{{std::move(names)}, std::move(said)};
}

Value socketProtocol(const FormatInput& in) {
  static constexpr struct {
    uint32_t family;
    const char* set;
  } sets[] = {{AF_INET, "inet_protocol"},
              {AF_INET6, "inet_protocol"},
              {AF_NETLINK, "netlink_protocol"},
              {AF_CAN, "can_protocol"},
              {AF_BLUETOOTH, "bluetooth_protocol"},
              {AF_KCM, "kcm_protocol"},
              {AF_SMC, "smc_protocol"}};
  auto family = uint32_t(in.record->args[0]);
  bool plain = *in.set;
  if (!plain && family == AF_PACKET) return etherType(in);
  for (const auto& row : sets) {
    if (plain || row.family != family) continue;
    FormatInput named = in;
    named.set = row.set;
    return enumeration(named);
  }
  // An int, of which strace shows the whole register.
  return Form{{Signed{int32_t(in.raw)}}, std::to_string(in.record->args[in.index])};
}

Value socketOption(const FormatInput& in) {
  auto level = uint32_t(in.record->args[1]);
  for (const Level& row : levels) {
    if (row.level != level) continue;
    FormatInput named = in;
    named.set = row.names;
    // The same number can mean another thing where it is read.
    const FlagSet* reading = *in.set ? findSet(std::string(row.names) + in.set) : nullptr;
    if (reading && !enumName(*reading, in.raw).empty()) named.set = reading->name;
    return enumeration(named);
  }
  return Unsigned{in.raw};
}

Value optionValue(const FormatInput& in) {
  if (in.bytes.empty()) return Address{in.raw};
  auto level = uint32_t(in.record->args[1]), name = uint32_t(in.record->args[2]);
  const OptionRow* row = findOption(level, name, in.output ? get : set);
  FormatInput value = in;
  if (!row) {
    if (in.bytes.size() != sizeof(int)) return Bytes{std::string(in.bytes)};
    value.set = "int";
    return structure(value);
  }
  size_t size = placement(*findLayout(row->layout), in.compat).size;
  if (!in.output && (in.bytes.size() < size || (row->exact && in.bytes.size() != size)))
    return Address{in.raw};
  value.set = row->layout;
  value.array = row->array;
  if (in.bytes.size() < size && isInt(*row))
    return Form{{Bytes{std::string(in.bytes)}}, hexQuoted(in.bytes)};
  return structure(value);
}

}  // namespace formats
}  // namespace swoll
