// Out of memory at every request that a pool makes of its source: nothing changes, and the next try succeeds.
#include "pool_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

struct State {
  std::size_t top, live, capacity, reserved, slabs, count, table_slots, newest, bytes_out, chunks_out;
  const void* table;
  bool operator==(const State&) const = default;
};

State state_of(PoolFixture& fixture) {
  Pool& pool = fixture.pool;
  return {pool.top(),
          pool.live(),
          pool.capacity(),
          pool.reserved(),
          pool.slabs_held(),
          pool.slab_count(),
          pool.table_slots(),
          pool.newest_slab(),
          fixture.source.bytes_out,
          fixture.source.chunks_out,
          pool.table()};
}

// Fills, trims, and fills again; returns how often an allocation failed.
std::size_t run(PoolFixture& fixture) {
  std::size_t failures = 0;
  std::vector<BlockIndex> blocks;
  const auto fill_up = [&](std::size_t count) {
    while (blocks.size() < count) {
      const State before = state_of(fixture);
      BlockIndex block = fixture.pool.allocate();
      if (block == kNoBlock) {
        ++failures;
        CHECK(state_of(fixture) == before);
        fixture.check();
        for (const BlockIndex other : blocks) CHECK(fixture.keeps_its_bytes(other));
        fixture.source.fail_from_there = false;
        block = fixture.pool.allocate();
      }
      must(block != kNoBlock);
      fill(fixture.pool.address(block), fixture.pool.block_bytes(), to_index(block));
      blocks.push_back(block);
    }
  };
  fill_up(100);
  while (blocks.size() > 50) {
    fixture.give(blocks[blocks.size() - 50]);
    blocks.erase(blocks.end() - 50);
  }
  static_cast<void>(fixture.pool.trim());
  fill_up(200);
  return failures;
}

}  // namespace

TEST_CASE("a request that fails leaves the pool and its tables as they were, and the next try succeeds") {
  std::size_t requests = 0;
  {
    PoolFixture fixture;
    CHECK(run(fixture) == 0);
    requests = fixture.source.requests;
  }
  CHECK(requests > 30);
  for (const bool from_there : {false, true}) {
    for (std::size_t request = 0; request < requests; ++request) {
      CAPTURE(request);
      PoolFixture fixture;
      fixture.source.fail_at = request;
      fixture.source.fail_from_there = from_there;
      CHECK(run(fixture) == 1);
      CHECK(fixture.source.refused > 0);
    }
  }
}

TEST_CASE("a pool that never gets memory says so") {
  PoolFixture fixture;
  fixture.source.fail_at = 0;
  fixture.source.fail_from_there = true;
  for (int i = 0; i < 3; ++i) {
    CHECK(fixture.pool.allocate() == kNoBlock);
    CHECK_FALSE(fixture.pool.grow());
    CHECK(fixture.pool.trim() == 0);
  }
  CHECK(fixture.pool.live() == 0);
  CHECK(fixture.pool.slab_count() == 0);
}

TEST_CASE("a chunk for whose slots there is no table goes back with what is known of its zeros") {
  PoolFixture fixture;
  static_cast<void>(fixture.taken(64));                  // as many as the first table has room for
  fixture.source.fail_at = fixture.source.requests + 2;  // after the record of slabs and the chunk
  CHECK_FALSE(fixture.pool.grow());
  CHECK(fixture.source.refused == 1);
  CHECK(fixture.source.chunks_out == 8);
  const Chunk chunk = fixture.source.take(4 * kKiB, 4 * kKiB);
  CHECK(chunk.dirty == 0);
  fixture.source.give(chunk);
}

TEST_CASE("a pool without memory for another slab goes on with the blocks that it has") {
  PoolFixture fixture;
  fixture.source.budget = 8 * kKiB;
  const auto blocks = fixture.taken(16);
  CHECK(fixture.pool.allocate() == kNoBlock);
  fixture.give(blocks[4]);
  CHECK(fixture.taken() == blocks[4]);
  CHECK(fixture.pool.allocate() == kNoBlock);
  for (const BlockIndex block : blocks) CHECK(fixture.keeps_its_bytes(block));
}
