// An arena over a watched source, for one test case. At the end of the case everything must have come back,
// and no chunk with a wrong claim about its zero bytes.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "arena.h"
#include "failing_source.h"
#include "memory.h"
#include "must.h"

namespace freehold::test {

// The smallest chunks there are: they fill up quickly.
inline constexpr ArenaOptions kSmall{.initial_bytes = 4 * kKiB, .max_chunk_bytes = 64 * kKiB};

// The facade's words for the end of the last block: the cursor goes back, and nothing behind it is zero any
// more.
inline void give_back(ArenaControl& control, std::int32_t cursor) {
  control.dirty = std::max(control.dirty, control.cursor);
  control.peak = std::max(control.peak, control.cursor);
  control.zeroed = 0;
  control.cursor = cursor;
}

class ArenaFixture {
 public:
  FailingSource source;
  ArenaControl control{};

 private:
  std::optional<Arena> owned_;

 public:
  Arena& arena;

  explicit ArenaFixture(const ArenaOptions& options = kSmall)
      : arena(owned_.emplace(source, control, options)) {}
  ~ArenaFixture() {
    CHECK(arena.check_invariants());
    owned_.reset();
    CHECK(source.all_returned());
    CHECK(source.false_zeros == 0);
    CHECK(control.end == kNoRoom);
  }
  ArenaFixture(const ArenaFixture&) = delete;
  ArenaFixture& operator=(const ArenaFixture&) = delete;

  // A block full of the pattern of `seed`.
  std::byte* filled(std::size_t size, std::uint64_t seed = 1, std::size_t alignment = 16) {
    auto* block = static_cast<std::byte*>(arena.allocate(size, alignment));
    must(block != nullptr);
    must(arena.check_invariants());
    fill(block, size, seed);
    return block;
  }

  // Room for a block in a current segment that is as good as new; its address. The block is not taken.
  std::byte* opened(std::size_t size = 1, std::size_t alignment = 16) {
    const Arena::Refill made = arena.refill(size, alignment, Placement::current);
    must(made.status == Status::ok && !made.dedicated);
    must(arena.check_invariants());
    return arena.newest_base();
  }

  [[nodiscard]] std::size_t cursor() const { return static_cast<std::size_t>(control.cursor); }
  [[nodiscard]] std::size_t capacity() const { return static_cast<std::size_t>(control.capacity); }
  [[nodiscard]] std::size_t dirty() const { return static_cast<std::size_t>(control.dirty); }
  [[nodiscard]] std::size_t zeroed() const { return static_cast<std::size_t>(control.zeroed); }

  // Whether all bytes of the current segment, which begins at `base`, that the control block calls zero are.
  [[nodiscard]] bool zero_claims_hold(const std::byte* base) const {
    const std::size_t prepared = zeroed() > cursor() ? zeroed() - cursor() : 0;
    std::size_t clean = zeroed() > dirty() ? zeroed() : dirty();
    if (clean < cursor()) clean = cursor();
    return is_zero(base + cursor(), prepared) && is_zero(base + clean, capacity() - clean);
  }
};

}  // namespace freehold::test
