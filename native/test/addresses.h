// Chunks that are addresses without memory: as large as one likes, and where one likes. An arena touches none
// of its bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>

#include "checked.h"
#include "chunk.h"
#include "control.h"
#include "pages.h"

namespace freehold::test {

class Addresses final : public ChunkSource {
 public:
  std::size_t least = 0;                                               // no chunk is smaller
  std::size_t dirty = 0;                                               // at most so many bytes of a chunk are
  std::function<std::size_t()> phase = [] { return std::size_t{0}; };  // of the next chunk, modulo 2 MiB
  std::size_t takes = 0;
  Chunk last{};  // that came back

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    ++takes;
    const std::size_t size = std::max({minimum, preferred, least});
    auto* reserved = static_cast<std::byte*>(pages::reserve(size + 2 * kMaxAlignment));
    if (reserved == nullptr) return {};
    const std::size_t skipped =
        padding_to(reinterpret_cast<std::uintptr_t>(reserved), kMaxAlignment) + phase();
    return {.base = reserved + skipped, .size = size, .dirty = std::min(dirty, size), .tag = reserved};
  }
  void give(Chunk chunk) noexcept override {
    last = chunk;
    pages::unmap(chunk.tag, chunk.size + 2 * kMaxAlignment);
  }
  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override { return std::malloc(bytes); }
  void give_record(void* record) noexcept override { std::free(record); }
  [[nodiscard]] bool discard(std::byte*, std::size_t) noexcept override { return false; }
};

}  // namespace freehold::test
