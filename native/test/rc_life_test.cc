// Weak handles, owners that hear of deaths, external blocks, and slots that are used up.
#include "rc_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a weak handle is good as long as its block lives, and not for the next block of its slot") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(0);
  const std::int32_t weak = fixture.heap.weak_of(a);
  CHECK(weak == 0);
  CHECK(fixture.heap.weak_of(a) == weak);
  CHECK(fixture.heap.upgrade(a, weak) == RcStatus::ok);
  CHECK(fixture.heap.handles(a) == 2);
  CHECK(fixture.heap.upgrade(a, weak + 1) == RcStatus::not_live);
  fixture.give(a);
  fixture.give(a);
  CHECK(fixture.heap.upgrade(a, weak) == RcStatus::not_live);
  CHECK(fixture.heap.weak_of(a) == -1);
  CHECK(fixture.taken(0) == a);
  CHECK(fixture.heap.upgrade(a, weak) == RcStatus::not_live);
  CHECK(fixture.heap.weak_of(a) == weak + 1);
  fixture.give(a);
}

TEST_CASE("a slot whose blocks nobody asked the generation of is never used up") {
  RcFixture fixture;
  for (int life = 0; life < 100; ++life) fixture.give(fixture.taken(0));
  const RcIndex a = fixture.taken(0);
  CHECK(fixture.heap.weak_of(a) == 0);
  fixture.give(a);
}

TEST_CASE("all that a collection has condemned is dead for weak handles at once") {
  RcFixture fixture;
  const auto ring = fixture.ring(100);
  std::vector<std::int32_t> weak;
  for (const RcIndex block : ring) weak.push_back(fixture.heap.weak_of(block));
  fixture.give(ring[0]);
  CycleCollector& collector = fixture.heap.collector();
  while (collector.phase() != RcPhase::free) CHECK_FALSE(collector.step(1));
  for (std::size_t i = 0; i < ring.size(); ++i) {
    CHECK(fixture.heap.upgrade(ring[i], weak[i]) == RcStatus::not_live);
    CHECK_FALSE(fixture.heap.is_live(ring[i]));
    CHECK(fixture.heap.get_ref(ring[i], 0) == kNoRc);
  }
  fixture.check();
  while (!collector.step(1)) fixture.check();
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE("garbage that a collection has not condemned yet can be had back by a weak handle") {
  // However far it had come.
  for (std::size_t steps = 0; steps < 60; ++steps) {
    RcFixture fixture;
    const auto ring = fixture.ring(10);
    const std::int32_t weak = fixture.heap.weak_of(ring[4]);
    fixture.give(ring[0]);
    CycleCollector& collector = fixture.heap.collector();
    for (std::size_t i = 0; i < steps; ++i) static_cast<void>(collector.step(1));
    const bool late = collector.phase() == RcPhase::free || fixture.heap.live_blocks() == 0;
    CHECK(fixture.heap.upgrade(ring[4], weak) == (late ? RcStatus::not_live : RcStatus::ok));
    CHECK(collector.collect(0));
    CHECK(fixture.heap.live_blocks() == (late ? 0 : 10));
    if (late) continue;
    fixture.check();
    fixture.give(ring[4]);
    CHECK(fixture.collect() == 10);
  }
}

TEST_CASE("an edge or a handle that comes in the middle of a collection saves what it leads to") {
  for (std::size_t steps = 0; steps < 60; ++steps) {
    RcFixture fixture;
    const RcIndex held = fixture.taken(1);
    const auto ring = fixture.ring(10);
    fixture.set(held, 0, ring[3]);
    fixture.give(ring[0]);
    const RcIndex other = fixture.taken(1);
    CycleCollector& collector = fixture.heap.collector();
    for (std::size_t i = 0; i < steps; ++i) static_cast<void>(collector.step(1));
    // From one holder to the other, which the collection has not seen.
    fixture.set(other, 0, fixture.heap.get_ref(held, 0));
    fixture.give(held);
    CHECK(collector.collect(0));
    CHECK(fixture.heap.live_blocks() == 11);
    CHECK(fixture.heap.retain(ring[7]) == RcStatus::ok);
    fixture.give(other);
    CHECK(collector.collect(0));
    CHECK(fixture.heap.live_blocks() == 10);
    fixture.give(ring[7]);
    CHECK(fixture.collect() == 10);
  }
}

TEST_CASE("a block that is cut off in the middle of a collection is found by the next one at the latest") {
  for (std::size_t steps = 0; steps < 60; ++steps) {
    RcFixture fixture;
    const RcIndex held = fixture.taken(1);
    const auto ring = fixture.ring(10);
    fixture.set(held, 0, ring[3]);
    fixture.give(ring[0]);
    CycleCollector& collector = fixture.heap.collector();
    for (std::size_t i = 0; i < steps; ++i) static_cast<void>(collector.step(1));
    fixture.give(held);
    CHECK(collector.collect(0));
    CHECK(collector.collect(0));
    CHECK(fixture.heap.live_blocks() == 0);
  }
}

TEST_CASE("a block whose handle goes when it was passed over, and that is met again, is not lost") {
  for (std::size_t steps = 0; steps < 40; ++steps) {
    RcFixture fixture;
    const RcIndex first = fixture.taken(1);
    const RcIndex second = fixture.taken(1);
    const RcIndex held = fixture.taken(2);
    fixture.set(first, 0, held);
    fixture.set(second, 0, held);
    fixture.set(held, 0, first);
    fixture.set(held, 1, second);
    fixture.give(first);
    fixture.give(second);
    CycleCollector& collector = fixture.heap.collector();
    for (std::size_t i = 0; i < steps; ++i) static_cast<void>(collector.step(1));
    fixture.give(held);
    CHECK(collector.collect(0));
    CHECK(collector.collect(0));
    CHECK(fixture.heap.live_blocks() == 0);
  }
}

TEST_CASE("an owner hears of each death once, in their order, and the slot is not used before") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(2);
  const RcIndex b = fixture.taken(2);
  const RcIndex c = fixture.taken(2);
  for (const RcIndex block : {a, b, c}) CHECK(fixture.heap.set_notify(block, true) == RcStatus::ok);
  CHECK(fixture.heap.set_notify(c, false) == RcStatus::ok);
  fixture.set(b, 0, b);
  fixture.give(a);
  fixture.give(b);
  fixture.give(c);
  CHECK(fixture.collect() == 1);
  CHECK(fixture.control.disposed == 2);
  CHECK(fixture.heap.live_blocks() == 0);
  const RcIndex d = fixture.taken(0);
  CHECK(d == c);
  CHECK(fixture.heap.trim() == 0);
  fixture.check();
  CHECK(fixture.heap.next_disposed() == a);
  CHECK(fixture.heap.address(a) != nullptr);
  CHECK(fixture.heap.next_disposed() == b);
  CHECK(fixture.heap.next_disposed() == kNoRc);
  CHECK(fixture.taken(0) == b);
  CHECK_FALSE((fixture.heap.nodes()[to_node(b)].word & RcWord::kNotify) != 0);
  fixture.give(b);
  fixture.give(d);
}

