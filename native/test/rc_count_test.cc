// Handles, edges and what ends with them.
#include "rc_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a block lives as long as it has a handle") {
  RcFixture fixture;
  const RcIndex block = fixture.taken(0, 100);
  CHECK(fixture.heap.handles(block) == 1);
  CHECK(fixture.heap.block_bytes(block) == 112);
  CHECK(fixture.heap.live_bytes() == 112);
  CHECK(fixture.heap.retain(block) == RcStatus::ok);
  fixture.give(block);
  CHECK(fixture.heap.is_live(block));
  fixture.give(block);
  CHECK_FALSE(fixture.heap.is_live(block));
  CHECK(fixture.heap.live_blocks() == 0);
  CHECK(fixture.heap.live_bytes() == 0);
  CHECK(fixture.heap.release(block) == RcStatus::not_live);
  CHECK(fixture.heap.retain(block) == RcStatus::not_live);
  CHECK(fixture.taken(0, 100) == block);
  fixture.give(block);
}

TEST_CASE("a block lives as long as a live block refers to it, and then what it refers to") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(2);
  const RcIndex b = fixture.taken(1);
  const RcIndex c = fixture.taken(0);
  fixture.set(a, 0, b);
  fixture.set(a, 1, b);
  fixture.set(b, 0, c);
  CHECK(fixture.heap.edges(b) == 2);
  fixture.give(b);
  fixture.give(c);
  CHECK(fixture.heap.release(c) == RcStatus::no_handle);
  fixture.set(a, 0, kNoRc);
  CHECK(fixture.heap.is_live(c));
  fixture.check();
  fixture.set(a, 1, kNoRc);
  CHECK_FALSE(fixture.heap.is_live(b));
  CHECK_FALSE(fixture.heap.is_live(c));
  fixture.give(a);
  CHECK(fixture.control.edges == 0);
}

TEST_CASE("what a slot referred to loses an edge, not before what it refers to now has one") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(1);
  const RcIndex b = fixture.taken(1);
  const RcIndex c = fixture.taken(1);
  fixture.set(a, 0, b);
  fixture.set(b, 0, c);
  fixture.give(b);
  fixture.give(c);
  fixture.set(a, 0, c);  // b dies, and with it another edge of c
  CHECK_FALSE(fixture.heap.is_live(b));
  CHECK(fixture.heap.edges(c) == 1);
  CHECK(fixture.heap.get_ref(a, 0) == c);
  fixture.set(a, 0, c);
  CHECK(fixture.heap.edges(c) == 1);
  fixture.give(a);
}

TEST_CASE("moving a handle into a slot leaves no candidate where the holder is held") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(2);
  const RcIndex b = fixture.taken(1);
  CHECK(fixture.heap.move_ref(a, 0, b) == RcStatus::ok);
  CHECK(fixture.heap.handles(b) == 0);
  CHECK(fixture.heap.edges(b) == 1);
  CHECK(fixture.control.candidates == 0);
  CHECK(fixture.heap.move_ref(a, 0, b) == RcStatus::no_handle);
  CHECK(fixture.heap.move_ref(a, 0, kNoRc) == RcStatus::not_live);
  CHECK(fixture.heap.move_ref(a, 1, a) == RcStatus::ok);  // that was its last handle
  CHECK(fixture.control.candidates == 1);
  CHECK(fixture.collect() == 2);
}

TEST_CASE("moving the only handle of a block into the only one it holds leaves a candidate") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(1);
  const RcIndex b = fixture.taken(1);
  CHECK(fixture.heap.move_ref(a, 0, b) == RcStatus::ok);
  CHECK(fixture.heap.move_ref(b, 0, a) == RcStatus::ok);
  CHECK(fixture.control.candidates == 1);
  CHECK(fixture.collect() == 2);
}

TEST_CASE("what cannot be is refused and changes nothing") {
  RcFixture fixture;
  RcIndex none = kNoRc;
  CHECK(fixture.heap.release(RcIndex{0}) == RcStatus::not_live);
  CHECK(fixture.heap.retain(RcIndex{UINT32_MAX}) == RcStatus::not_live);
  CHECK(fixture.heap.allocate(kMaxClassBytes + 1, 0, none) == RcStatus::invalid_size);
  CHECK(fixture.heap.allocate(16, kRcMaxSlots + 1, none) == RcStatus::invalid_size);
  CHECK(none == kNoRc);
  const RcIndex a = fixture.taken(1);
  for (const RcIndex index : {RcIndex{0}, RcIndex{1}, RcIndex{2}, RcIndex{63}, RcIndex{100'000'000}}) {
    CHECK(fixture.heap.retain(index) == RcStatus::not_live);
    CHECK(fixture.heap.set_ref(index, 0, a) == RcStatus::not_live);
    CHECK(fixture.heap.reserve_refs(index, 1) == RcStatus::not_live);
    CHECK(fixture.heap.weak_of(index) == -1);
    CHECK(fixture.heap.ref_slots(index) == 0);
    CHECK(fixture.heap.block_bytes(index) == 0);
    CHECK(fixture.heap.address(index) == nullptr);
    if (index != kNoRc) CHECK(fixture.heap.set_ref(a, 0, index) == RcStatus::not_live);
  }
  CHECK(fixture.heap.set_ref(a, 1, a) == RcStatus::no_slot);
  CHECK(fixture.heap.set_ref(a, SIZE_MAX, a) == RcStatus::no_slot);
  CHECK(fixture.heap.get_ref(a, 1) == kNoRc);
  CHECK(fixture.heap.edges(a) == 0);
  fixture.give(a);
}

