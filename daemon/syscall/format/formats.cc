// SPDX-License-Identifier: Apache-2.0
// Numbers and strings. Structures are in structure.cc, sets of bits in bits.cc,
// messages in message.cc, addresses in sockaddr.cc.
#include "syscall/format/formats.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstring>
#include <ctime>

#include "event/names.h"

namespace swoll {

uint64_t wordAt(std::string_view bytes, size_t offset, size_t width) {
  uint64_t out = 0;
  if (width <= sizeof(out) && offset <= bytes.size() && width <= bytes.size() - offset)
    memcpy(&out, bytes.data() + offset, width);
  return out;
}

Value structureOf(const char* layout, std::string_view bytes, bool compat) {
  FormatInput in;
  in.set = layout;
  in.bytes = bytes;
  in.compat = compat;
  return formats::structure(in);
}

Value flagsOf(const char* set, uint64_t raw, uint8_t width) {
  FormatInput in;
  in.set = set;
  in.raw = raw;
  in.width = width;
  return formats::flags(in);
}

Value format(ArgKind kind, const FormatInput& in) {
  static constexpr Value (*functions[])(const FormatInput&) = {
#define KIND(id) formats::id,
#include "syscall/arg-kinds.def"
#undef KIND
  };
  return functions[size_t(kind)](in);
}

uint64_t extend(ArgKind kind, uint64_t raw, uint8_t width) {
  if (width >= 8) return raw;
  int unused = 64 - 8 * width;
  switch (kind) {
    case ArgKind::sint:
    case ArgKind::fd:
    case ArgKind::dirfd:
    case ArgKind::seconds:
    case ArgKind::waitStatus:
    case ArgKind::signal:
    case ArgKind::errorNumber:
    case ArgKind::keySerial:
    case ArgKind::pidOrAny:
      return uint64_t(int64_t(raw << unused) >> unused);
    default:
      return raw << unused >> unused;
  }
}

namespace formats {
namespace {

template <typename... Args>
std::string text(const char* form, Args... args) {
  char out[96];
  snprintf(out, sizeof out, form, args...);
  return out;
}

const FlagSet& setOf(const char* name) {
  static const FlagSet none{"", {}};
  const FlagSet* found = findSet(name);
  return found ? *found : none;
}

}  // namespace

Value sint(const FormatInput& in) { return Signed{int64_t(in.raw)}; }
Value uint(const FormatInput& in) { return Unsigned{in.raw}; }
Value hex(const FormatInput& in) { return Hex{in.raw}; }
Value address(const FormatInput& in) { return Address{in.raw}; }
Value octal(const FormatInput& in) { return Octal{in.raw}; }
Value fd(const FormatInput& in) { return Signed{int32_t(in.raw)}; }

Value id(const FormatInput& in) {
  uint64_t none = in.width >= 8 ? ~0ull : (1ull << (8 * in.width)) - 1;
  if (in.raw == none) return Signed{-1};
  return Unsigned{in.raw};
}

Value dirfd(const FormatInput& in) {
  if (int32_t(in.raw) == AT_FDCWD) return Symbol{"AT_FDCWD"};
  return fd(in);
}

Value flags(const FormatInput& in) {
  const FlagSet& set = setOf(in.set);
  std::string spelled = flagText(set, in.raw);
  Flags names = flagNames(set, in.raw);
  if (spelled.empty()) return names;
  return Form{{std::move(names)}, std::move(spelled)};
}

Value enumeration(const FormatInput& in) {
  const FlagSet& set = setOf(in.set);
  std::string name = enumName(set, in.raw), prefix = unknownName(set);
  if (!name.empty()) return Symbol{name};
  if (prefix.empty()) return Hex{in.raw};
  return Form{{Hex{in.raw}}, text("%#llx", (unsigned long long)in.raw) + " /* " + prefix + " */"};
}

// Where the numbers run from 0 without a gap, strace writes those it does not know in decimal.
Value ordinal(const FormatInput& in) {
  const FlagSet& set = setOf(in.set);
  std::string name = enumName(set, in.raw);
  if (!name.empty()) return Symbol{name};
  return Form{{Unsigned{in.raw}},
              text("%llu /* %s */", (unsigned long long)in.raw, unknownName(set).c_str())};
}

// Names of which strace shows the number too.

Value signal(const FormatInput& in) {
  std::string name = signalName(int(in.raw));
  if (!name.empty()) return Symbol{name};
  return Signed{int64_t(in.raw)};
}

// The type by its name, the rest as permissions.
Value mode(const FormatInput& in) {
  static const FlagSet types{"",
                             {{"S_IFSOCK", S_IFSOCK, S_IFMT},
                              {"S_IFLNK", S_IFLNK, S_IFMT},
                              {"S_IFREG", S_IFREG, S_IFMT},
                              {"S_IFBLK", S_IFBLK, S_IFMT},
                              {"S_IFDIR", S_IFDIR, S_IFMT},
                              {"S_IFCHR", S_IFCHR, S_IFMT},
                              {"S_IFIFO", S_IFIFO, S_IFMT},
                              {"S_ISUID", S_ISUID},
                              {"S_ISGID", S_ISGID},
                              {"S_ISVTX", S_ISVTX}}};
  Flags out = flagNames(types, in.raw & ~0777ull);
  if (in.raw & S_IFMT && !out.names[0].starts_with("S_IF")) return Octal{in.raw};
  if (out.names.empty()) return Octal{in.raw};
  out.names.push_back(text("%#03llo", (unsigned long long)(in.raw & 0777)));
  return out;
}

// The kernel's own packing of dev_t for user space: include/linux/kdev_t.h, new_encode_dev.
Value device(const FormatInput& in) {
  Form out;
  uint64_t high = gnu_dev_major(in.raw), low = gnu_dev_minor(in.raw);
  out.inner.push_back(Fields{{{"major", Unsigned{high}}, {"minor", Unsigned{low}}}});
  out.strace = text("makedev(%#llx, %#llx)", (unsigned long long)high, (unsigned long long)low);
  return out;
}

Value port(const FormatInput& in) {
  uint16_t host = uint16_t((in.raw & 0xff) << 8 | (in.raw >> 8 & 0xff));
  return Form{{Unsigned{host}}, text("htons(%u)", host)};
}

Value seconds(const FormatInput& in) { return Signed{int64_t(in.raw)}; }

// wait(2), and strace's way to say it.
Value waitStatus(const FormatInput& in) {
  int status = int(in.raw);
  Fields out;
  std::string said;
  auto signalText = [](int number) {
    std::string name = signalName(number);
    return name.empty() ? std::to_string(number) : name;
  };
  if (WIFEXITED(status)) {
    out.fields.push_back({"exited", Signed{WEXITSTATUS(status)}});
    said = text("{WIFEXITED(s) && WEXITSTATUS(s) == %d}", WEXITSTATUS(status));
  } else if (WIFSTOPPED(status)) {
    out.fields.push_back({"stopped", Symbol{signalText(WSTOPSIG(status))}});
    said = "{WIFSTOPPED(s) && WSTOPSIG(s) == " + signalText(WSTOPSIG(status)) + "}";
  } else if (WIFSIGNALED(status)) {
    out.fields.push_back({"killed", Symbol{signalText(WTERMSIG(status))}});
    said = "{WIFSIGNALED(s) && WTERMSIG(s) == " + signalText(WTERMSIG(status)) +
           (WCOREDUMP(status) ? " && WCOREDUMP(s)}" : "}");
    if (WCOREDUMP(status)) out.fields.push_back({"core", Unsigned{1}});
  } else if (WIFCONTINUED(status)) {
    out.fields.push_back({"continued", Unsigned{1}});
    said = "{WIFCONTINUED(s)}";
  } else {
    return Hex{in.raw};
  }
  return Form{{out}, said};
}

Value text(const FormatInput& in) { return Bytes{std::string(in.bytes)}; }

Value characters(const FormatInput& in) {
  return Bytes{std::string(in.bytes.substr(0, in.bytes.find('\0')))};
}

// Elements one behind the other, each with its terminator; a last one without it was cut.
Value list(const FormatInput& in) {
  List out;
  std::string_view rest = in.bytes;
  while (!rest.empty()) {
    size_t end = rest.find('\0');
    out.items.push_back(Bytes{std::string(rest.substr(0, end))});
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return out;
}

}  // namespace formats
}  // namespace swoll
