// SPDX-License-Identifier: Apache-2.0
// Programs of the classic packet filter: include/uapi/linux/filter.h, bpf_common.h
#include <cstdio>
#include <cstring>

#include "event/names.h"
#include "event/strace-value.h"
#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

struct Instruction {
  uint16_t code;
  uint8_t jt, jf;
  uint32_t k;
};

enum Class { LD, LDX, ST, STX, ALU, JMP, RET, MISC };

std::string hexText(uint32_t value) {
  char out[16];
  snprintf(out, sizeof out, "%#x", value);
  return out;
}

std::string nameOf(const char* set, uint32_t value) {
  const FlagSet* names = findSet(set);
  std::string name = names ? enumName(*names, value) : "";
  if (!name.empty() || !names) return name;
  return hexText(value) + " /* " + unknownName(*names) + " */";
}

std::string codeText(uint16_t code) {
  int klass = code & 7;
  std::string out = nameOf("bpf_class", uint32_t(klass));
  auto add = [&](const std::string& word) { out += "|" + word; };
  switch (klass) {
    case LD:
    case LDX:
      add(nameOf("bpf_size", code & 0x18));
      add(nameOf("bpf_mode", code & 0xe0));
      break;
    case ST:
    case STX:
      if (code & ~7) add(hexText(code & ~7u) + " /* BPF_??? */");
      return out;
    case ALU:
      add(nameOf("bpf_source", code & 0x08));
      add(nameOf("bpf_alu", code & 0xf0));
      break;
    case JMP:
      add(nameOf("bpf_source", code & 0x08));
      add(nameOf("bpf_jump", code & 0xf0));
      break;
    case RET:
      add(nameOf("bpf_result", code & 0x18));
      if (code & 0xe0) add(hexText(code & 0xe0) + " /* BPF_??? */");
      break;
    case MISC:
      add(nameOf("bpf_misc", code & 0xf8));
      break;
  }
  if (code & 0xff00) add(hexText(code & 0xff00u) + " /* BPF_??? */");
  return out;
}

std::string extendedCode(uint8_t code) {
  enum { JMP32 = 6, ALU64 = 7 };
  int klass = code & 7;
  std::string out = nameOf("ebpf_class", uint32_t(klass));
  auto add = [&](const char* set, uint32_t bits) { out += "|" + nameOf(set, bits); };
  if (klass <= STX) {
    add("ebpf_size", code & 0x18);
    add("ebpf_mode", code & 0xe0);
  } else if (klass == JMP32) {
    if (code & ~7) out += "|" + hexText(code & ~7u) + " /* BPF_??? */";
  } else {
    add("bpf_source", code & 0x08);
    add(klass == JMP ? "ebpf_jump" : "ebpf_alu", code & 0xf0);
  }
  return out;
}

Value program(const FormatInput& in, const char* actions) {
  List out;
  for (size_t at = 0; at + sizeof(Instruction) <= in.bytes.size(); at += sizeof(Instruction)) {
    Instruction one;
    memcpy(&one, in.bytes.data() + at, sizeof(one));
    std::string code = codeText(one.code), k = hexText(one.k);
    if (actions && one.code == RET) {
      uint32_t data = one.k & 0xffff;
      k = nameOf(actions, one.k & 0xffff0000);
      if (data) k += "|" + hexText(data);
    }
    Fields fields{{{"code", Symbol{code}},
                   {"jt", Unsigned{one.jt}},
                   {"jf", Unsigned{one.jf}},
                   {"k", Hex{one.k}}}};
    std::string spelled = one.jt || one.jf ? "BPF_JUMP(" + code + ", " + k + ", " +
                                                 hexText(one.jt) + ", " + hexText(one.jf) + ")"
                                           : "BPF_STMT(" + code + ", " + k + ")";
    out.items.push_back(Form{{std::move(fields)}, std::move(spelled)});
  }
  return out;
}

}  // namespace

// include/uapi/linux/bpf.h, struct bpf_insn
Value bpfProgram(const FormatInput& in) {
  struct Insn {
    uint8_t code, registers;
    int16_t off;
    int32_t imm;
  };
  List out;
  for (size_t at = 0; at + sizeof(Insn) <= in.bytes.size(); at += sizeof(Insn)) {
    Insn one;
    memcpy(&one, in.bytes.data() + at, sizeof(one));
    auto reg = [](uint32_t n) { return Symbol{nameOf("ebpf_register", n)}; };
    out.items.push_back(Fields{{{"code", Symbol{extendedCode(one.code)}},
                                {"dst_reg", reg(one.registers & 0xf)},
                                {"src_reg", reg(one.registers >> 4)},
                                {"off", Signed{one.off}},
                                {"imm", Hex{uint32_t(one.imm)}}}});
  }
  return out;
}

Value socketFilter(const FormatInput& in) { return program(in, nullptr); }
Value seccompFilter(const FormatInput& in) { return program(in, "seccomp_action"); }

}  // namespace swoll::formats