TEST_CASE("a count that is as high as it goes is left there") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(1);
  const RcIndex b = fixture.taken(0);
  fixture.heap.nodes()[to_node(b)].handles = kRcMaxCount;
  CHECK(fixture.heap.retain(b) == RcStatus::overflow);
  fixture.give(b);
  CHECK(fixture.heap.retain(b) == RcStatus::ok);
  CHECK(fixture.heap.retain(b) == RcStatus::overflow);
  fixture.heap.nodes()[to_node(b)].handles = 1;
  fixture.heap.nodes()[to_node(b)].edges = kRcMaxCount;
  CHECK(fixture.heap.set_ref(a, 0, b) == RcStatus::overflow);
  CHECK(fixture.heap.move_ref(a, 0, b) == RcStatus::overflow);
  CHECK(fixture.heap.get_ref(a, 0) == kNoRc);
  fixture.heap.nodes()[to_node(b)].edges = 0;
  fixture.give(a);
  fixture.give(b);
}

TEST_CASE("a block may have more slots later, and keeps what it refers to") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(0);
  CHECK(fixture.heap.ref_slots(a) == 0);
  for (std::size_t slots = 1; slots < 3000; slots += slots / 3 + 1) {
    CHECK(fixture.heap.reserve_refs(a, slots) == RcStatus::ok);
    CHECK(fixture.heap.ref_slots(a) >= slots);
    CHECK(fixture.heap.ref_slots(a) <= slots + slots / 4 + 1);
    const RcIndex b = fixture.taken(0);
    CHECK(fixture.heap.move_ref(a, slots - 1, b) == RcStatus::ok);
    CHECK(fixture.heap.get_ref(a, 0) != kNoRc);
    fixture.check();
  }
  fixture.give(a);
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE("a block that dies leaves its slots to the next of its class") {
  RcFixture fixture;
  for (int round = 0; round < 1000; ++round) {
    const RcIndex a = fixture.taken(3);
    const RcIndex b = fixture.taken(100);
    fixture.set(a, 2, b);
    fixture.set(b, 99, a);
    fixture.give(b);
    fixture.give(a);
    CHECK(fixture.collect() == 2);
  }
  CHECK(fixture.heap.edge_table().used_words() < 200);
}

TEST_CASE("free nodes get slots ahead of blocks that follow each other, and none when others come between") {
  constexpr std::size_t kBlocks = 1000;
  RcFixture streak;
  std::vector<RcIndex> blocks;
  std::size_t ready = 0;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const std::int32_t next = streak.control.free[0];
    if (next != 0 && streak.heap.nodes()[next].refs != 0) ++ready;
    blocks.push_back(streak.taken(2));
    CHECK(streak.heap.ref_slots(blocks.back()) == 2);
  }
  CHECK(ready > kBlocks * 9 / 10);
  CHECK(streak.heap.edge_table().used_words() <= (kBlocks + 64) * 3 + 1);
  for (const RcIndex block : blocks) streak.give(block);

  RcFixture mixed;
  blocks.clear();
  for (std::size_t i = 0; i < kBlocks; ++i) blocks.push_back(mixed.taken(i % 2 * 2));
  CHECK(mixed.heap.edge_table().used_words() == kBlocks / 2 * 3 + 1);
  for (const RcIndex block : blocks) mixed.give(block);
}

TEST_CASE("blocks do not overlap, and are aligned") {
  RcFixture fixture;
  for (const std::size_t bytes : {1, 16, 48, 64, 100, 4096, 5000, 32768}) {
    const RcIndex a = fixture.taken(0, bytes);
    const RcIndex b = fixture.taken(0, bytes);
    const auto distance = fixture.heap.address(b) - fixture.heap.address(a);
    CHECK(std::abs(distance) == static_cast<std::ptrdiff_t>(class_bytes(class_of(bytes))));
    CHECK(reinterpret_cast<std::uintptr_t>(fixture.heap.address(a)) % 16 == 0);
    fixture.give(a);
    fixture.give(b);
  }
}
