// What can be asked of a heap: its cycles, its figures, and whether its counts are right.
#include <algorithm>
#include <span>

#include "rc_cycles.h"
#include "rc_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

using Cycle = std::vector<std::int32_t>;

std::vector<Cycle> cycles_of(RcHeap& heap) {
  PageChunks memory;
  std::vector<Cycle> found;
  const RcCycleVisitor add = [](void* context, std::span<const std::int32_t> nodes) {
    Cycle cycle(nodes.begin(), nodes.end());
    std::sort(cycle.begin(), cycle.end());
    static_cast<std::vector<Cycle>*>(context)->push_back(cycle);
  };
  CHECK(find_cycles(heap, memory, add, &found));
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

TEST_CASE("every strongly connected component with a cycle is told once, held or not") {
  RcFixture fixture;
  CHECK(cycles_of(fixture.heap).empty());
  const RcIndex a = fixture.taken(3);
  const RcIndex b = fixture.taken(3);
  const RcIndex c = fixture.taken(3);
  const RcIndex d = fixture.taken(3);
  const RcIndex e = fixture.taken(0);
  fixture.set(a, 0, b);
  fixture.set(b, 0, c);
  fixture.set(c, 0, d);
  fixture.set(d, 2, e);
  CHECK(cycles_of(fixture.heap).empty());
  fixture.set(d, 0, d);
  fixture.set(b, 1, a);
  CHECK(cycles_of(fixture.heap) == std::vector<Cycle>{{to_node(a), to_node(b)}, {to_node(d)}});
  fixture.set(c, 1, b);
  for (const RcIndex block : {a, b, c, d, e}) fixture.give(block);
  CHECK(cycles_of(fixture.heap) == std::vector<Cycle>{{to_node(a), to_node(b), to_node(c)}, {to_node(d)}});
  CHECK(fixture.heap.live_blocks() == 5);
  CHECK(fixture.collect() == 5);
}

TEST_CASE("components of random graphs are those of mutual reachability") {
  std::uint64_t state = 1;
  for (int round = 0; round < 200; ++round) {
    RcFixture fixture;
    constexpr std::size_t kCount = 12;
    std::vector<RcIndex> blocks;
    bool reach[kCount][kCount] = {};
    for (std::size_t i = 0; i < kCount; ++i) blocks.push_back(fixture.taken(kCount));
    for (std::size_t from = 0; from < kCount; ++from) {
      for (std::size_t to = 0; to < kCount; ++to) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        if (state >> 60 != 0 || (state >> 58 & 3) == 3) continue;
        fixture.set(blocks[from], to, blocks[to]);
        reach[from][to] = true;
      }
    }
    for (std::size_t via = 0; via < kCount; ++via) {
      for (std::size_t from = 0; from < kCount; ++from) {
        for (std::size_t to = 0; to < kCount; ++to) reach[from][to] |= reach[from][via] && reach[via][to];
      }
    }
    std::vector<Cycle> expected;
    for (std::size_t from = 0; from < kCount; ++from) {
      Cycle cycle;
      for (std::size_t to = 0; to < kCount; ++to) {
        if (reach[from][to] && reach[to][from]) cycle.push_back(to_node(blocks[to]));
      }
      if (!cycle.empty() && cycle.front() == to_node(blocks[from])) expected.push_back(cycle);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(cycles_of(fixture.heap) == expected);
    for (const RcIndex block : blocks) fixture.give(block);
    static_cast<void>(fixture.collect());
    CHECK(fixture.heap.live_blocks() == 0);
  }
}

TEST_CASE("a ring of very many is one cycle, found without recursion") {
  RcFixture fixture;
  const std::size_t count = scaled(1'000'000);
  const auto ring = fixture.ring(count);
  const auto found = cycles_of(fixture.heap);
  CHECK(found.size() == 1);
  CHECK(found[0].size() == count);
  fixture.give(ring[0]);
  CHECK(fixture.collect() == count);
}

TEST_CASE("without memory the search gives up") {
  RcFixture fixture;
  const auto ring = fixture.ring(3);
  FailingSource memory;
  memory.fail_at = 0;
  CHECK_FALSE(find_cycles(
      fixture.heap, memory, [](void*, std::span<const std::int32_t>) {}, nullptr));
  memory.fail_at = memory.requests;
  CHECK_FALSE(fixture.heap.check_invariants(memory));
  fixture.give(ring[0]);
  CHECK(fixture.collect() == 3);
}

TEST_CASE("a count that is wrong is found") {
  RcFixture fixture;
  PageChunks memory;
  const RcIndex a = fixture.taken(1);
  fixture.set(a, 0, a);
  RcNode& node = fixture.heap.nodes()[to_node(a)];
  CHECK(fixture.heap.check_invariants(memory));
  ++node.edges;
  CHECK_FALSE(fixture.heap.check_invariants(memory));
  --node.edges;
  ++fixture.control.edges;
  CHECK_FALSE(fixture.heap.check_invariants(memory));
  --fixture.control.edges;
  ++fixture.control.candidates;
  CHECK_FALSE(fixture.heap.check_invariants(memory));
  --fixture.control.candidates;
  ++fixture.control.live;
  CHECK_FALSE(fixture.heap.check_invariants(memory));
  --fixture.control.live;
  fixture.heap.edge_table().slots(node.refs)[0] = 70;
  CHECK_FALSE(fixture.heap.check_invariants(memory));
  fixture.heap.edge_table().slots(node.refs)[0] = to_node(a);
  fixture.give(a);
  CHECK(fixture.collect() == 1);
}

TEST_CASE("metadata is 24 bytes for a block, and 4 for a slot and for the head of its run") {
  RcFixture fixture;
  const std::size_t count = 100'000;
  std::vector<RcIndex> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(fixture.taken(2));
  const std::size_t bytes = fixture.heap.metadata();
  CHECK(bytes >= count * (24 + 12));
  CHECK(bytes <= count * (24 + 12) * 21 / 20);
  for (const RcIndex block : blocks) fixture.give(block);
}
