#include <doctest/doctest.h>

#include "arena_fixture.h"
#include "pages.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr ArenaOptions kPages{.initial_bytes = 64 * kKiB, .max_chunk_bytes = 64 * kKiB};

// An arena of one chunk whose first `written` bytes were used by blocks that have ended, and then `used` by
// others.
struct Trimmed : ArenaFixture {
  Trimmed(std::size_t written, std::size_t used) : ArenaFixture(kPages) {
    base = opened();
    const Arena::Mark mark = arena.mark();
    filled(written, 7);
    must(arena.rewind(mark) == Status::ok);
    filled(used, 8);
  }
  std::byte* base = nullptr;
};

}  // namespace

TEST_CASE("trim gives the written pages behind the last block back, and they read as zero") {
  const std::size_t page = pages::page_size();
  Trimmed fixture(40 * kKiB, 100);
  CHECK(fixture.arena.trim() == 40 * kKiB - page);
  CHECK(is_zero(fixture.base + page, 64 * kKiB - page));
  CHECK(is_filled(fixture.base, 100, 8));
  CHECK(is_filled(fixture.base + 100, page - 100, 7));
  CHECK(fixture.dirty() == page);
  CHECK(fixture.zero_claims_hold(fixture.base));
}

TEST_CASE("a second trim has nothing to give") {
  Trimmed fixture(40 * kKiB, 100);
  CHECK(fixture.arena.trim() > 0);
  const std::size_t requests = fixture.source.requests;
  CHECK(fixture.arena.trim() == 0);
  CHECK(fixture.source.requests == requests);
}

TEST_CASE("trim keeps the page that the last block ends in, and gives it when the block ends with it") {
  const std::size_t page = pages::page_size();
  Trimmed at_end(40 * kKiB, page);
  CHECK(at_end.arena.trim() == 40 * kKiB - page);
  Trimmed behind(40 * kKiB, page + 1);
  CHECK(behind.arena.trim() == 40 * kKiB - 2 * page);
  CHECK(is_filled(behind.base, page + 1, 8));
  Trimmed nothing_used(40 * kKiB, 0);
  CHECK(nothing_used.arena.trim() == 40 * kKiB);
  CHECK(nothing_used.control.dirty == 0);
}

TEST_CASE(
    "trim has nothing to give where nothing was written, where all is used, and where there is no chunk") {
  ArenaFixture fresh(kPages);
  CHECK(fresh.arena.trim() == 0);
  fresh.filled(100);
  CHECK(fresh.arena.trim() == 0);
  Trimmed full(64 * kKiB, 64 * kKiB);
  CHECK(full.arena.trim() == 0);
  Trimmed last_page(64 * kKiB, 64 * kKiB - 1);
  CHECK(last_page.arena.trim() == 0);
  ArenaFixture alone(kPages);
  alone.filled(100 * kKiB);
  CHECK(alone.arena.trim() == 0);
}

TEST_CASE("a trim that the system refuses gives nothing and claims nothing") {
  Trimmed fixture(40 * kKiB, 100);
  const std::size_t dirty = fixture.dirty();
  fixture.source.can_discard = false;
  CHECK(fixture.arena.trim() == 0);
  CHECK(fixture.dirty() == dirty);
  CHECK(fixture.zero_claims_hold(fixture.base));
}

TEST_CASE("blocks go on after a trim where they would have without it") {
  Trimmed fixture(40 * kKiB, 100);
  static_cast<void>(fixture.arena.trim());
  CHECK(fixture.filled(30 * kKiB, 9) == fixture.base + 112);
  CHECK(is_filled(fixture.base, 100, 8));
  CHECK(fixture.arena.used() == 112 + 30 * kKiB);
}

TEST_CASE("trim of a split segment leaves the blocks before it alone") {
  ArenaFixture fixture(kPages);
  std::byte* before = fixture.filled(5000, 1);
  fixture.arena.seal();
  const Arena::Mark mark = fixture.arena.mark();
  fixture.filled(30 * kKiB, 2);
  CHECK(fixture.arena.rewind(mark) == Status::ok);
  std::byte* split = fixture.filled(100, 3);
  CHECK(fixture.arena.trim() > 0);
  CHECK(is_filled(before, 5000, 1));
  CHECK(is_filled(split, 100, 3));
  CHECK(fixture.zero_claims_hold(split));
}

TEST_CASE("trim after a reset gives the whole chunk's pages back and keeps the chunk") {
  ArenaFixture fixture(kPages);
  std::byte* base = fixture.filled(60 * kKiB);
  CHECK(fixture.arena.reset());
  CHECK(fixture.arena.trim() == 60 * kKiB);
  CHECK(fixture.arena.reserved() == 64 * kKiB);
  CHECK(is_zero(base, 64 * kKiB));
  CHECK(fixture.filled(1) == base);
}
