// Out of memory at every request that a program makes of its source: an error, nothing lost, and an arena
// that works.
#include <doctest/doctest.h>

#include <initializer_list>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

// One run of a program. Steps that fail are tried again once the source has memory: the retry must succeed.
class Run : public ArenaFixture {
 public:
  using ArenaFixture::ArenaFixture;
  std::size_t failures = 0;

  void block(std::size_t size, std::size_t alignment = 16) {
    const State before = state();
    void* block = arena.allocate(size, alignment);
    if (block == nullptr) {
      failed(before);
      block = arena.allocate(size, alignment);
      must(block != nullptr);
    }
    CHECK(is_aligned(block, alignment));
    CHECK(arena.owns(block));
    fill(block, size, size);
    CHECK(arena.check_invariants());
  }

  void room(std::size_t size) {
    const State before = state();
    Arena::Refill made = arena.refill(size, 16, Placement::current);
    if (made.status != Status::ok) {
      CHECK(made.status == Status::out_of_memory);
      failed(before);
      made = arena.refill(size, 16, Placement::current);
    }
    CHECK(made.status == Status::ok);
    CHECK_FALSE(made.dedicated);
    CHECK(control.end - control.cursor >= static_cast<std::int32_t>(size));
  }

  void trim() {
    const State before = state();
    const std::size_t refused = source.refused;
    if (arena.trim() > 0 || source.refused == refused) return;
    failed(before);
    CHECK(arena.trim() > 0);
  }

 private:
  struct State {
    std::size_t used, reserved, segments, chunks, out, records;
    std::int32_t cursor, end, dirty;
    bool operator==(const State&) const = default;
  };
  [[nodiscard]] State state() const {
    return {arena.used(),       arena.reserved(), arena.segments(), arena.chunks(), source.bytes_out,
            source.records_out, control.cursor,   control.end,      control.dirty};
  }

  void failed(const State& before) {
    CHECK(source.refused > 0);
    CHECK(state() == before);
    CHECK(arena.check_invariants());
    ++failures;
    source.fail_from_there = false;
  }
};

using Program = void (*)(Run&);

void small_blocks(Run& run) {
  for (int i = 0; i < 100; ++i) run.block(500);
}

void large_blocks(Run& run) {
  run.block(100 * kKiB);
  run.block(100);
  run.block(1, kMaxAlignment);
  run.block(300 * kKiB, 64 * kKiB);
}

void offsets(Run& run) {
  for (int i = 0; i < 5; ++i) {
    run.room(30 * kKiB);
    run.control.cursor += static_cast<std::int32_t>(30 * kKiB);
  }
}

void marks(Run& run) {
  const Arena::Mark first = run.arena.mark();
  for (int i = 0; i < 3; ++i) {
    run.block(100);
    const Arena::Mark mark = run.arena.mark();
    run.arena.seal();
    run.block(1000);
    run.block(5000);
    run.arena.seal();
    run.block(10 * kKiB);
    CHECK(run.arena.rewind(mark) == Status::ok);
    run.block(2000);
  }
  CHECK(run.arena.rewind(first) == Status::ok);
  run.block(100);
}

void resets(Run& run) {
  for (const auto policy :
       {Retain::Policy::high_water, Retain::Policy::all, Retain::Policy::none, Retain::Policy::bytes}) {
    for (int i = 0; i < 2; ++i) {
      run.block(3000);
      run.block(3000);
      run.block(50 * kKiB);
      static_cast<void>(run.arena.reset({.policy = policy, .bytes = 8 * kKiB}));
      CHECK(run.arena.check_invariants());
    }
  }
}

void trims(Run& run) {
  run.block(3000);
  run.block(60 * kKiB);
  static_cast<void>(run.arena.reset());
  run.block(60 * kKiB);
  static_cast<void>(run.arena.reset());
  run.block(10);
  run.trim();
  run.block(40 * kKiB);
}

void over_limit(Run& run) {
  run.arena.set_limit(20 * kKiB);
  for (int i = 0; i < 20; ++i) run.block(1 * kKiB);
  CHECK(run.arena.refill(1, 1, Placement::any).status == Status::limit);
}

}  // namespace

TEST_CASE("a request that fails is an error that changes nothing, and the next try succeeds") {
  for (const Program program : {small_blocks, large_blocks, offsets, marks, resets, trims, over_limit}) {
    std::size_t requests = 0;
    {
      Run run;
      program(run);
      requests = run.source.requests;
      CHECK(run.failures == 0);
    }
    CHECK(requests > 4);
    for (const bool from_there : {false, true}) {
      for (std::size_t request = 0; request < requests; ++request) {
        CAPTURE(request);
        CAPTURE(from_there);
        Run run;
        run.source.fail_at = request;
        run.source.fail_from_there = from_there;
        program(run);
        CHECK(run.source.refused > 0);
        // A split for which there is no record is made up for by a chunk, when there is a record for that.
        if (from_there) CHECK(run.failures == 1);
      }
    }
  }
}

TEST_CASE("an arena that never gets memory says so, and resets, rewinds, trims and ends without any") {
  ArenaFixture fixture;
  fixture.source.fail_at = 0;
  fixture.source.fail_from_there = true;
  for (const std::size_t size : {0UL, 1UL, 4 * kKiB, 100 * kKiB}) {
    CHECK(fixture.arena.allocate(size) == nullptr);
    CHECK(fixture.arena.refill(size, 64, Placement::current).status == Status::out_of_memory);
    CHECK_FALSE(fixture.arena.reset());
    CHECK(fixture.arena.rewind({}) == Status::ok);
    CHECK(fixture.arena.trim() == 0);
  }
  CHECK(fixture.arena.segments() == 0);
}

TEST_CASE("a full arena without memory keeps its blocks, and what is given back can be used") {
  ArenaFixture fixture;
  fixture.source.budget = 12 * kKiB;
  std::byte* first = fixture.filled(4 * kKiB, 1);
  const Arena::Mark mark = fixture.arena.mark();
  std::byte* second = fixture.filled(8 * kKiB, 2);
  CHECK(fixture.arena.allocate(1) == nullptr);
  CHECK(fixture.arena.allocate(100 * kKiB) == nullptr);
  CHECK(is_filled(first, 4 * kKiB, 1));
  CHECK(is_filled(second, 8 * kKiB, 2));
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  fixture.filled(1000, 3);
  CHECK(is_filled(first, 4 * kKiB, 1));
}

TEST_CASE("where there is no chunk of the preferred size a smaller one that is enough is taken") {
  class Scarce : public PageChunks {
    void* map(std::size_t bytes) noexcept override {
      return bytes > 16 * kKiB ? nullptr : PageChunks::map(bytes);
    }
  } source;
  ArenaControl control{};
  Arena arena(source, control, {.initial_bytes = 64 * kKiB});
  for (std::size_t i = 1; i <= 100; ++i) {
    void* block = arena.allocate(1000);
    must(block != nullptr);
    fill(block, 1000, i);
    CHECK(arena.newest_size() == 16 * kKiB);
  }
  CHECK(arena.chunks() == 7);
  CHECK(arena.allocate(16 * kKiB + 1) == nullptr);
  CHECK(arena.check_invariants());
}
