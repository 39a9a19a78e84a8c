// The word of a slot: what has become of it, and which of its blocks it is.
#include "pool_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::uint32_t kLastLife = 0xFFFFFFFD;

// As if the slot, which lives, had been allocated as often as one can be.
void age(PoolFixture& fixture, BlockIndex block) {
  must(fixture.pool.is_live(block));
  fixture.pool.words()[to_index(block)] = kLastLife;
}

}  // namespace

TEST_CASE("a word is odd while its block lives, and grows with every allocation and every free") {
  PoolFixture fixture;
  const BlockIndex block = fixture.taken();
  for (std::uint32_t life = 0; life < 100; ++life) {
    CHECK(fixture.word(block) == 2 * life + 1);
    fixture.give(block);
    CHECK(fixture.word(block) == 2 * life + 2);
    CHECK(fixture.taken() == block);
  }
}

TEST_CASE("a free that is refused leaves the word as it was") {
  PoolFixture fixture;
  const BlockIndex block = fixture.taken();
  fixture.give(block);
  CHECK(fixture.pool.free(block) == FreeStatus::not_live);
  CHECK(fixture.word(block) == 2);
  CHECK(fixture.pool.top() == 8);
}

TEST_CASE("generations go on when a slab is given back, with blocks or without, and comes again") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(8);
  fixture.give(blocks[0]);
  CHECK(fixture.pool.release_slab(0));
  for (const BlockIndex block : blocks) CHECK(fixture.word(block) == 2);
  static_cast<void>(fixture.taken(8));
  for (const BlockIndex block : blocks) CHECK(fixture.word(block) == 3);
  for (const BlockIndex block : blocks) fixture.give(block);
  CHECK(fixture.pool.trim() > 0);
  static_cast<void>(fixture.taken(8));
  for (const BlockIndex block : blocks) CHECK(fixture.word(block) == 5);
  fixture.pool.release_all();
  static_cast<void>(fixture.taken(8));
  for (const BlockIndex block : blocks) CHECK(fixture.word(block) == 7);
}

TEST_CASE("words and free slots survive that the tables move") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(8);
  for (int life = 0; life < 5; ++life) {
    for (const BlockIndex block : blocks) fixture.give(block);
    static_cast<void>(fixture.taken(8));
  }
  fixture.give(blocks[5]);
  const void* table = fixture.pool.table();
  for (int i = 0; i < 40; ++i) CHECK(fixture.pool.grow());
  CHECK(fixture.pool.table() != table);
  fixture.check();
  for (const BlockIndex block : blocks) CHECK(fixture.word(block) == (block == blocks[5] ? 12U : 11U));
  CHECK(fixture.taken() == blocks[5]);
  CHECK(fixture.word(BlockIndex{100}) == 0);
}

TEST_CASE("a slot that has lived as often as a word can count is retired when it is freed") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(8);
  age(fixture, blocks[3]);
  fixture.give(blocks[3]);
  fixture.check();
  CHECK(fixture.word(blocks[3]) == Pool::kRetired);
  CHECK(fixture.pool.retired() == 1);
  CHECK(fixture.pool.capacity() == 7);
  CHECK(fixture.pool.live() == 7);
  CHECK(fixture.pool.top() == 0);
  CHECK(fixture.pool.free(blocks[3]) == FreeStatus::not_live);
  CHECK(to_index(fixture.taken()) == 8);
  CHECK(fixture.word(blocks[3]) == Pool::kRetired);
}

TEST_CASE("the life before the last is as any other") {
  PoolFixture fixture;
  const BlockIndex block = fixture.taken();
  fixture.pool.words()[to_index(block)] = kLastLife - 2;
  fixture.give(block);
  CHECK(fixture.pool.retired() == 0);
  CHECK(fixture.taken() == block);
  CHECK(fixture.word(block) == kLastLife);
}

