// SPDX-License-Identifier: Apache-2.0
// Kubernetes' label selectors in their string form, and field selectors.
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "containers/container.h"

namespace swoll {

// One condition on a label or field. A value.
struct Requirement {
  enum class Operator { in, notIn, exists, absent, greater, less };
  std::string key;
  Operator op = Operator::exists;
  std::vector<std::string> values;

  // As Kubernetes has it: != and notin hold where the key is absent.
  bool holds(const std::optional<std::string>& value) const;
};

// A conjunction of requirements. A value; the empty selector matches everything.
class Selector {
 public:
  // As apimachinery's labels.Parse: "a=b,c==d,e!=f,g in (h,i),j notin (k),l,!m,n>1,o<2", with its
  // rules for what may stand in a key and in a value.
  static Result<Selector> parseLabels(const std::string& text);
  // "status.phase=Running,metadata.name!=x": = == and != on the fields that are known here. As in
  // Kubernetes, a backslash goes before a comma, an equals sign or a backslash in a value.
  static Result<Selector> parseFields(const std::string& text);

  bool matchesLabels(const Labels& labels) const;
  bool matchesFields(const Container& container, const std::string& node) const;
  bool empty() const { return requirements_.empty(); }
  const std::vector<Requirement>& requirements() const { return requirements_; }

 private:
  using Lookup = std::function<std::optional<std::string>(const std::string&)>;
  bool matches(const Lookup& lookup) const;

  std::vector<Requirement> requirements_;
};

// A requirement in the string forms that are parsed above.
std::string labelText(const Requirement& requirement);
std::string fieldText(const Requirement& requirement);

}  // namespace swoll
