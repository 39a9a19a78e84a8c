// Native code that allocates from an arena whose control block JavaScript shares: it goes ahead, and
// JavaScript catches up.
#include <initializer_list>
#include <vector>

#include "facade.h"
#include "failing_source.h"
#include "must.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr ArenaOptions kOptions{.initial_bytes = 4 * kKiB, .max_chunk_bytes = 16 * kKiB};

struct Shared {
  FailingSource source;
  Facade facade;
  Arena& arena;
  ArenaControl& control;

  explicit Shared(const ArenaOptions& options = kOptions)
      : facade(source, options), arena(facade.arena), control(facade.control) {
    arena.share();
  }
  ~Shared() {
    CHECK(arena.check_invariants());
    static_cast<void>(facade.reset({.policy = Retain::Policy::none}, Arena::Keep::nothing));
    CHECK(source.all_returned());
    CHECK(source.false_zeros == 0);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  std::byte* native(std::size_t size, std::uint64_t seed = 1, std::size_t alignment = 16) {
    auto* block = static_cast<std::byte*>(arena.allocate(size, alignment));
    must(block != nullptr);
    must(arena.check_invariants());
    fill(block, size, seed);
    return block;
  }
  std::byte* script(std::size_t size, std::uint64_t seed = 1, bool zero = false) {
    const auto [block, status] = facade.allocate(size, 16, zero);
    must(status == Status::ok && block != nullptr);
    if (zero) CHECK(is_zero(block, size));
    fill(block, size, seed);
    return block;
  }
};

}  // namespace

TEST_CASE(
    "native code cuts blocks from the segment that JavaScript cuts from, and stays with it while it can") {
  Shared shared;
  std::byte* first = shared.script(64, 1);
  std::byte* second = shared.native(100, 2);
  std::byte* third = shared.script(64, 3);
  CHECK_FALSE(shared.arena.is_ahead());
  CHECK(second == first + 64);
  CHECK(third == first + 176);
  CHECK(shared.control.native == 0);
  CHECK(shared.arena.used() == 240);
}

TEST_CASE(
    "when the segment is full native code goes ahead, and the fast path has no room until it is caught up") {
  Shared shared;
  shared.script(64);
  std::byte* ahead = shared.native(4096, 2);
  CHECK(shared.arena.is_ahead());
  CHECK(shared.control.cursor == kAheadCursor);
  CHECK((shared.control.native & kNativeAhead) != 0);
  CHECK(shared.control.cursor > shared.control.end);
  CHECK(shared.arena.used() == 64 + 4096);
  CHECK(shared.arena.chunks() == 2);
  std::byte* next = shared.script(32, 3);  // catches up first
  CHECK_FALSE(shared.arena.is_ahead());
  CHECK((shared.control.native & kNativeAhead) == 0);
  CHECK(shared.arena.used() == 64 + 4096 + 32);
  CHECK(next == ahead + 4096);
  CHECK(is_filled(ahead, 4096, 2));
}

TEST_CASE("the first block of an arena may be native code's") {
  Shared shared;
  std::byte* block = shared.native(100);
  CHECK(shared.arena.is_ahead());
  CHECK(shared.arena.segments() == 1);
  shared.facade.catch_up();
  CHECK(shared.facade.base() == block);
  CHECK(shared.control.cursor == 100);
  CHECK(shared.script(16) == block + 112);
}

TEST_CASE(
    "many segments ahead, dedicated ones among them, are all found in the order in which they were opened") {
  Shared shared;
  std::vector<std::byte*> blocks;
  for (std::size_t i = 0; i < 100; ++i) blocks.push_back(shared.native(i % 10 == 9 ? 200 * kKiB : 1000, i));
  REQUIRE(shared.arena.segments() > 12);
  CHECK(shared.arena.is_ahead());
  std::size_t dedicated = 0;
  for (std::size_t index = 0; index < shared.arena.segments(); ++index) {
    const Arena::Extent extent = shared.arena.extent(index);
    CHECK(shared.arena.segment_of(extent.base) == index);
    CHECK(shared.arena.segment_of(extent.base + extent.size - 1) == index);
    if (extent.dedicated) ++dedicated;
  }
  CHECK(dedicated == 10);
  shared.facade.catch_up();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(is_filled(blocks[i], i % 10 == 9 ? 200 * kKiB : 1000, i));
  }
  shared.script(100, 7, true);
  std::byte other{};
  CHECK(shared.arena.segment_of(&other) == Arena::kNoSegment);
}

