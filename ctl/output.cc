// SPDX-License-Identifier: Apache-2.0
#include "ctl/output.h"

#include <capnp/schema.h>
#include <errno.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/escape.h"
#include "base/text.h"
#include "ctl/errors.h"
#include "event/render-json.h"
#include "swoll.capnp.h"

namespace swoll::ctl {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void writeValue(Json& json, capnp::DynamicValue::Reader value);

// WRITE is how it stands there: as a value, or as a member's name.
using WriteText = bool (Json::*)(const char*, unsigned, bool);
template <WriteText write = &Json::String>
void writeText(Json& json, std::string_view text) {
  if (!isUtf8(text)) return writeText<write>(json, escapeNonUtf8(text));
  (json.*write)(text.data(), unsigned(text.size()), false);
}

bool has(capnp::StructSchema::Field field, uint64_t annotation) {
  for (auto of : field.getProto().getAnnotations())
    if (of.getId() == annotation) return true;
  return false;
}

// The items as members of an object: what their fields but the last name, and that.
void writeMembers(Json& json, capnp::DynamicList::Reader items) {
  auto fields = items.getSchema().getStructElementType().getFields();
  for (auto item : items) {
    auto from = item.as<capnp::DynamicStruct>();
    std::string name;
    for (unsigned i = 0; i + 1 < fields.size(); i++)
      name = camelCase(name, from.get(fields[i]).as<capnp::Text>().cStr());
    writeText<&Json::Key>(json, name);
    writeValue(json, from.get(fields[fields.size() - 1]));
  }
}

void writeField(Json& json, capnp::DynamicStruct::Reader from, capnp::StructSchema::Field field) {
  if (has(field, schema::JSON_MEMBERS_ID))
    return writeMembers(json, from.get(field).as<capnp::DynamicList>());
  json.Key(field.getProto().getName().cStr());
  bool absent = field.getType().isStruct() && !from.has(field);
  if (absent) {
    json.Null();
  } else if (has(field, schema::JSON_MAP_ID)) {
    json.StartObject();
    writeMembers(json, from.get(field).as<capnp::DynamicList>());
    json.EndObject();
  } else {
    writeValue(json, from.get(field));
  }
}

void writeStruct(Json& json, capnp::DynamicStruct::Reader from) {
  json.StartObject();
  for (auto field : from.getSchema().getNonUnionFields()) writeField(json, from, field);
  KJ_IF_MAYBE (field, from.which()) writeField(json, from, *field);
  json.EndObject();
}

void writeEnum(Json& json, capnp::DynamicEnum value) {
  KJ_IF_MAYBE (enumerant, value.getEnumerant()) {
    json.String(enumerant->getProto().getName().cStr());
  } else {
    json.Uint(value.getRaw());  // of a newer daemon
  }
}

void writeValue(Json& json, capnp::DynamicValue::Reader value) {
  using capnp::DynamicValue;
  switch (value.getType()) {
    case DynamicValue::BOOL:
      json.Bool(value.as<bool>());
      break;
    case DynamicValue::INT:
      json.Int64(value.as<int64_t>());
      break;
    case DynamicValue::UINT:
      json.Uint64(value.as<uint64_t>());
      break;
    case DynamicValue::FLOAT:
      json.Double(value.as<double>());
      break;
    case DynamicValue::TEXT: {
      auto text = value.as<capnp::Text>();
      writeText(json, {text.begin(), text.size()});
      break;
    }
    case DynamicValue::DATA: {
      auto data = value.as<capnp::Data>();
      writeText(json, {reinterpret_cast<const char*>(data.begin()), data.size()});
      break;
    }
    case DynamicValue::LIST:
      json.StartArray();
      for (auto item : value.as<capnp::DynamicList>()) writeValue(json, item);
      json.EndArray();
      break;
    case DynamicValue::ENUM:
      writeEnum(json, value.as<capnp::DynamicEnum>());
      break;
    case DynamicValue::STRUCT:
      writeStruct(json, value.as<capnp::DynamicStruct>());
      break;
    default:
      json.Null();  // void, and what has no form as text
  }
}

// Characters, which is near enough to columns for names.
size_t width(const std::string& text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  auto& headings = rows_.emplace_back();
  for (const auto& column : columns_) headings.emplace_back(column.heading);
}

void Table::row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (auto& cell : cells) cell = cell.empty() ? "-" : printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string blanks(widths[i] - width(row[i]), ' ');
      line += columns_[i].right ? blanks + row[i] : row[i] + blanks;
      line += "  ";
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string toJson(capnp::DynamicValue::Reader value) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  writeValue(json, value);
  return tameJson({buffer.GetString(), buffer.GetSize()});
}

void print(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(size_t(written));
    } else if (errno == EPIPE) {
      return;
    } else if (errno != EINTR) {
      throw Failure(std::string("can't write the output: ") + strerror(errno));
    }
  }
}

void printLine(const std::string& text) { print(text + '\n'); }

}  // namespace swoll::ctl
