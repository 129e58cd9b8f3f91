// SPDX-License-Identifier: Apache-2.0
#include "trace/kind-table.h"

#include "process/decode-process.h"
#include "syscall/decode.h"
#include "syscall/layout.h"
#include "syscall/render-strace.h"

namespace swoll {
namespace {

void addNames(std::set<std::string_view>& names, std::span<const Arg> args) {
  for (const Arg& arg : args) {
    names.insert(arg.name);
    const Layout* layout = arg.spread ? findLayout(arg.set) : nullptr;
    if (!layout) continue;
    for (const Member& member : layout->members)
      if (member.shown) names.insert(member.name);
  }
}

// As their own rows and all their variants name them.
void addCallArgumentNames(std::set<std::string_view>& names, const TypeSet& types) {
  for (CallId id = 0; id < syscallTable().size(); id++)
    if (types.test(id)) addNames(names, syscall(id).args);
  for (const VariantKey& key : variantKeys())
    if (types.test(key.call)) addNames(names, variants()[key.variant].args);
}

// In the order of EventKind.
constexpr KindRow rows[kindCount] = {
    {decode, addCallArgumentNames, renderStrace},
    {decodeProcess, addProcessFactNames, renderProcessStrace},
};

}  // namespace

const KindRow& kindRow(EventKind kind) { return rows[size_t(kind)]; }

Event decodeRecord(const Record& record, ClockBase base) {
  return kindRow(kindOf(record.head->type)).decode(record, base);
}

std::string renderStraceLine(const Event& event) { return kindRow(event.kind()).strace(event); }

}  // namespace swoll
