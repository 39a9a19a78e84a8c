// How a pool grows, and gives its slabs back.
#include <algorithm>
#include <array>

#include "pool_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a pool takes nothing before its first block, and a slab each time that it is full") {
  PoolFixture fixture;
  CHECK(fixture.source.requests == 0);
  for (std::size_t slabs = 1; slabs <= 20; ++slabs) {
    const auto blocks = fixture.taken(8);
    CHECK(fixture.pool.slabs_held() == slabs);
    CHECK(fixture.pool.slab_count() == slabs);
    CHECK(fixture.pool.capacity() == 8 * slabs);
    CHECK(fixture.pool.reserved() == 4 * kKiB * slabs);
    CHECK(fixture.source.bytes_out == 4 * kKiB * slabs);
    CHECK(fixture.pool.live() == 8 * slabs);
    CHECK(fixture.pool.newest_slab() == slabs - 1);
    CHECK(fixture.keeps_its_bytes(BlockIndex{0}));
  }
}

TEST_CASE("slabs are of about slab_bytes, of at least eight blocks and at most 65,536") {
  const auto slots = [](std::size_t block, std::size_t slab) {
    return PoolFixture({.block_bytes = block, .alignment = 1, .slab_bytes = slab}).pool.slots_per_slab();
  };
  CHECK(slots(512, 4 * kKiB) == 8);
  CHECK(slots(512, 8 * kKiB) == 16);
  CHECK(slots(512, 8 * kKiB - 1) == 8);
  CHECK(slots(1000, 256 * kKiB) == 256);
  CHECK(slots(100'000, 1) == 8);
  CHECK(slots(1, kMiB) == 65'536);
  CHECK(
      PoolFixture({.block_bytes = 30'000, .slab_bytes = 64 * kKiB, .slab_blocks = 2}).pool.slots_per_slab() ==
      2);
  CHECK(PoolFixture({.block_bytes = 30'000, .slab_bytes = 1, .slab_blocks = 0}).pool.slots_per_slab() == 1);
}

TEST_CASE("a pool may grow before it is full: what was freed last is still handed out first") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(6);
  fixture.give(blocks[2]);
  fixture.give(blocks[4]);
  CHECK(fixture.pool.grow());
  CHECK(fixture.pool.top() == 12);
  fixture.check();
  const BlockIndex expected[] = {blocks[4],     blocks[2],     BlockIndex{6},
                                 BlockIndex{7}, BlockIndex{8}, BlockIndex{9}};
  for (const BlockIndex block : expected) CHECK(fixture.taken() == block);
}

TEST_CASE("however many slabs a pool grows by at once, every slot is handed out once") {
  PoolFixture fixture;
  for (int i = 0; i < 37; ++i) {
    CHECK(fixture.pool.grow());
    fixture.check();
  }
  CHECK(fixture.pool.top() == 37 * 8);
  const auto blocks = fixture.taken(37 * 8);
  CHECK(fixture.pool.slabs_held() == 37);
  for (const BlockIndex block : blocks) CHECK(fixture.keeps_its_bytes(block));
}

TEST_CASE("trim gives back the slabs in which nothing lives, and no others") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(32);
  for (std::size_t i = 0; i < 32; ++i) {
    if (i / 8 % 2 == 0 || i % 3 != 0) fixture.give(blocks[i]);
  }
  CHECK(fixture.pool.trim() == 8 * kKiB);
  fixture.check();
  CHECK(fixture.source.bytes_out == 8 * kKiB);
  CHECK(fixture.pool.reserved() == 8 * kKiB);
  CHECK(fixture.pool.slabs_held() == 2);
  CHECK(fixture.pool.capacity() == 16);
  CHECK(fixture.pool.trim() == 0);
  CHECK(fixture.pool.address(blocks[0]) == nullptr);
  CHECK(fixture.pool.free(blocks[0]) == FreeStatus::not_live);
  CHECK(fixture.keeps_its_bytes(blocks[9]));
  // The slots that are left come first, then the slabs that are gone come again, and only then new ones.
  CHECK(fixture.pool.top() == 10);
  for (const BlockIndex block : fixture.taken(10)) CHECK(to_index(block) / 8 % 2 == 1);
  for (const BlockIndex block : fixture.taken(8)) CHECK(to_index(block) / 8 == 0);
  for (const BlockIndex block : fixture.taken(8)) CHECK(to_index(block) / 8 == 2);
  for (const BlockIndex block : fixture.taken(8)) CHECK(to_index(block) / 8 == 4);
}

TEST_CASE("a slab is empty when it is there and nothing lives in it") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(9);
  CHECK_FALSE(fixture.pool.slab_empty(0));
  CHECK_FALSE(fixture.pool.slab_empty(1));
  fixture.give(blocks[8]);
  CHECK(fixture.pool.slab_empty(1));
  CHECK_FALSE(fixture.pool.slab_empty(2));
  for (std::size_t i = 0; i < 7; ++i) fixture.give(blocks[i]);
  CHECK_FALSE(fixture.pool.slab_empty(0));  // the last of it lives
  CHECK(fixture.pool.release_slab(1));
  CHECK_FALSE(fixture.pool.slab_empty(1));
}

TEST_CASE("a slab that is released ends its blocks, and no others") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(24);
  fixture.give(blocks[3]);
  fixture.give(blocks[13]);
  fixture.give(blocks[20]);
  CHECK(fixture.pool.release_slab(1));
  fixture.check();
  CHECK_FALSE(fixture.pool.has_slab(1));
  CHECK(fixture.pool.slabs_held() == 2);
  CHECK(fixture.pool.slab_count() == 3);
  CHECK(fixture.pool.live() == 14);
  CHECK(fixture.source.bytes_out == 8 * kKiB);
  for (std::size_t i = 8; i < 16; ++i) {
    CHECK_FALSE(fixture.pool.is_live(blocks[i]));
    CHECK(fixture.pool.free(blocks[i]) == FreeStatus::not_live);
    CHECK(fixture.pool.address(blocks[i]) == nullptr);
  }
  CHECK(fixture.keeps_its_bytes(blocks[0]));
  CHECK(fixture.keeps_its_bytes(blocks[23]));
  CHECK_FALSE(fixture.pool.release_slab(1));
  CHECK_FALSE(fixture.pool.release_slab(3));
  CHECK(fixture.taken() == blocks[20]);
  CHECK(fixture.taken() == blocks[3]);
  CHECK(to_index(fixture.taken()) == 8);
}

TEST_CASE("many slabs go at once; what is no slab, or is named twice, is passed over") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(40);
  fixture.give(blocks[0]);
  fixture.give(blocks[39]);
  CHECK(fixture.pool.release_slabs(std::array<std::size_t, 6>{1, 4, 1, 5, SIZE_MAX, 3}) == 3);
  fixture.check();
  CHECK(fixture.pool.slabs_held() == 2);
  CHECK(fixture.pool.live() == 15);
  CHECK(fixture.pool.top() == 1);
  CHECK(fixture.keeps_its_bytes(blocks[1]));
  CHECK(fixture.keeps_its_bytes(blocks[16]));
  CHECK(fixture.pool.release_slabs({}) == 0);
}

TEST_CASE("a pool that released everything begins anew") {
  PoolFixture fixture;
  for (int round = 0; round < 3; ++round) {
    static_cast<void>(fixture.taken(20));
    fixture.pool.release_all();
    fixture.check();
    CHECK(fixture.pool.live() == 0);
    CHECK(fixture.pool.capacity() == 0);
    CHECK(fixture.pool.reserved() == 0);
    CHECK(fixture.pool.slabs_held() == 0);
    CHECK(fixture.source.bytes_out == 0);
    CHECK(fixture.pool.metadata() > 0);
  }
}

TEST_CASE("rebuilt from its words alone, whatever the stack says, a pool hands out every free slot once") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(24);
  for (const std::size_t freed : {3, 9, 10, 23}) fixture.give(blocks[freed]);
  CHECK(fixture.pool.release_slab(1));
  CHECK(fixture.pool.set_top(0, 0));
  fixture.pool.rebuild();
  CHECK(fixture.pool.check_invariants());
  CHECK(fixture.pool.top() == 2);
  CHECK(fixture.pool.live() == 14);
  CHECK(fixture.pool.capacity() == 16);
  CHECK(fixture.taken() == blocks[3]);
  CHECK(fixture.taken() == blocks[23]);
}

TEST_CASE("the last slab of a limited pool is as small as what is left, also when it comes again") {
  PoolFixture fixture({.block_bytes = 4096, .slab_bytes = 32 * kKiB, .max_blocks = 11});
  for (int round = 0; round < 2; ++round) {
    const auto blocks = fixture.taken(11);
    CHECK(fixture.pool.reserved() == 11 * 4 * kKiB);
    for (const BlockIndex block : blocks) fixture.give(block);
    CHECK(fixture.pool.trim() == 11 * 4 * kKiB);
  }
}

TEST_CASE("metadata is 8 bytes a slot and a record per slab: less than 1 % of a pool of 1 KiB blocks") {
  PoolFixture fixture({.block_bytes = kKiB});
  static_cast<void>(fixture.taken(10'000));
  const Pool& pool = fixture.pool;
  CHECK(pool.metadata() <= 8 * pool.capacity() + 64 * pool.slab_count());
  CHECK(pool.metadata() * 100 <= pool.reserved());
}

TEST_CASE("the tables have room for every slot, and double when they move") {
  PoolFixture fixture;
  std::size_t moves = 0;
  const void* table = fixture.pool.table();
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(fixture.taken());
    if (fixture.pool.table() != table) ++moves;
    table = fixture.pool.table();
    CHECK(fixture.pool.table_slots() >= fixture.pool.capacity());
    CHECK(fixture.pool.stack() == fixture.pool.words() + fixture.pool.table_slots());
  }
  CHECK(moves <= 5);
}
