// SPDX-License-Identifier: Apache-2.0
#include "process/process-table.h"

#include <cstring>

#include "base/text.h"
#include "event/names.h"
#include "syscall/format/formats.h"
#include "syscall/target.h"

namespace swoll {
namespace {

constexpr ProcessType types[] = {
    {SWOLL_PROCESS_fork, "fork"},
    {SWOLL_PROCESS_exec, "exec"},
    {SWOLL_PROCESS_exit, "exit"},
    {SWOLL_PROCESS_kill, "kill"},
};

constexpr uint8_t bit(swoll_process_type type) { return uint8_t(1 << (type - SWOLL_PROCESS_fork)); }
constexpr uint8_t exec = bit(SWOLL_PROCESS_exec), kill = bit(SWOLL_PROCESS_kill),
                  end = bit(SWOLL_PROCESS_exit) | kill,
                  every = end | exec | bit(SWOLL_PROCESS_fork);

uint32_t lower(const Record& record, swoll_process_word word) {
  return uint32_t(record.args[word]);
}
uint32_t upper(const Record& record, swoll_process_word word) {
  return uint32_t(record.args[word] >> 32);
}

// Of wait(2)'s status.
int signalOf(const Record& record) { return lower(record, SWOLL_WORD_status) & 0x7f; }

bool readParent(const Record& record, Argument& fact) {
  fact.value = Unsigned{lower(record, SWOLL_WORD_parent)};
  return true;
}

// The path as the process itself sees it. A program that is gone or never had a name is as
// /proc/PID/exe shows it.
bool readExe(const Record& record, Argument& fact) {
  const Block* block = record.find(SWOLL_PIECE_exe, SWOLL_PART_target, false);
  Value file = block ? targetOf(block->bytes) : Value{};
  const auto* fields = std::get_if<Fields>(&file);
  fact.faulted = true;
  if (!fields) return true;
  for (const Field& field : fields->fields) {
    if (std::string_view(field.name) == "path") fact.value = field.value, fact.faulted = false;
    if (std::string_view(field.name) == "truncated") fact.truncated = true;
  }
  return true;
}

bool readFilename(const Record& record, Argument& fact) {
  const Block* block = record.find(SWOLL_PIECE_filename, SWOLL_PART_memory, false);
  fact.faulted = !block;
  if (block) fact.value = Bytes{std::string(block->bytes)};
  return true;
}

bool readArgv(const Record& record, Argument& fact) {
  const Block* block = record.find(SWOLL_PIECE_argv, SWOLL_PART_memory, false);
  fact.faulted = !block || block->flags & SWOLL_BLOCK_faulted;
  if (!block) return true;
  fact.truncated = block->flags & (SWOLL_BLOCK_truncated | SWOLL_BLOCK_faulted);
  List argv;
  for (std::string_view rest = block->bytes; !rest.empty();) {
    size_t end = rest.find('\0');
    argv.items.push_back(Bytes{std::string(rest.substr(0, end))});
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  if (!fact.faulted || !argv.items.empty()) fact.value = std::move(argv);
  return true;
}

bool readStatus(const Record& record, Argument& fact) {
  if (signalOf(record)) return false;
  fact.value = Unsigned{lower(record, SWOLL_WORD_status) >> 8 & 0xff};
  return true;
}

bool readSignal(const Record& record, Argument& fact) {
  if (!signalOf(record)) return false;
  fact.value = Symbol{signalName(signalOf(record))};
  return true;
}

bool readCore(const Record& record, Argument& fact) {
  if (!signalOf(record)) return false;
  fact.value = Unsigned{lower(record, SWOLL_WORD_status) >> 7 & 1};
  return true;
}

bool readAge(const Record& record, Argument& fact) {
  fact.value = Unsigned{record.args[SWOLL_WORD_age]};
  return true;
}

bool readCause(const Record& record, Argument& fact) {
  uint32_t cause = upper(record, SWOLL_WORD_cause);
  const char* text = cause & SWOLL_CAUSE_oom       ? "oom"
                     : cause & SWOLL_CAUSE_process ? "process"
                     : cause & SWOLL_CAUSE_known   ? "kernel"
                                                   : "unknown";
  fact.value = Symbol{text};
  return true;
}

bool readCode(const Record& record, Argument& fact) {
  if (!(upper(record, SWOLL_WORD_cause) & SWOLL_CAUSE_known)) return false;
  fact.value = formats::signalCode(signalOf(record), int(lower(record, SWOLL_WORD_cause)));
  return true;
}

bool readSender(const Record& record, Argument& fact) {
  if (!(upper(record, SWOLL_WORD_cause) & SWOLL_CAUSE_process)) return false;
  const Block* block = record.find(SWOLL_PIECE_comm, SWOLL_PART_memory, false);
  std::string comm(block ? block->bytes : std::string_view());
  comm.resize(strnlen(comm.data(), comm.size()));
  fact.value = Fields{{{"pid", Unsigned{lower(record, SWOLL_WORD_sender)}},
                       {"uid", Unsigned{upper(record, SWOLL_WORD_sender)}},
                       {"comm", Bytes{std::move(comm)}}}};
  return true;
}

constexpr ProcessFact facts[] = {
    {"parent", "pid_t", every, readParent},
    {"exe", "const char *", every, readExe},
    {"filename", "const char *", exec, readFilename},
    {"argv", "const char *const *", exec, readArgv},
    {"status", "int", end & ~kill, readStatus},
    {"signal", "int", end, readSignal},
    {"core_dumped", "", end, readCore},
    {"cause", "", kill, readCause},
    {"code", "int", kill, readCode},
    {"sender", "", kill, readSender},
    {"age", durationType, end, readAge},
};

}  // namespace

std::span<const ProcessType> processTypes() { return types; }
std::span<const ProcessFact> processFacts() { return facts; }

const ProcessType* processType(EventType type) {
  for (const ProcessType& row : types)
    if (row.type == type) return &row;
  return nullptr;
}

const ProcessType* processType(std::string_view name) {
  for (const ProcessType& row : types)
    if (name == row.name) return &row;
  return nullptr;
}

std::string nearestProcessType(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ProcessType& row : types) names.push_back(row.name);
  return nearest(name, names);
}

Result<TypeSet> parseProcesses(const std::vector<std::string>& words) {
  TypeSet set;
  for (size_t i = 0; i < words.size(); i++) {
    std::string_view word = words[i];
    bool away = word.starts_with('!');
    if (away) word.remove_prefix(1);
    if (i == 0 && away) set = typesOf(EventKind::process);
    TypeSet named;
    if (word == "all") named = typesOf(EventKind::process);
    if (const ProcessType* row = processType(word)) named.set(row->type);
    if (named.none()) {
      std::string near = nearestProcessType(word);
      return unknown("event of processes", std::string(word), near.empty() ? "all" : near);
    }
    set = away ? set & ~named : set | named;
  }
  if (set.none()) return Error{"the list of events of processes leaves none"};
  return set;
}

}  // namespace swoll
