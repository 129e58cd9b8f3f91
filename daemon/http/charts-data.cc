// SPDX-License-Identifier: Apache-2.0
#include "http/charts-data.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <map>
#include <utility>

#include "base/escape.h"

namespace swoll {
namespace {

constexpr uint64_t mostExact = uint64_t(1) << 53;

// Numbers things in the order in which they are first seen.
template <typename Key>
class Index {
 public:
  unsigned of(const Key& key) {
    auto [at, isNew] = numbers.try_emplace(key, unsigned(inOrder.size()));
    if (isNew) inOrder.push_back(key);
    return at->second;
  }
  const std::vector<Key>& all() const { return inOrder; }

 private:
  std::map<Key, unsigned> numbers;
  std::vector<Key> inOrder;
};

class Json {
 public:
  void key(const char* name) { writer.Key(name); }
  void text(const std::string& text) {
    std::string valid = isUtf8(text) ? text : escapeNonUtf8(text);
    writer.String(valid.data(), unsigned(valid.size()));
  }
  void number(uint64_t number) {
    if (number <= mostExact)
      writer.Uint64(number);
    else
      text(std::to_string(number));
  }
  void member(const char* name, const std::string& value) {
    key(name);
    text(value);
  }
  void member(const char* name, uint64_t value) {
    key(name);
    number(value);
  }
  std::string take() const { return {out.GetString(), out.GetSize()}; }

  rapidjson::StringBuffer out;
  rapidjson::Writer<rapidjson::StringBuffer> writer{out};
};

void writeRow(Json& json, const CallStat& stat, unsigned container, unsigned call,
              unsigned result) {
  const auto& buckets = stat.sum.buckets;
  size_t first = 0, end = SWOLL_BUCKETS;
  while (first < end && !buckets[first]) first++;
  while (end > first && !buckets[end - 1]) end--;
  json.writer.StartArray();
  for (unsigned index : {container, call, result}) json.writer.Uint(index);
  json.number(stat.sum.time);
  json.writer.Uint(unsigned(first));
  for (size_t i = first; i < end; i++) json.number(buckets[i]);
  json.writer.EndArray();
}

void writeMoment(Json& json, const ChartsMoment& moment) {
  json.member("started", moment.started);
  json.member("now", moment.now);
  json.key("counting");
  json.writer.Bool(moment.isCounting);
  json.member("uncounted", moment.uncounted);
  json.key("bucketEnds");
  json.writer.StartArray();
  for (size_t i = 0; i + 1 < SWOLL_BUCKETS; i++) json.number(bucketEnd(i));
  json.writer.Null();
  json.writer.EndArray();
}

void writeContainer(Json& json, const KnownContainer& container) {
  json.writer.StartObject();
  json.member("handle", container.handle);
  json.member("id", container.info.id);
  json.member("namespace", container.info.nameSpace);
  json.member("pod", container.info.pod);
  json.member("name", container.info.name);
  json.writer.EndObject();
}

void writeCall(Json& json, const Syscall& call) {
  json.writer.StartObject();
  json.member("name", call.name);
  json.member("class", call.klass);
  json.member("group", call.group);
  json.writer.EndObject();
}

template <typename Things, typename Write>
void writeList(Json& json, const char* name, const Things& things, Write&& write) {
  json.key(name);
  json.writer.StartArray();
  for (const auto& thing : things) write(thing);
  json.writer.EndArray();
}

}  // namespace

std::string chartsData(const ChartsMoment& moment, const std::vector<CallStat>& stats) {
  Json json;
  Index<const KnownContainer*> containers;
  Index<CallId> calls;
  Index<std::string> results;
  json.writer.StartObject();
  writeMoment(json, moment);
  writeList(json, "rows", stats, [&](const CallStat& stat) {
    writeRow(json, stat, containers.of(stat.container), calls.of(stat.call),
             results.of(resultName(stat.error)));
  });
  writeList(json, "containers", containers.all(),
            [&](const KnownContainer* container) { writeContainer(json, *container); });
  writeList(json, "calls", calls.all(), [&](CallId call) { writeCall(json, syscall(call)); });
  writeList(json, "results", results.all(), [&](const std::string& name) { json.text(name); });
  json.writer.EndObject();
  return json.take();
}

}  // namespace swoll
