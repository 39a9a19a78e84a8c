// Chunks and blocks that no int32 word reaches the end of. Nothing of them is touched: only addresses are
// reserved.
#include <doctest/doctest.h>

#include <algorithm>

#include "addresses.h"
#include "arena.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kGiB = std::size_t{1} << 30;

}  // namespace

TEST_CASE("a segment is at most 1 GiB of its chunk, and what it does not reach stays as dirty as it was") {
  for (const std::size_t dirty : {kGiB + 50'000, kGiB, std::size_t{100}, std::size_t{0}}) {
    CAPTURE(dirty);
    Addresses source;
    source.least = kGiB + 100'000;
    source.dirty = dirty;
    {
      ArenaControl control{};
      Arena arena(source, control);
      CHECK(arena.allocate(1000) != nullptr);
      CHECK(arena.newest_size() == kMaxSegmentBytes);
      CHECK(static_cast<std::size_t>(control.dirty) == std::min(dirty, kMaxSegmentBytes));
      CHECK(arena.check_invariants());
    }
    CHECK(source.last.dirty == std::max(dirty, std::size_t{1000}));
  }
}

TEST_CASE("a block above 2 GiB stands alone, is counted in full, and may be dirty throughout") {
  Addresses source;
  source.dirty = SIZE_MAX;
  ArenaControl control{};
  Arena arena(source, control);
  CHECK(arena.allocate(3 * kGiB, kMaxAlignment) != nullptr);
  CHECK(arena.used() == 3 * kGiB);
  CHECK(control.placed_dirty == INT32_MAX);
  CHECK(arena.check_invariants());
  CHECK_FALSE(arena.reset());
  CHECK(source.last.dirty == source.last.size);
  CHECK(arena.allocate(100) != nullptr);
  CHECK(arena.reserved() == kGiB);
}

TEST_CASE("a current segment may be as large as 1 GiB and is used to the last byte") {
  Addresses source;
  ArenaControl control{};
  Arena arena(source, control);
  CHECK(arena.refill(kGiB, 16, Placement::current).status == Status::ok);
  CHECK(arena.refill(kGiB + 1, 16, Placement::current).status == Status::too_large);
  CHECK(arena.allocate(kGiB - 1, 1) != nullptr);
  CHECK(arena.allocate(1, 1) != nullptr);
  CHECK(arena.chunks() == 1);
  CHECK(static_cast<std::size_t>(control.cursor) == kGiB);
  CHECK(arena.reset());
  CHECK(static_cast<std::size_t>(control.dirty) == kGiB);
}
