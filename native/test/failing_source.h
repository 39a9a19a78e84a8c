// Out of memory on demand: everything that an allocator asks its source for is numbered, and one request, or
// each from one on, is refused.
#pragma once

#include <cstddef>
#include <cstdint>

#include "watching_source.h"

namespace freehold::test {

class FailingSource : public WatchingSource {
 public:
  using WatchingSource::WatchingSource;

  static constexpr std::size_t kNever = SIZE_MAX;

  std::size_t fail_at = kNever;   // the request, counted from 0, that is refused
  bool fail_from_there = false;   // and every one after it
  std::size_t budget = SIZE_MAX;  // bytes of chunks that may be out
  std::size_t requests = 0;
  std::size_t refused = 0;

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    if (refuse()) return {};
    if (bytes_out >= budget || minimum > budget - bytes_out) {
      ++refused;
      return {};
    }
    return WatchingSource::take(minimum, preferred);
  }

  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override {
    return refuse() ? nullptr : WatchingSource::take_record(bytes);
  }

  [[nodiscard]] void* take_table(std::size_t bytes) noexcept override {
    return refuse() ? nullptr : WatchingSource::take_table(bytes);
  }

  [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override {
    return !refuse() && WatchingSource::discard(begin, bytes);
  }

 private:
  [[nodiscard]] bool refuse() noexcept {
    const std::size_t request = requests++;
    if (request != fail_at && !(fail_from_there && request > fail_at)) return false;
    ++refused;
    return true;
  }
};

}  // namespace freehold::test
