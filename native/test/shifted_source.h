// Chunks that begin and end anywhere, like those of an engine that serves memory of its own.
#pragma once

#include <cstddef>
#include <map>

#include "checked.h"
#include "failing_source.h"

namespace freehold::test {

class ShiftedSource : public FailingSource {
 public:
  bool shifts = true;      // or hands out chunks as they are
  std::size_t shift = 48;  // of the next chunk, from the begin of a page

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    if (!shifts) return FailingSource::take(minimum, preferred);
    std::size_t bytes = 0;
    if (!checked_add(minimum, shift, bytes)) return {};
    const Chunk whole = FailingSource::take(bytes, bytes);
    if (!whole) return {};
    whole_[whole.base + shift] = whole;
    return {.base = whole.base + shift, .size = minimum, .dirty = whole.dirty == 0 ? 0 : minimum};
  }

  void give(Chunk chunk) noexcept override {
    if (!shifts) return FailingSource::give(chunk);
    const auto found = whole_.find(chunk.base);
    Chunk whole = found->second;
    whole_.erase(found);
    whole.dirty = whole.size;
    FailingSource::give(whole);
  }

  [[nodiscard]] std::size_t alignment() const noexcept override {
    return shifts ? 16 : FailingSource::alignment();
  }

 private:
  std::map<std::byte*, Chunk> whole_;
};

}  // namespace freehold::test
