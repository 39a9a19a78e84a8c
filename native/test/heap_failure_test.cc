// Out of memory at every request that a heap makes of its source: nothing changes, and the next try succeeds.
#include <algorithm>
#include <initializer_list>
#include <vector>

#include "heap_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

struct Block {
  std::byte* begin;
  std::size_t size;
  std::uint64_t seed;
};

// One run of a program. Steps that fail are tried again once the source has memory: the retry must succeed.
class Run : public HeapFixture {
 public:
  std::size_t failures = 0;
  std::vector<Block> blocks;

  void add(std::size_t size, std::size_t alignment = 16) {
    const State before = state();
    void* block = heap.allocate(size, alignment);
    if (block == nullptr) {
      failed(before);
      block = heap.allocate(size, alignment);
    }
    must(block != nullptr);
    blocks.push_back({static_cast<std::byte*>(block), size, ++seed_});
    fill(block, size, seed_);
  }

  void resize(std::size_t index, std::size_t size) {
    Block& block = blocks[index];
    const State before = state();
    void* moved = heap.reallocate(block.begin, size);
    if (moved == nullptr) {
      failed(before);
      moved = heap.reallocate(block.begin, size);
    }
    must(moved != nullptr);
    CHECK(is_filled(moved, std::min(size, block.size), block.seed));
    block = {static_cast<std::byte*>(moved), size, block.seed};
    fill(moved, size, block.seed);
  }

  void give_every_other() {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      give(blocks[i].begin, blocks[i].size, blocks[i].seed);
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

 private:
  struct State {
    std::size_t blocks, bytes, reserved, bytes_out, chunks_out;
    bool operator==(const State&) const = default;
  };
  [[nodiscard]] State state() const {
    return {heap.live_blocks(), heap.live_bytes(), heap.reserved(), source.bytes_out, source.chunks_out};
  }

  void failed(const State& before) {
    CHECK(state() == before);
    CHECK(heap.check_invariants());
    for (const Block& block : blocks) {
      CHECK(is_filled(block.begin, block.size, block.seed));
      CHECK(heap.usable_size(block.begin) >= block.size);
    }
    ++failures;
    source.fail_from_there = false;
  }

  std::uint64_t seed_ = 0;
};

void program(Run& run) {
  for (const std::size_t size : {1UL, 100UL, 1000UL, 40'000UL, 500UL, 70'000UL}) {
    for (int i = 0; i < 20; ++i) run.add(size);
  }
  run.add(5000, 4096);
  run.add(9000, 8192);
  run.give_every_other();
  static_cast<void>(run.heap.trim());
  for (std::size_t i = 0; i < run.blocks.size(); i += 3) run.resize(i, run.blocks[i].size * 2);
  run.resize(1, 200'000);
  for (int i = 0; i < 600; ++i) run.add(512);
}

}  // namespace

TEST_CASE("a request that fails is a refusal that changes nothing, and the next try succeeds") {
  for (const bool from_there : {false, true}) {
    std::size_t request = 0;
    // How many requests there are depends on where the system maps the chunks.
    for (bool refused = true; refused; ++request) {
      CAPTURE(request);
      CAPTURE(from_there);
      Run run;
      run.source.fail_at = request;
      run.source.fail_from_there = from_there;
      program(run);
      refused = run.source.refused > 0;
      CHECK(run.failures == (refused ? 1 : 0));
    }
    CHECK(request > 80);
  }
}

TEST_CASE("a heap that never gets memory says so") {
  HeapFixture fixture;
  fixture.source.fail_at = 0;
  fixture.source.fail_from_there = true;
  for (const std::size_t size : {0UL, 1UL, 5000UL, 100 * kKiB}) {
    CHECK(fixture.heap.allocate(size) == nullptr);
    CHECK(fixture.heap.allocate_large(size, 1) == kNoLarge);
  }
  CHECK(fixture.heap.pool_for_class(0) == nullptr);
  CHECK_FALSE(fixture.heap.grow_pool(1));
  CHECK(fixture.heap.trim() == 0);
  CHECK(fixture.heap.live_blocks() == 0);
}

TEST_CASE("without memory for more the blocks that are there serve") {
  HeapFixture fixture;
  fixture.source.budget = 64 * kKiB;
  std::byte* block = fixture.filled(512);
  for (int i = 1; i < 128; ++i) fixture.filled(512);
  CHECK(fixture.heap.allocate(512) == nullptr);
  CHECK(fixture.heap.allocate(16) == nullptr);
  CHECK(fixture.heap.allocate(40'000) == nullptr);
  fixture.give(block, 512);
  CHECK(fixture.filled(500) == block);
}

TEST_CASE("a chunk whose addresses the map cannot hold goes back") {
  constexpr std::uintptr_t kBit = std::uintptr_t{1} << 52;
  class High : public FailingSource {
   public:
    bool high = false;
    Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
      Chunk chunk = FailingSource::take(minimum, preferred);
      if (high)
        chunk.base = reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(chunk.base) | kBit);
      return chunk;
    }
    void give(Chunk chunk) noexcept override {
      chunk.base = reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(chunk.base) & ~kBit);
      FailingSource::give(chunk);
    }
  };
  HeapOver<High> fixture;
  std::byte* block = fixture.filled(100);
  fixture.source.high = true;
  CHECK(fixture.heap.allocate(1000) == nullptr);
  CHECK(fixture.heap.allocate(100'000) == nullptr);
  CHECK(fixture.source.chunks_out == 1);
  CHECK(fixture.heap.check_invariants());
  fixture.give(block, 100);
}
