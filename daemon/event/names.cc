// SPDX-License-Identifier: Apache-2.0
#include "event/names.h"

#include <errno.h>
#include <string.h>

#include <cstdio>
#include <unordered_map>

#include "base/text.h"
#include "bpf/abi.h"

namespace swoll {
namespace {

constexpr FlagSet sets[] = {
#include "schema/flags.def"
};

struct ErrnoName {
  int number;
  const char* name;
  const char* message;
};

// What programs never see, and libc therefore has no words for, but a tracer does: how a call ends
// before the signal code turns its result into another, and what drivers let slip. And what a call
// has for a result that a filter answers by a signal.
constexpr ErrnoName innerErrnos[] = {
    {SWOLL_RESULT_SIGSYS, "SIGSYS", "Bad system call"},
    {512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"},
    {513, "ERESTARTNOINTR", "To be restarted"},
    {514, "ERESTARTNOHAND", "To be restarted if no handler"},
    {515, "ENOIOCTLCMD", "No ioctl command"},
    {516, "ERESTART_RESTARTBLOCK", "Interrupted by signal"},
    {517, "EPROBE_DEFER", "Driver requests probe retry"},
    {518, "EOPENSTALE", "Open found a stale dentry"},
    {519, "ENOPARAM", "Parameter not supported"},
    {521, "EBADHANDLE", "Illegal NFS file handle"},
    {522, "ENOTSYNC", "Update synchronization mismatch"},
    {523, "EBADCOOKIE", "Cookie is stale"},
    {524, "ENOTSUPP", "Operation is not supported"},
    {525, "ETOOSMALL", "Buffer or request is too small"},
    {526, "ESERVERFAULT", "An untranslatable error occurred"},
    {527, "EBADTYPE", "Type not supported by server"},
    {528, "EJUKEBOX", "Request initiated, but will not complete before timeout"},
    {529, "EIOCBQUEUED", "Queued, will get completion event"},
    {530, "ERECALLCONFLICT", "Conflict with recalled state"},
    {531, "ENOGRACE", "NFS file lock reclaim refused"},
};

// Second names, which users write and the table does not need.
constexpr struct {
  const char* name;
  int number;
} errnoAliases[] = {{"EWOULDBLOCK", EWOULDBLOCK}, {"EDEADLOCK", EDEADLOCK}, {"ENOTSUP", ENOTSUP}};

const ErrnoName* findInner(int number) {
  for (const auto& row : innerErrnos) {
    if (row.number == number) return &row;
  }
  return nullptr;
}

// The names of a set that the table always has.
std::string nameIn(const char* set, int number) {
  const auto* names = findSet(set);
  return names == nullptr ? "" : enumName(*names, uint64_t(number));
}

template <typename Visit>
void eachErrno(Visit visit) {
  if (const auto* known = findSet("errno")) {
    for (const auto& row : known->names) visit(row.name, int(row.value));
  }
  for (const auto& row : innerErrnos) visit(row.name, row.number);
  for (const auto& row : errnoAliases) visit(row.name, row.number);
}

}  // namespace

const FlagSet* findSet(std::string_view name) {
  static const auto byName = [] {
    std::unordered_map<std::string_view, const FlagSet*> index;
    for (const auto& set : sets) index.emplace(set.name, &set);
    return index;
  }();
  auto found = byName.find(name);
  return found == byName.end() ? nullptr : found->second;
}

namespace {

std::string hexText(uint64_t value) {
  char out[19];
  snprintf(out, sizeof out, "%#llx", static_cast<unsigned long long>(value));
  return out;
}

// Entries with the same mask of several bits are the values of one field.
bool isField(const FlagName& entry) { return entry.mask != entry.value && entry.mask != 0; }
bool endsField(const FlagSet& set, size_t i) {
  const FlagName& entry = set.names.begin()[i];
  return isField(entry) && (i + 1 == set.names.size() || (&entry + 1)->mask != entry.mask);
}

// Whether a field's bits have names of their own besides those of the whole.
bool isNamedBitwise(const FlagSet& set, uint64_t field, uint64_t value) {
  for (const FlagName& entry : set.names)
    if (entry.mask != field && entry.mask & field && entry.mask &&
        (value & entry.mask) == (entry.value & entry.mask))
      return true;
  return false;
}

// One word of a set of flags, plain and as strace has it.
template <typename Visit>
void eachFlag(const FlagSet& set, uint64_t value, Visit visit) {
  uint64_t taken = 0;
  bool any = false, named = false;
  auto say = [&](const std::string& plain, const std::string& strace) {
    visit(plain, strace);
    any = true;
  };
  auto note = [&](uint64_t bits, bool alone) {
    std::string prefix = alone ? unknownName(set) : "";
    say("0x" + hexText(bits).substr(2),
        hexText(bits) + (prefix.empty() ? "" : " /* " + prefix + " */"));
  };
  for (size_t i = 0; i < set.names.size(); i++) {
    const auto& [name, bits, mask, shift] = set.names.begin()[i];
    if (shift) continue;
    // A name without bits and mask ("MAP_FILE") stands for nothing at all being set.
    bool matches =
        mask == 0 ? value == 0 && !any : (value & mask) == (bits & mask) && (taken & mask) == 0;
    if (matches) {
      say(name, name);
      named = true;
      taken |= mask;
    } else if (endsField(set, i) && uint32_t(mask) != ~0u && value & mask & ~taken &&
               !(taken & mask) && !isNamedBitwise(set, mask, value)) {
      note(value & mask, true);
      taken |= mask;
    }
  }
  uint64_t shifted = 0;
  for (const auto& entry : set.names)
    if (entry.shift) shifted |= entry.mask;
  if (uint64_t rest = value & ~taken & ~shifted; rest != 0)
    note(rest, !named && !(value & shifted));
  for (const auto& entry : set.names) {
    if (!entry.shift || !(value & entry.mask & ~taken)) continue;
    std::string text = std::to_string((value & entry.mask) >> entry.value) + "<<" + entry.name;
    say(text, text);
  }
}

}  // namespace

Flags flagNames(const FlagSet& set, uint64_t value) {
  Flags flags;
  eachFlag(set, value,
           [&](const std::string& plain, const std::string&) { flags.names.push_back(plain); });
  return flags;
}

std::string flagText(const FlagSet& set, uint64_t value) {
  std::string out;
  bool differs = false;
  eachFlag(set, value, [&](const std::string& plain, const std::string& strace) {
    out += (out.empty() ? "" : "|") + strace;
    differs |= plain != strace;
  });
  return differs ? out : "";
}

std::string unknownName(const FlagSet& set) {
  if (set.unknown) return set.unknown;
  std::string_view common;
  bool first = true;
  for (const FlagName& entry : set.names) {
    std::string_view name = entry.name;
    if (first) common = name;
    first = false;
    size_t same = 0;
    while (same < common.size() && same < name.size() && common[same] == name[same]) same++;
    common = common.substr(0, same);
  }
  size_t end = common.rfind('_');
  return end == common.npos ? "" : std::string(common.substr(0, end + 1)) + "???";
}

std::string enumName(const FlagSet& set, uint64_t value) {
  for (const auto& row : set.names) {
    if (uint32_t(row.value) == uint32_t(value)) return row.name;
  }
  return {};
}

std::string errnoName(int number) {
  if (auto name = nameIn("errno", number); !name.empty()) return name;
  if (const auto* row = findInner(number)) return row->name;
  return "E" + std::to_string(number);
}

std::string errnoMessage(int number) {
  if (const char* message = strerrordesc_np(number)) return message;
  if (const auto* row = findInner(number)) return row->message;
  return {};
}

std::optional<int> errnoByName(std::string_view name) {
  std::optional<int> found;
  eachErrno([&](std::string_view known, int number) {
    if (known == name) found = number;
  });
  return found;
}

std::string nearestErrno(std::string_view name) {
  std::vector<std::string_view> known;
  eachErrno([&](std::string_view candidate, int) { known.push_back(candidate); });
  return nearest(name, known);
}

std::string signalName(int number) { return nameIn("signal", number); }

}  // namespace swoll
