// Limits, trim, and out of memory at every request.
#include "rc_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("the limit counts live bytes, and is reached to the byte") {
  RcFixture fixture;
  fixture.heap.set_limit(1024);
  std::vector<RcIndex> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(fixture.taken(0, 256));
  RcIndex none = kNoRc;
  CHECK(fixture.heap.allocate(1, 0, none) == RcStatus::limit);
  fixture.check();
  fixture.give(blocks.back());
  CHECK(fixture.heap.charge(256) == RcStatus::ok);
  CHECK(fixture.heap.charge(1) == RcStatus::limit);
  CHECK(fixture.heap.allocate(1, 0, none) == RcStatus::limit);
  CHECK(fixture.heap.live_bytes() == 1024);
  fixture.heap.discharge(256);
  blocks.back() = fixture.taken(0, 256);
  fixture.heap.set_limit(100);
  CHECK(fixture.heap.live_bytes() == 1024);
  CHECK(fixture.heap.allocate(1, 0, none) == RcStatus::limit);
  CHECK(fixture.heap.charge(0) == RcStatus::limit);
  CHECK(fixture.heap.allocate_external(0, none) == RcStatus::ok);  // no bytes of ours
  CHECK(fixture.heap.live_bytes() == 1024);
  fixture.give(none);
  CHECK(fixture.heap.next_disposed() == none);
  for (const RcIndex block : blocks) fixture.give(block);
  CHECK(fixture.heap.live_bytes() == 0);
  fixture.give(fixture.taken(0, 96));
  CHECK(fixture.heap.allocate(97, 0, none) == RcStatus::limit);
  fixture.heap.set_limit(SIZE_MAX);
  fixture.give(fixture.taken(0, 97));
}

