// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-answer.h"

#include <rapidjson/document.h>

#include "base/escape.h"
#include "observer/cgroup/cgroup-name.h"

namespace swoll {
namespace {

constexpr size_t kMostName = 512, kMostLabel = 4096, kMostLabels = 65536;  // bytes

std::string word(const std::string& text) { return escapeNonUtf8(text.substr(0, kMostName)); }

// Adds what isn't there yet, as far as there is room.
void addLabels(Labels& labels, const WireLabels& more, size_t& room) {
  for (const auto& [key, value] : more) {
    const size_t size = key.size() + value.size();
    if (size > kMostLabel || size > room || labels.contains(key)) continue;
    room -= size;
    labels.emplace(escapeNonUtf8(key), escapeNonUtf8(value));
  }
}

std::string labelOr(const Labels& labels, const char* key, const std::string& fallback) {
  const auto label = labels.find(key);
  return label == labels.end() ? word(fallback) : label->second;
}

}  // namespace

bool isPlausibleId(std::string_view id) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !id.empty() && id.size() <= 128 && id.find_first_not_of(kLetters) == id.npos;
}

StatusInfo infoIn(const runtime::v1::ContainerStatusResponse& answer) {
  const auto info = answer.info().find("info");
  if (info == answer.info().end()) return {};
  // Iterative, since a recursive parser's stack would be the runtime's to use up.
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(info->second.data(), info->second.size());
  if (json.HasParseError() || !json.IsObject()) return {};
  StatusInfo is;
  if (json.HasMember("pid") && json["pid"].IsUint()) is.pid = json["pid"].GetUint();
  if (json.HasMember("sandboxID") && json["sandboxID"].IsString())
    is.sandbox = json["sandboxID"].GetString();
  return is;
}

Container nameFrom(const std::string& id, const std::string& name, const WireLabels& own,
                   const runtime::v1::PodSandboxMetadata& pod, const WireLabels& podLabels) {
  Container container;
  container.id = id;
  container.name = word(name);
  Labels& labels = container.labels;
  size_t room = kMostLabels;
  addLabels(labels, own, room);
  addLabels(labels, podLabels, room);
  container.pod = labelOr(labels, "io.kubernetes.pod.name", pod.name());
  container.nameSpace = labelOr(labels, "io.kubernetes.pod.namespace", pod.namespace_());
  container.phase = "Running";
  container.source = "cri";
  return container;
}

std::string imageFrom(std::initializer_list<const std::string*> names) {
  for (const std::string* name : names)
    if (!name->empty() && !name->starts_with("sha256:")) return word(*name);
  return word(**(names.end() - 1));
}

std::optional<std::string> cgroupOf(const std::string& id, const std::string& path) {
  const auto name = nameOfCgroup(path);
  if (name && name->id == id) return name->path;
  // A long id may stand anywhere, as when the whole node is a container; a short one could be any
  // word.
  const bool isLong = id.size() >= 32 && id.find_first_not_of("0123456789abcdef") == id.npos;
  const size_t at = isLong ? path.find(id) : path.npos;
  if (at == path.npos) return std::nullopt;
  return path.substr(0, path.find('/', at));
}

}  // namespace swoll
