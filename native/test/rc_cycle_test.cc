// What the cycle collector frees, what it leaves, and how much it looks at.
#include "rc_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("self loops and multiple edges are cycles") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(3);
  for (std::size_t slot = 0; slot < 3; ++slot) fixture.set(a, slot, a);
  const RcIndex b = fixture.taken(3);
  const RcIndex c = fixture.taken(3);
  for (std::size_t slot = 0; slot < 3; ++slot) fixture.set(b, slot, c);
  for (std::size_t slot = 0; slot < 2; ++slot) fixture.set(c, slot, b);
  fixture.give(a);
  fixture.give(b);
  fixture.give(c);
  CHECK(fixture.heap.live_blocks() == 3);
  CHECK(fixture.collect() == 3);
}

TEST_CASE("a cycle with one handle stays, however often it is looked at") {
  RcFixture fixture;
  const auto ring = fixture.ring(1000);
  for (int round = 0; round < 3; ++round) {
    CHECK(fixture.heap.retain(ring[500]) == RcStatus::ok);
    fixture.give(ring[500]);
    CHECK(fixture.collect() == 0);
    fixture.check();
  }
  fixture.give(ring[0]);
  CHECK(fixture.collect() == 1000);
}

TEST_CASE("what has a handle is not traced") {
  RcFixture fixture;
  const std::size_t graph = scaled(1'000'000);
  const std::size_t count = scaled(10'000);
  const auto live = fixture.ring(graph);
  static_cast<void>(fixture.collect());
  const std::uint64_t before = fixture.touched();
  std::vector<RcIndex> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    const RcIndex block = fixture.taken(2);
    fixture.set(block, 0, block);
    fixture.set(block, 1, live[0]);
    fixture.give(block);
  }
  CHECK(fixture.control.candidates == static_cast<std::int32_t>(count));
  CHECK(fixture.collect() == count);
  CHECK(fixture.touched() - before == count);
  fixture.give(live[0]);
  CHECK(fixture.collect() == graph);
}

