// SPDX-License-Identifier: Apache-2.0
#include "sources/record-ring.h"

#include <bpf/libbpf.h>
#include <poll.h>

#include <cerrno>
#include <utility>

#include "bpf/abi.h"
#include "probe.skel.h"

namespace swoll {
namespace {

uint32_t roundUp(uint32_t bytes) {
  uint32_t size = 4096;
  while (size < bytes && size < (1u << 30)) size *= 2;
  return size;
}

}  // namespace

RecordRing::RecordRing(uint32_t bytes) : size(roundUp(bytes)) {}

RecordRing::~RecordRing() noexcept { unmap(); }

void RecordRing::prepare(probe& opened) const { bpf_map__set_max_entries(opened.maps.ring, size); }

bool RecordRing::map(probe& loaded) {
  ring = ring_buffer__new(bpf_map__fd(loaded.maps.ring), onRecord, this, nullptr);
  if (ring) mapFd = bpf_map__fd(loaded.maps.ring);
  return ring;
}

void RecordRing::unmap() {
  ring_buffer__free(std::exchange(ring, nullptr));
  mapFd = -1;
}

int RecordRing::onRecord(void* self, void* data, size_t size) {
  auto& ring = *static_cast<RecordRing*>(self);
  if (ring.handler) ring.handler->accept(data, size);
  constexpr size_t header = 8;  // of the ring's own, which pads to as much
  ring.handedBytes += (size + header + 7) / 8 * 8;
  // libbpf moves on past this record before it gives up, so a budget loses nothing.
  return ++ring.handed < ring.budget ? 0 : -EAGAIN;
}

size_t RecordRing::consume(size_t most) {
  if (!ring) return 0;
  budget = most;
  handed = 0;
  ring_buffer__consume(ring);
  everHanded += handed;
  return handed;
}

void RecordRing::drain() {
  if (!ring) return;
  // What the ring holds, and no more: calls may come as fast as they are read. A record that a
  // program is still writing holds up those behind it, for microseconds; poll() tells of it.
  constexpr size_t atOnce = 1024;
  handedBytes = 0;
  auto patience = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
  pollfd waiting{.fd = fd(), .events = POLLIN, .revents = 0};
  while (handedBytes < size)
    if (consume(atOnce) < atOnce &&
        (poll(&waiting, 1, 0) != 1 || std::chrono::steady_clock::now() >= patience))
      return;
}

}  // namespace swoll