TEST_CASE("a catch-up with nothing to catch up with changes nothing") {
  Shared shared;
  shared.arena.catch_up();
  shared.script(64);
  const ArenaControl before = shared.control;
  shared.arena.catch_up();
  CHECK(std::memcmp(&before, &shared.control, sizeof before) == 0);
}

TEST_CASE("the limit is exact, ahead or not") {
  for (const std::size_t ahead : {0UL, 1UL}) {
    Shared shared({.initial_bytes = 4 * kKiB, .max_chunk_bytes = 16 * kKiB, .limit = 10'000});
    shared.script(16);
    if (ahead != 0) shared.native(4096);
    const std::size_t left = 10'000 - shared.arena.used();
    void* block = nullptr;
    CHECK(shared.arena.try_allocate(left + 1, 1, block) == Status::limit);
    CHECK(block == nullptr);
    CHECK(shared.arena.is_ahead() == (ahead != 0));
    CHECK(shared.arena.try_allocate(left, 1, block) == Status::ok);
    CHECK(shared.arena.used() == 10'000);
    CHECK(shared.arena.try_allocate(1, 1, block) == Status::limit);
    CHECK(shared.facade.allocate(1, 16, false).status == Status::limit);
    shared.facade.catch_up();
    shared.arena.set_limit(10'016);
    CHECK(shared.facade.allocate(16, 16, false).status == Status::ok);
  }
}

TEST_CASE("a limit that is set while native code is ahead holds for both") {
  Shared shared;
  shared.native(5000);
  shared.arena.set_limit(5500);
  CHECK(shared.arena.allocate(600) == nullptr);
  CHECK(shared.arena.allocate(400) != nullptr);
  CHECK(shared.facade.allocate(200, 16, false).status == Status::limit);
}

TEST_CASE("a refusal does not leave native code ahead") {
  Shared shared;
  shared.script(16);
  void* block = nullptr;
  CHECK(shared.arena.try_allocate(SIZE_MAX, 16, block) == Status::out_of_memory);
  CHECK(shared.arena.try_allocate(1, 3, block) == Status::invalid);
  CHECK(shared.arena.try_allocate(1, 2 * kMaxAlignment, block) == Status::invalid);
  shared.source.fail_at = shared.source.requests;
  CHECK(shared.arena.try_allocate(5000, 16, block) == Status::out_of_memory);
  CHECK_FALSE(shared.arena.is_ahead());
  CHECK(shared.control.native == 0);
  CHECK(shared.control.cursor == 16);
}

TEST_CASE("memory that cannot be taken while the engine runs other code is not taken") {
  Shared shared;
  shared.source.can_split = false;
  void* block = nullptr;
  CHECK(shared.arena.try_allocate(64, 16, block) == Status::out_of_memory);
  shared.script(64);
  CHECK(shared.arena.try_allocate(64, 16, block) == Status::ok);
  CHECK(shared.arena.try_allocate(5000, 16, block) == Status::out_of_memory);
  CHECK_FALSE(shared.arena.is_ahead());
  CHECK(shared.arena.chunks() == 1);
}

TEST_CASE("a rewind ends what native code did since the mark, ahead or not") {
  Shared shared;
  std::byte* before = shared.script(64, 9);
  const Arena::Mark mark = shared.arena.mark();
  for (std::size_t round = 0; round < 3; ++round) {
    shared.native(100);
    shared.native(20'000);
    auto* sized = static_cast<std::byte*>(shared.arena.allocate_sized(5000));
    must(sized != nullptr);
    CHECK(shared.arena.is_ahead());
    CHECK(shared.facade.rewind(mark) == Status::ok);
    CHECK_FALSE(shared.arena.is_ahead());
    CHECK(shared.arena.used() == 64);
    CHECK(shared.arena.sized_blocks() == 0);
    CHECK(shared.arena.chunks() == 1);
    CHECK(is_filled(before, 64, 9));
    CHECK(shared.facade.zero_claims_hold());
  }
}

TEST_CASE("a mark that seals is honoured by native code") {
  Shared shared;
  std::byte* before = shared.script(64);
  const Arena::Mark mark = shared.arena.mark();
  shared.arena.seal();
  std::byte* after = shared.native(64);
  CHECK(after == before + 64);
  CHECK(shared.arena.segments() == 2);
  CHECK(shared.arena.is_ahead());  // JavaScript does not know of the split
  CHECK(shared.script(64) == after + 64);
  CHECK(shared.facade.rewind(mark) == Status::ok);
  CHECK(shared.arena.used() == 64);
}

TEST_CASE("a reset ends all, ahead or not, and the words are JavaScript's again") {
  for (const auto keep : {Arena::Keep::chunk, Arena::Keep::nothing}) {
    for (const std::size_t size : {64UL, 50'000UL}) {
      Shared shared;
      shared.native(size);
      must(shared.arena.allocate_sized(64) != nullptr);
      const bool kept = shared.facade.reset({}, keep);
      CHECK_FALSE(shared.arena.is_ahead());
      CHECK(shared.control.native == 0);
      CHECK(shared.arena.used() == 0);
      CHECK(kept == (keep == Arena::Keep::chunk && size == 64));
      shared.script(64, 1, true);
    }
  }
}

TEST_CASE("nothing that is written to the shared words while native code is ahead is believed") {
  for (const std::int32_t junk : {INT32_MIN, -1, 0, 1, 4096, INT32_MAX}) {
    Shared shared;
    shared.script(64);
    std::byte* block = shared.native(5000, 3);
    ArenaControl& control = shared.control;
    control.cursor = control.end = control.zeroed = control.dirty = control.capacity = junk;
    control.bias = control.sealed = control.placed = control.peak = junk;
    std::byte* more = shared.native(3000, 4);
    CHECK((more + 3000 <= block || block + 5000 <= more));
    CHECK(shared.arena.used() >= 8064);
    CHECK(shared.arena.check_invariants());
    shared.arena.catch_up();
    CHECK(shared.arena.check_invariants());
    shared.facade.catch_up();
    shared.script(64);
    CHECK(is_filled(block, 5000, 3));
  }
}

TEST_CASE("corrupt words stop native code before it goes ahead") {
  Shared shared;
  shared.script(64);
  const ArenaControl whole = shared.control;
  shared.control.cursor = 1 << 20;
  void* block = nullptr;
  CHECK(shared.arena.try_allocate(64, 16, block) == Status::corrupt);
  CHECK(shared.arena.allocate_sized(64) == nullptr);
  CHECK_FALSE(shared.arena.is_ahead());
  shared.control = whole;
  CHECK(shared.arena.try_allocate(64, 16, block) == Status::ok);
}

TEST_CASE("blocks that are freed by address free their bytes for both sides") {
  Shared shared;
  auto* first = static_cast<std::byte*>(shared.arena.allocate_sized(100));
  must(first != nullptr);
  shared.facade.catch_up();
  CHECK(shared.arena.free_sized(first));
  CHECK(shared.control.cursor == 0);
  CHECK(shared.script(100, 1, true) == first);
  CHECK_FALSE(shared.facade.reset_in_place());  // the core ends what it has counted
}

TEST_CASE("out of memory at any request while both sides allocate leaves them agreed") {
  for (std::size_t request = 0; request < 50; ++request) {
    CAPTURE(request);
    Shared shared;
    shared.source.fail_at = request;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < 60; ++i) {
      const std::size_t used = shared.arena.used();
      const std::size_t size = 200 + 97 * i;
      void* block = nullptr;
      if (i % 3 == 0) {
        block = shared.facade.allocate(size, 16, true).block;
      } else if (i % 3 == 1) {
        block = shared.arena.allocate(size);
      } else {
        block = shared.arena.allocate_sized(size);
      }
      must(shared.arena.check_invariants());
      if (block != nullptr) continue;
      ++refused;
      CHECK(shared.arena.used() == used);
    }
    CHECK(refused == shared.source.refused);
  }
}