TEST_CASE("a hub with very many edges in both directions") {
  RcFixture fixture;
  const std::size_t count = scaled(1'000'000);
  const RcIndex hub = fixture.taken(count);
  for (std::size_t i = 0; i < count; ++i) {
    const RcIndex block = fixture.taken(1);
    fixture.set(block, 0, hub);
    fixture.move(hub, i, block);
  }
  CHECK(fixture.heap.edges(hub) == count);
  fixture.give(hub);
  // It can be stopped in the middle of the hub.
  std::size_t steps = 0;
  while (!fixture.heap.collector().step(1000)) ++steps;
  CHECK(steps >= count / 1000 * 3);
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE("a hub with very many edges dies at once when the last one goes") {
  RcFixture fixture;
  const std::size_t count = scaled(1'000'000);
  const RcIndex hub = fixture.taken(count);
  const RcIndex leaf = fixture.taken(0);
  for (std::size_t i = 0; i < count; ++i) fixture.set(hub, i, leaf);
  fixture.give(leaf);
  fixture.give(hub);
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE("a chain of rings costs as much as its rings, whichever end is released first") {
  for (const bool backwards : {false, true}) {
    std::uint64_t touched[2] = {};
    for (int size = 0; size < 2; ++size) {
      RcFixture fixture;
      const std::size_t rings = size == 0 ? 500 : 1000;
      std::vector<std::vector<RcIndex>> chain;
      for (std::size_t i = 0; i < rings; ++i) {
        chain.push_back(fixture.ring(10, 2));
        if (i > 0) fixture.set(chain[i - 1][5], 1, chain[i][0]);
      }
      for (std::size_t i = 0; i < rings; ++i) fixture.give(chain[backwards ? rings - 1 - i : i][0]);
      CHECK(fixture.collect() == rings * 10);
      touched[size] = fixture.touched();
    }
    CHECK(touched[1] <= touched[0] * 2 + 20);
  }
}

TEST_CASE("very long lists end by plain release and by collection, without recursion") {
  const std::size_t count = scaled(10'000'000);
  for (const bool doubly : {false, true}) {
    RcFixture fixture;
    const RcIndex first = fixture.taken(2);
    RcIndex last = first;
    for (std::size_t i = 1; i < count; ++i) {
      const RcIndex block = fixture.taken(2);
      if (doubly) fixture.set(block, 1, last);
      fixture.move(last, 0, block);
      last = block;
    }
    fixture.give(first);
    CHECK(fixture.heap.live_blocks() == (doubly ? count : 0));
    CHECK(fixture.collect() == (doubly ? count : 0));
    CHECK(fixture.heap.live_blocks() == 0);
  }
}

TEST_CASE("what a condemned block refers to dies too when nothing else holds it") {
  RcFixture fixture;
  const RcIndex a = fixture.taken(2);
  const RcIndex leaf = fixture.taken(0);
  const RcIndex shared = fixture.taken(1);
  const RcIndex held = fixture.taken(1);
  fixture.set(a, 0, a);
  fixture.set(a, 1, leaf);
  fixture.give(leaf);
  CHECK(fixture.heap.reserve_refs(a, 4) == RcStatus::ok);
  fixture.set(a, 2, shared);
  fixture.set(held, 0, shared);
  fixture.give(shared);
  fixture.give(a);
  CHECK(fixture.collect() == 2);
  CHECK(fixture.heap.is_live(shared));
  CHECK(fixture.heap.edges(shared) == 1);
  fixture.give(held);
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE("the threshold follows what collections find") {
  RcFixture fixture;
  const std::int32_t first = fixture.control.threshold;
  CHECK_FALSE(fixture.heap.wants_collection());
  auto ring = fixture.ring(1000);
  for (int round = 0; round < 20; ++round) {
    CHECK(fixture.heap.retain(ring[500]) == RcStatus::ok);
    fixture.give(ring[500]);
    static_cast<void>(fixture.collect());
  }
  CHECK(first < fixture.control.threshold);
  CHECK(fixture.control.threshold == CycleCollector::kMostThreshold);
  fixture.give(ring[0]);
  static_cast<void>(fixture.collect());
  CHECK(fixture.control.threshold == CycleCollector::kMostThreshold / 2);
  for (int round = 0; round < 20; ++round) {
    ring = fixture.ring(10);
    fixture.give(ring[0]);
    static_cast<void>(fixture.collect());
  }
  CHECK(fixture.control.threshold == CycleCollector::kLeastThreshold);
  std::vector<RcIndex> loops;
  while (!fixture.heap.wants_collection()) {
    const RcIndex a = fixture.taken(1);
    fixture.set(a, 0, a);
    fixture.give(a);
  }
  CHECK(fixture.control.candidates == CycleCollector::kLeastThreshold);
}

TEST_CASE("few candidates are enough where much lives, and twice what was left is much") {
  RcFixture fixture;
  RcHeap& heap = fixture.heap;
  const auto loop = [&] {
    const RcIndex a = fixture.taken(1, kMaxClassBytes);
    fixture.set(a, 0, a);
    fixture.give(a);
  };
  while (!heap.wants_collection()) loop();
  CHECK(heap.live_bytes() == CycleCollector::kLeastBytes);
  CHECK(fixture.control.candidates < fixture.control.threshold);
  CHECK(fixture.collect() == CycleCollector::kLeastBytes / kMaxClassBytes);
  CHECK_FALSE(heap.wants_collection());
  std::vector<RcIndex> held;
  while (heap.live_bytes() < 2 * CycleCollector::kLeastBytes)
    held.push_back(fixture.taken(1, kMaxClassBytes));
  CHECK_FALSE(heap.wants_collection());
  loop();
  CHECK(heap.wants_collection());
  CHECK(fixture.collect() == 1);
  while (!heap.wants_collection()) loop();
  CHECK(heap.live_bytes() == 4 * CycleCollector::kLeastBytes);
  CHECK(fixture.collect() == 2 * CycleCollector::kLeastBytes / kMaxClassBytes);
  for (const RcIndex each : held) fixture.give(each);
  CHECK(heap.live_blocks() == 0);
}

TEST_CASE("what is charged for the dead counts until their owner has heard of them") {
  RcFixture fixture;
  RcHeap& heap = fixture.heap;
  RcIndex a{};
  REQUIRE(heap.allocate_external(1, a) == RcStatus::ok);
  CHECK(heap.charge(10 * CycleCollector::kLeastBytes) == RcStatus::ok);
  fixture.set(a, 0, a);
  fixture.give(a);
  CHECK(heap.wants_collection());
  CHECK(fixture.collect() == 1);
  CHECK_FALSE(heap.wants_collection());
  CHECK(heap.next_disposed() == a);
  heap.discharge(10 * CycleCollector::kLeastBytes);
  CHECK_FALSE(heap.wants_collection());
  CHECK(heap.charge(CycleCollector::kLeastBytes) == RcStatus::ok);
  const RcIndex b = fixture.taken(1);
  fixture.set(b, 0, b);
  fixture.give(b);
  CHECK(heap.wants_collection());
  CHECK(fixture.collect() == 1);
}

TEST_CASE("a collection with a deadline goes on where it stopped, and pauses are counted") {
  RcFixture fixture;
  auto ring = fixture.ring(10'000);
  fixture.give(ring[0]);
  int steps = 1;
  while (!fixture.heap.collector().collect(1)) ++steps;  // long over: the least that can be done
  CHECK(steps > 100);
  CHECK(fixture.heap.live_blocks() == 0);
  CHECK(fixture.heap.collector().figures().collections == 1);
  CHECK(fixture.heap.collector().figures().collected == 10'000);
  CHECK(fixture.heap.collector().figures().pause_ns >= fixture.heap.collector().figures().longest_pause_ns);
  CHECK(fixture.heap.collector().figures().longest_pause_ns > 0);
}
