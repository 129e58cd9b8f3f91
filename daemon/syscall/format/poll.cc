// SPDX-License-Identifier: Apache-2.0
// Waiting for descriptors: what was asked for, and what a result says of it.
#include "syscall/format/formats.h"
#include "syscall/syscall-table.h"

namespace swoll::formats {
namespace {

constexpr size_t pollFdBytes = 8;  // include/uapi/asm-generic/poll.h: fd, events, revents

std::string namesOf(const Value& flags) {
  if (const auto* form = std::get_if<Form>(&flags)) return form->strace;
  std::string out;
  for (const std::string& name : std::get<Flags>(flags).names)
    out += (out.empty() ? "" : "|") + name;
  return out.empty() ? "0" : out;
}

// "[{fd=4, revents=POLLIN}]": those that are ready.
std::string readyFds(std::string_view bytes) {
  std::string out;
  for (size_t at = 0; at + pollFdBytes <= bytes.size(); at += pollFdBytes) {
    uint64_t events = wordAt(bytes, at + 6, 2);
    if (!events) continue;
    out += (out.empty() ? "" : ", ") +
           ("{fd=" + std::to_string(int32_t(wordAt(bytes, at, 4))) +
            ", revents=" + namesOf(flagsOf("poll_events", events, 2)) + "}");
  }
  return "[" + out + "]";
}

// The first of a set of bits, for the kernel may leave some behind them that it did not look at.
std::string readyIn(std::string_view bytes, uint64_t& left) {
  std::string out;
  for (size_t fd = 0; fd < bytes.size() * 8 && left; fd++) {
    if (!(uint8_t(bytes[fd / 8]) >> (fd % 8) & 1)) continue;
    out += (out.empty() ? "" : " ") + std::to_string(fd);
    left--;
  }
  return out;
}

// What is left of a time: "{tv_sec=1, tv_nsec=5}".
std::string timeText(const Value& value) {
  std::string out;
  if (const auto* fields = std::get_if<Fields>(&value)) {
    for (const Field& field : fields->fields) {
      const auto* plus = std::get_if<Unsigned>(&field.value);
      const auto* any = std::get_if<Signed>(&field.value);
      out += (out.empty() ? "" : ", ") + field.name + "=" +
             (plus  ? std::to_string(plus->value)
              : any ? std::to_string(any->value)
                    : std::string("?"));
    }
  }
  return "{" + out + "}";
}

}  // namespace

Value pollFds(const FormatInput& in) {
  List out;
  for (size_t at = 0; at + pollFdBytes <= in.bytes.size(); at += pollFdBytes) {
    auto fd = int32_t(wordAt(in.bytes, at, 4));
    Fields one;
    one.fields.push_back({"fd", Signed{fd}});
    // The kernel passes over those below 0.
    if (fd >= 0 || in.output) {
      one.fields.push_back(
          {in.output ? "revents" : "events",
           flagsOf("poll_events", wordAt(in.bytes, at + (in.output ? 6 : 4), 2), 2)});
    }
    out.items.push_back(std::move(one));
  }
  return out;
}

Value ready(const FormatInput& in) {
  if (in.raw == 0) return Form{{Unsigned{0}}, "0 (Timeout)"};
  const Record& record = *in.record;
  std::string said;
  auto say = [&](const std::string& more) { said += (said.empty() ? "" : ", ") + more; };
  const auto& args = syscall(record.head->type).args;
  const char* sets[] = {"in ", "out ", "except "};
  size_t set = 0;
  uint64_t left = in.raw;
  for (size_t i = 0; i < args.size(); i++) {
    const Arg& arg = args[i];
    const char* label = arg.kind == ArgKind::fdSet ? sets[set++ % 3] : "";
    const Block* block = record.find(uint8_t(i), SWOLL_PART_memory, true);
    if (!block || block->bytes.empty()) continue;
    if (arg.kind == ArgKind::pollFds) {
      say(readyFds(block->bytes));
    } else if (arg.kind == ArgKind::fdSet) {
      std::string fds = readyIn(block->bytes, left);
      if (!fds.empty()) say(label + ("[" + fds + "]"));
    } else if (arg.kind == ArgKind::structure && arg.told) {
      say("left " + timeText(structureOf(arg.set, block->bytes, in.compat)));
    }
  }
  std::string count = std::to_string(in.raw);
  return Form{{Unsigned{in.raw}}, said.empty() ? count : count + " (" + said + ")"};
}

// A union: which of its members the program means is its own affair.
Value epollData(const FormatInput& in) {
  return Fields{{{"u32", Unsigned{in.raw & 0xffffffff}}, {"u64", Unsigned{in.raw}}}};
}

// {sigset_t *, size_t}, which the kernel programs have followed as one struct iovec.
Value signalSetAt(const FormatInput& in) {
  size_t width = in.compat ? 4 : 8;
  uint64_t base = wordAt(in.bytes, 0, width), size = wordAt(in.bytes, width, width);
  const Block* data = in.record->find(in.index, SWOLL_PART_data, in.output);
  constexpr uint64_t kernelSet = 8;  // of all ABIs; the kernel takes no other size
  Value mask = Address{base};
  if (base && data && size == kernelSet && data->bytes.size() == kernelSet) {
    FormatInput set = in;
    set.bytes = data->bytes;
    mask = signalSet(set);
  }
  return Fields{{{"sigmask", mask}, {"sigsetsize", Unsigned{size}}}};
}

}  // namespace swoll::formats
