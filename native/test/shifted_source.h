// Chunks that begin and end anywhere, like those of an engine that serves memory of its own.
#pragma once

#include <cstddef>
#include <map>

#include "failing_source.h"

namespace freehold::test {

class ShiftedSource : public FailingSource {
 public:
  std::size_t shift = 48;  // of the next chunk, from the begin of a page

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t) noexcept override {
    const Chunk whole = FailingSource::take(minimum + shift, minimum + shift);
    if (!whole) return {};
    whole_[whole.base + shift] = whole;
    return {.base = whole.base + shift, .size = minimum, .dirty = whole.dirty == 0 ? 0 : minimum};
  }

  void give(Chunk chunk) noexcept override {
    const auto found = whole_.find(chunk.base);
    Chunk whole = found->second;
    whole_.erase(found);
    whole.dirty = whole.size;
    FailingSource::give(whole);
  }

  [[nodiscard]] std::size_t alignment() const noexcept override { return 16; }

 private:
  std::map<std::byte*, Chunk> whole_;
};

}  // namespace freehold::test
