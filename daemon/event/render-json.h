// SPDX-License-Identifier: Apache-2.0
// An event as the contract's JSON line, `{"trace":[...],"payload":{...}}`, without a newline.
//
// Every line is valid JSON in valid UTF-8, whatever bytes a process used. A string that was not
// UTF-8 has "\xNN" for such bytes and doubled backslashes, and says so: arguments by
// `"escaped":true` in arg_notes (the result there as "return"), the thread's name by
// "comm_escaped". Characters that steer a terminal are written as \u escapes.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <span>
#include <string>
#include <string_view>

#include "event/event.h"

namespace swoll {

// Renders one event after the other into one buffer. A resource; for one thread.
class JsonRenderer {
 public:
  // `traces` are those that want the event. The line is valid until the next call.
  std::string_view render(std::span<const std::string_view> traces, const Event& event);

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
  std::string tamed_;  // a line that had to be changed once more
};

// For a single event.
std::string renderJson(std::span<const std::string_view> traces, const Event& event);

// Finished JSON with what could steer a terminal as \u escapes; it means the same.
std::string tameJson(std::string_view json);

}  // namespace swoll
