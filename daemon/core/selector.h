// SPDX-License-Identifier: Apache-2.0
// Kubernetes' label selectors in their string form, and field selectors.
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/container.h"
#include "core/error.h"

namespace swoll {

// A conjunction of requirements. A value; the empty selector matches everything.
class Selector {
 public:
  // "a=b,c==d,e!=f,g in (h,i),j notin (k),l,!m"
  static Result<Selector> parseLabels(const std::string& text);
  // "status.phase=Running,metadata.name!=x": = == and != on the fields that are known here.
  static Result<Selector> parseFields(const std::string& text);

  bool matchesLabels(const Labels& labels) const;
  bool matchesFields(const Container& container, const std::string& node) const;
  bool empty() const { return requirements.empty(); }

 private:
  enum class Operator { in, notIn, exists, absent };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;

    // As Kubernetes has it: != and notin hold where the key is absent.
    bool holds(const std::optional<std::string>& value) const;
  };
  using Lookup = std::function<std::optional<std::string>(const std::string&)>;

  static Result<Selector> parse(const std::string& text);
  bool matches(const Lookup& lookup) const;

  std::vector<Requirement> requirements;
};

}  // namespace swoll
