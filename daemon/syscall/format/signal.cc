// SPDX-License-Identifier: Apache-2.0
// Handlers, words of signals and siginfo_t. (include/uapi/asm-generic/siginfo.h)
#include <signal.h>

#include "event/names.h"
#include "syscall/format/formats.h"

namespace swoll::formats {
namespace {

int32_t number(std::string_view bytes, size_t offset) {
  return int32_t(wordAt(bytes, offset, sizeof(int32_t)));
}

// What a siginfo_t has behind its head: the first row that fits.
struct InfoRow {
  int signal;  // 0: any
  int code;    // any: see below
  const char* layout;
};
constexpr int anyCode = INT32_MIN, anySent = INT32_MIN + 1, anyRaised = INT32_MIN + 2;
constexpr InfoRow infoRows[] = {
    {0, SI_USER, "siginfo_source"},        {0, SI_TKILL, "siginfo_source"},
    {0, SI_TIMER, "siginfo_timer"},        {0, SI_SIGIO, "siginfo_poll"},
    {0, anySent, "siginfo_value"},         {SIGCHLD, CLD_EXITED, "siginfo_exited"},
    {SIGCHLD, anyRaised, "siginfo_child"}, {SIGILL, anyRaised, "siginfo_fault"},
    {SIGFPE, anyRaised, "siginfo_fault"},  {SIGBUS, 4, "siginfo_hardware"},  // BUS_MCEERR_AR
    {SIGBUS, 5, "siginfo_hardware"},                                         // BUS_MCEERR_AO
    {SIGBUS, anyRaised, "siginfo_fault"},  {SIGSEGV, 3, "siginfo_bounds"},   // SEGV_BNDERR
    {SIGSEGV, 4, "siginfo_key"},                                             // SEGV_PKUERR
    {SIGSEGV, anyRaised, "siginfo_fault"}, {SIGTRAP, anyRaised, "siginfo_fault"},
    {SIGIO, anyRaised, "siginfo_poll"},    {SIGSYS, anyRaised, "siginfo_syscall"},
    {0, anyCode, "siginfo_other"},
};

const char* layoutOf(int signal, int code) {
  for (const InfoRow& row : infoRows) {
    if (row.signal && row.signal != signal) continue;
    if (row.code == code || row.code == anyCode || (row.code == anySent && code <= 0) ||
        (row.code == anyRaised && code > 0))
      return row.layout;
  }
  return "siginfo_other";
}

}  // namespace

Value signalCode(int signal, int code) {
  for (const std::string& set : {std::string("siginfo_code"), "siginfo_code_" + signalName(signal)})
    if (const FlagSet* found = findSet(set))
      if (std::string name = enumName(*found, uint32_t(code)); !name.empty()) return Symbol{name};
  return Hex{uint32_t(code)};
}

Value handler(const FormatInput& in) {
  uint64_t error = in.width >= 8 ? ~0ull : (1ull << (8 * in.width)) - 1;
  if (in.raw == 0) return Symbol{"SIG_DFL"};
  if (in.raw == 1) return Symbol{"SIG_IGN"};
  if (in.raw == error) return Symbol{"SIG_ERR"};
  return Address{in.raw};
}

Value signalWord(const FormatInput& in) {
  FormatInput set;
  set.bytes = {reinterpret_cast<const char*>(&in.raw), in.width};
  return signalSet(set);
}

Value siginfo(const FormatInput& in) {
  size_t headSize = in.compat ? 12 : 16;
  if (in.bytes.size() < headSize) return Address{in.raw};
  int number0 = number(in.bytes, 0), error = number(in.bytes, 4), code = number(in.bytes, 8);
  Fields out;
  if (!number0) return out;
  FormatInput head;
  head.raw = uint64_t(int64_t(number0));
  out.fields.push_back({"si_signo", signal(head)});
  out.fields.push_back({"si_code", signalCode(number0, code)});
  if (error) {
    head.raw = uint32_t(error);
    head.set = "errno";
    out.fields.push_back({"si_errno", enumeration(head)});
  }
  FormatInput rest;
  rest.set = layoutOf(number0, code);
  rest.bytes = in.bytes.substr(headSize);
  rest.compat = in.compat;
  Value fields = structure(rest);
  for (Field& field : std::get<Fields>(fields).fields) out.fields.push_back(std::move(field));
  return out;
}

}  // namespace swoll::formats