TEST_CASE("what is retired stays so when its slab is given back and comes again") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(8);
  age(fixture, blocks[3]);
  fixture.give(blocks[3]);
  age(fixture, blocks[5]);  // lives when its slab goes
  CHECK(fixture.pool.release_slab(0));
  fixture.check();
  CHECK(fixture.pool.retired() == 2);
  CHECK(fixture.pool.capacity() == 0);
  for (int round = 0; round < 2; ++round) {
    const auto again = fixture.taken(6);
    CHECK(fixture.pool.slabs_held() == 1);
    CHECK(fixture.pool.capacity() == 6);
    for (const BlockIndex block : again) CHECK((block != blocks[3] && block != blocks[5]));
    for (const BlockIndex block : again) fixture.give(block);
    CHECK(fixture.pool.trim() == 4 * kKiB);
    CHECK(fixture.pool.retired() == 2);
  }
}

TEST_CASE("a slab in which everything is retired is given back, and not taken again") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(8);
  for (const BlockIndex block : blocks) {
    age(fixture, block);
    fixture.give(block);
  }
  CHECK(fixture.pool.capacity() == 0);
  CHECK(fixture.pool.slab_empty(0));
  CHECK(fixture.pool.trim() == 4 * kKiB);
  CHECK(to_index(fixture.taken()) == 8);
  fixture.check();
  CHECK(fixture.pool.slabs_held() == 1);
  CHECK(fixture.pool.retired() == 8);
}

TEST_CASE("a limited pool in which everything is retired is full") {
  PoolFixture fixture({.block_bytes = 512, .slab_bytes = 4 * kKiB, .max_blocks = 8});
  for (const BlockIndex block : fixture.taken(8)) {
    age(fixture, block);
    fixture.give(block);
  }
  CHECK(fixture.pool.allocate() == kNoBlock);
  CHECK(fixture.pool.trim() == 4 * kKiB);
  CHECK(fixture.pool.allocate() == kNoBlock);
  CHECK(fixture.source.chunks_out == 0);
}

TEST_CASE("whoever shares the tables says how it left the stack") {
  PoolFixture fixture;
  Pool& pool = fixture.pool;
  REQUIRE(pool.grow());
  // Three blocks taken, one of them freed again, and one retired, all by the tables alone.
  for (std::size_t top = 8; top > 5; --top) ++pool.words()[pool.stack()[top - 1]];
  CHECK(pool.set_top(5, 0));
  CHECK(pool.live() == 3);
  fixture.check();
  ++pool.words()[0];
  pool.stack()[5] = 0;
  CHECK(pool.set_top(6, 0));
  CHECK(pool.live() == 2);
  fixture.check();
  pool.words()[1] = Pool::kRetired;
  CHECK(pool.set_top(6, 1));
  CHECK(pool.live() == 1);
  CHECK(pool.capacity() == 7);
  CHECK(pool.retired() == 1);
  fixture.check();
  CHECK(to_index(pool.allocate()) == 0);
  CHECK(pool.free(BlockIndex{2}) == FreeStatus::ok);
}

TEST_CASE("what cannot be how the stack was left is refused and changes nothing") {
  PoolFixture fixture;
  static_cast<void>(fixture.taken(8));
  fixture.pool.words()[0] = Pool::kRetired;
  CHECK(fixture.pool.set_top(0, 1));
  CHECK_FALSE(fixture.pool.set_top(0, 0));  // retired slots do not come back
  CHECK_FALSE(fixture.pool.set_top(8, 1));  // more than there are
  CHECK_FALSE(fixture.pool.set_top(7, 2));  // more than there would be left
  CHECK_FALSE(fixture.pool.set_top(0, 9));  // more than there were
  CHECK_FALSE(fixture.pool.set_top(SIZE_MAX, 1));
  CHECK_FALSE(fixture.pool.set_top(0, SIZE_MAX));
  CHECK(fixture.pool.retired() == 1);
  CHECK(fixture.pool.capacity() == 7);
  CHECK(fixture.pool.top() == 0);
}