TEST_CASE("an allocation that would reach the limit collects first") {
  RcFixture fixture;
  fixture.heap.set_limit(10'000);
  for (int i = 0; i < 1000; ++i) {
    const RcIndex block = fixture.taken(1, 100);
    fixture.set(block, 0, block);
    fixture.give(block);
  }
  CHECK(fixture.heap.collector().figures().collections > 5);
  CHECK(fixture.heap.reserved() > 0);
  CHECK(fixture.source.takes == 1);  // no slab was given back for it
  CHECK(fixture.heap.charge(9000) == RcStatus::ok);
  fixture.heap.discharge(9000);
  static_cast<void>(fixture.collect());
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE(
    "an allocation for which the source has no memory collects first, in the middle of a collection too") {
  for (const std::size_t steps : {0, 5, 100, 200}) {
    RcFixture fixture;
    fixture.source.budget = 128 * kKiB;
    std::vector<RcIndex> blocks = fixture.ring(16, 1);
    fixture.give(blocks[0]);
    for (int i = 0; i < 64; ++i) blocks.push_back(fixture.taken(0, 1024));
    for (std::size_t i = 0; i < steps; ++i) static_cast<void>(fixture.heap.collector().step(1));
    RcIndex block = kNoRc;
    CHECK(fixture.heap.allocate(512, 0, block) == RcStatus::ok);  // in the slab that the ring had
    fixture.give(block);
    CHECK(fixture.heap.live_blocks() == 64);
    CHECK(fixture.heap.allocate(32'768, 0, block) == RcStatus::no_memory);
    for (std::size_t i = 16; i < blocks.size(); ++i) fixture.give(blocks[i]);
  }
}

TEST_CASE("trim gives back the slabs in which nothing lives, and their indices are used again") {
  RcFixture fixture;
  std::vector<RcIndex> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(fixture.taken(i % 10 == 0 ? 20 : 3, 1024));
  const std::int32_t limit = fixture.heap.nodes().limit();
  const std::size_t reserved = fixture.heap.reserved();
  CHECK(fixture.heap.trim() == 0);
  for (std::size_t i = 64; i < blocks.size(); ++i) fixture.give(blocks[i]);
  CHECK(fixture.heap.trim() == reserved - 65536);
  CHECK(fixture.heap.trim() == 0);
  CHECK(fixture.heap.reserved() == 65536);
  CHECK(fixture.heap.address(blocks[0]) != nullptr);
  CHECK(fixture.heap.address(blocks[64]) == nullptr);
  CHECK(fixture.heap.retain(blocks[64]) == RcStatus::not_live);
  fixture.check();
  blocks.resize(64);
  for (int i = 64; i < 1000; ++i) blocks.push_back(fixture.taken(3, 1024));
  CHECK(fixture.heap.nodes().limit() == limit);
  CHECK(fixture.heap.reserved() == reserved);
  for (const RcIndex block : blocks) fixture.give(block);
}

namespace {

// What a failed request may not change.
struct State {
  std::size_t live, bytes;
  std::int32_t candidates, edges, disposed;
  bool operator==(const State&) const = default;
};

State state_of(const RcFixture& fixture) {
  const RcControl& control = fixture.control;
  return {fixture.heap.live_blocks(), fixture.heap.live_bytes(), control.candidates, control.edges,
          control.disposed};
}

// A bit of everything that asks for memory; returns how often something failed.
std::size_t run(RcFixture& fixture) {
  std::size_t failures = 0;
  const auto until_ok = [&](auto operation) {
    const State before = state_of(fixture);
    if (const RcStatus status = operation(); status == RcStatus::ok) return;
    ++failures;
    CHECK(state_of(fixture) == before);
    fixture.check();
    fixture.source.fail_from_there = false;
    CHECK(operation() == RcStatus::ok);
  };
  std::vector<RcIndex> blocks;
  for (std::size_t i = 0; i < 300; ++i) {
    RcIndex block = kNoRc;
    until_ok([&] { return fixture.heap.allocate(i % 3 == 0 ? 1024 : 2048, i % 5, block); });
    blocks.push_back(block);
    if (i % 50 == 0) {
      until_ok([&] { return fixture.heap.allocate_external(2, block); });
      fixture.give(block);
      CHECK(fixture.heap.next_disposed() == block);
    }
  }
  for (std::size_t i = 0; i < blocks.size(); i += 10) {
    until_ok([&] { return fixture.heap.reserve_refs(blocks[i], i); });
    if (i > 0) fixture.set(blocks[i], i - 1, blocks[i]);
  }
  for (const RcIndex block : blocks) fixture.give(block);
  CHECK(fixture.collect() == 29);
  return failures;
}

}  // namespace

TEST_CASE("a request that fails leaves the heap as it was, and the next try succeeds") {
  std::size_t requests = 0;
  {
    RcFixture fixture;
    CHECK(run(fixture) == 0);
    requests = fixture.source.requests;
  }
  CHECK(requests > 15);
  for (const bool from_there : {false, true}) {
    for (std::size_t request = 0; request < requests; ++request) {
      CAPTURE(request);
      RcFixture fixture;
      fixture.source.fail_at = request;
      fixture.source.fail_from_there = from_there;
      CHECK(run(fixture) == 1);
      CHECK(fixture.source.refused > 0);
    }
  }
}

TEST_CASE("release and collection ask for no memory") {
  RcFixture fixture;
  const auto ring = fixture.ring(1000, 2);
  fixture.source.fail_at = fixture.source.requests;
  fixture.source.fail_from_there = true;
  fixture.give(ring[0]);
  CHECK(fixture.collect() == 1000);
  CHECK(fixture.source.refused == 0);
}

TEST_CASE("a heap that never gets memory says so") {
  RcFixture fixture;
  fixture.source.fail_at = 0;
  fixture.source.fail_from_there = true;
  RcIndex none = kNoRc;
  for (int i = 0; i < 3; ++i) {
    CHECK(fixture.heap.allocate(16, 1, none) == RcStatus::no_memory);
    CHECK(fixture.heap.allocate_external(1, none) == RcStatus::no_memory);
    CHECK(fixture.heap.trim() == 0);
    CHECK(fixture.heap.collector().collect(0));
  }
  CHECK(none == kNoRc);
  CHECK_FALSE(fixture.heap.is_live(RcIndex{64}));
}
