// SPDX-License-Identifier: Apache-2.0
// Any bytes as a record of the kernel programs, through all that user space does with one: parsed,
// decoded by the table, and shown in every form. It must not read beyond them (ASan), compute what
// is not defined (UBSan) or take longer than its size allows; and what is shown must be whole.
//
// Bytes that no record could begin with end in the parser at once, so each input is also tried as
// one that says its own size and a type of event.
#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "event/render-json.h"
#include "event/render-text.h"
#include "syscall/syscall-table.h"
#include "trace/kind-table.h"

namespace {

using namespace swoll;

// A line for a terminal or a file has no control characters.
void mustBePlain(const std::string& line) {
  for (char c : line)
    if (uint8_t(c) < 0x20 || c == 0x7f) abort();
}

void tryRecord(const void* data, size_t size) {
  auto record = parseRecord(data, size);
  if (!record) return;
  Event event = decodeRecord(*record, {});
  rapidjson::Document document;
  std::string json = renderJson({}, event);
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json.c_str(), json.size());
  if (document.HasParseError()) abort();
  mustBePlain(json);
  mustBePlain(renderText(event, {.types = true}));
  mustBePlain(renderStraceLine(event));
}

// The ring's records are aligned, and nothing lies behind them that may be read.
std::vector<uint64_t> aligned(const uint8_t* data, size_t size) {
  std::vector<uint64_t> words(size / 8);
  if (size >= 8) memcpy(words.data(), data, size / 8 * 8);
  return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto words = aligned(data, size);
  tryRecord(words.data(), words.size() * 8);
  if (words.size() * 8 < sizeof(swoll_record)) return 0;
  swoll_record head;
  memcpy(&head, words.data(), sizeof(head));
  head.size = uint32_t(words.size() * 8);
  head.type %= maxTypes;
  head.arch %= archCount;
  memcpy(words.data(), &head, sizeof(head));
  tryRecord(words.data(), words.size() * 8);
  return 0;
}