TEST_CASE("an external block is a node like others, without memory, of which its owner hears") {
  RcFixture fixture;
  RcIndex a = kNoRc;
  CHECK(fixture.heap.allocate_external(1, a) == RcStatus::ok);
  CHECK(fixture.heap.address(a) == nullptr);
  CHECK(fixture.heap.block_bytes(a) == 0);
  const RcIndex b = fixture.taken(1);
  fixture.set(a, 0, b);
  fixture.set(b, 0, a);
  fixture.give(a);
  fixture.give(b);
  CHECK(fixture.collect() == 2);
  CHECK(fixture.heap.next_disposed() == a);
  CHECK(fixture.heap.next_disposed() == kNoRc);
  CHECK(fixture.heap.trim() > 0);
  CHECK(fixture.heap.reserved() == 0);
  CHECK(fixture.heap.allocate_external(0, a) == RcStatus::ok);
  fixture.give(a);
  CHECK(fixture.heap.next_disposed() == a);
}

TEST_CASE(
    "a slot that has had all its generations is retired, and its slab can be given back and used again") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(0, 1024);
  RcNode& node = fixture.heap.nodes()[to_node(a)];
  node.word |= (RcWord::kMaxGeneration - 1) << RcWord::kGenerationShift;
  CHECK(fixture.heap.weak_of(a) == RcWord::kMaxGeneration - 1);
  fixture.give(a);
  CHECK(fixture.heap.nodes().retired() == 1);
  fixture.check();
  for (int round = 0; round < 2; ++round) {
    std::vector<RcIndex> blocks;
    for (int i = 0; i < 63; ++i) {
      blocks.push_back(fixture.taken(0, 1024));
      CHECK(blocks.back() != a);
    }
    CHECK(fixture.heap.nodes().slab_count() == 1);
    CHECK(fixture.heap.upgrade(a, RcWord::kMaxGeneration) == RcStatus::not_live);
    for (const RcIndex block : blocks) fixture.give(block);
    CHECK(fixture.heap.trim() == 65536);
    fixture.check();
  }
}
