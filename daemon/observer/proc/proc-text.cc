// SPDX-License-Identifier: Apache-2.0
#include "observer/proc/proc-text.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace swoll::procText {

std::optional<std::string> readFile(const std::string& path, Shape shape) {
  constexpr size_t kMost = 4 << 20;  // thousands of mounts on a container host
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, 8192> block;
  ssize_t got = 0;
  while (text.size() < kMost && (got = read(fd, block.data(), block.size())) > 0) {
    text.append(block.data(), static_cast<size_t>(got));
    if (shape == Shape::record && static_cast<size_t>(got) < block.size()) break;
  }
  close(fd);
  if (got < 0) return std::nullopt;
  return text;
}

std::string_view take(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view head = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return head;
}

std::optional<std::string_view> lineAfter(std::string_view text, std::string_view start) {
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (!line.starts_with(start)) continue;
    line.remove_prefix(start.size());
    return line;
  }
  return std::nullopt;
}

}  // namespace swoll::procText
