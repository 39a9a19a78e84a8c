// Allocators on several threads at once, each its own: nothing that they share may be touched without order.
// It is ThreadSanitizer that judges (-DFREEHOLD_SANITIZE=thread); elsewhere the programs' own checks do.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "arena_program.h"
#include "fault_report.h"
#include "guarded_heap.h"
#include "heap_program.h"
#include "must.h"
#include "page_chunks.h"
#include "pool_program.h"
#include "random_programs.h"
#include "rc_program.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kThreads = 4;

template <typename Body>
void on_threads(Body body) {
  std::atomic<std::size_t> ready{0};
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      ready.fetch_add(1);
      while (ready.load() < kThreads) std::this_thread::yield();
      body(thread);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void run_rc_programs(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    RandomChoices choices(seed, 50 + seed % 1000);
    RcProgram program(choices, 16);
    program.run();
  }
}

// Blocks come and go in a heap that other threads are looking for addresses in.
void use_guarded(GuardedHeap& heap, std::uint64_t seed) {
  RandomChoices choices(seed, 1000);
  std::vector<GuardedIndex> live;
  while (choices.more()) {
    if (live.size() < 8 || choices.pick(0, 1) == 0) {
      const GuardedIndex index =
          heap.take({.size = choices.pick(0, 5000), .alignment = 16, .site = SiteId{1}, .label = "threads"});
      if (index != kNoGuarded) live.push_back(index);
    }
    if (live.size() > 16 || (!live.empty() && choices.pick(0, 3) == 0)) {
      static_cast<void>(heap.give(live.back(), SiteId{2}));
      live.pop_back();
    }
  }
  must(heap.check_invariants());
}

}  // namespace

TEST_CASE("allocators of every kind on several threads at once share nothing") {
  on_threads([](std::size_t thread) {
    const std::uint64_t first = 1000 * thread;
    run_seeds<ArenaProgram>(first, 10);
    run_seeds<PoolProgram>(first, 10);
    run_seeds<HeapProgram>(first, 10);
    run_rc_programs(first, 10);
  });
}

TEST_CASE("chunks and their caches on several threads at once share nothing") {
  on_threads([](std::size_t thread) {
    for (int round = 0; round < 20; ++round) {
      PageChunks chunks;
      std::vector<Chunk> taken;
      for (std::size_t count = 0; count < 20; ++count) {
        const Chunk chunk = chunks.take(4 * kKiB, (count + thread + 1) * 4 * kKiB);
        must(chunk.base != nullptr);
        fill(chunk.base, chunk.size, thread);
        taken.push_back(chunk);
      }
      for (const Chunk& chunk : taken) {
        must(is_filled(chunk.base, chunk.size, thread));
        chunks.give(chunk);
      }
    }
  });
}

TEST_CASE("the registry of faults is asked on every thread while heaps of others come, work and go") {
  GuardedHeap stays({.quarantine_bytes = kMiB});
  stays.name_site(SiteId{1}, "    at somewhere (a.js:1:2)");
  const GuardedIndex known = stays.take({.size = 100, .site = SiteId{1}});
  must(known != kNoGuarded);
  const auto address = reinterpret_cast<std::uintptr_t>(stays.block(known).begin);
  std::atomic<std::size_t> done{0};
  on_threads([&](std::size_t thread) {
    if (thread % 2 == 1) {
      while (done.load() < kThreads / 2) {
        must(FaultRegistry::knows(address));
        must(!FaultRegistry::knows(reinterpret_cast<std::uintptr_t>(&done)));
      }
      return;
    }
    for (std::uint64_t round = 0; round < 10; ++round) {
      const std::size_t slots = round % 2 == 0 ? 0 : 32;
      GuardedHeap heap({.slots = slots, .quarantine_bytes = 64 * kKiB});
      heap.name_site(SiteId{1}, "    at allocating (b.js:1:2)");
      heap.name_site(SiteId{2}, "    at freeing (b.js:3:4)");
      use_guarded(heap, 100 * thread + round);
    }
    done.fetch_add(1);
  });
  CHECK(stays.is_live(known));
}
