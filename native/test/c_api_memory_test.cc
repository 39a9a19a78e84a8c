// fh_memory: malloc and its kin over arenas and heaps, in the shapes that libraries ask for.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstring>
#include <initializer_list>
#include <map>
#include <thread>
#include <vector>

#include "memory.h"
#include "must.h"
#include "objects.h"

using namespace freehold;
using namespace freehold::test;

namespace {

enum class Over { arena, heap };
constexpr Over kBoth[] = {Over::arena, Over::heap};

// A memory with the allocator that it is over.
struct OneMemory {
  fh_arena* arena = nullptr;
  fh_heap* heap = nullptr;
  fh_memory* memory = nullptr;

  explicit OneMemory(Over over, std::size_t limit = 0, std::size_t fail_at = 0) {
    const fh_memory_options options{.limit = limit, .fail_at = fail_at};
    if (over == Over::arena) {
      must(fh_arena_create(nullptr, &arena) == FH_OK);
      must(fh_memory_of_arena(arena, &options, &memory) == FH_OK);
    } else {
      must(fh_heap_create(&heap) == FH_OK);
      must(fh_memory_of_heap(heap, &options, &memory) == FH_OK);
    }
  }
  ~OneMemory() {
    CHECK(fh_memory_destroy(memory) == FH_OK);
    CHECK(fh_arena_destroy(arena) == FH_OK);
    CHECK(fh_heap_destroy(heap) == FH_OK);
  }
  OneMemory(const OneMemory&) = delete;
  OneMemory& operator=(const OneMemory&) = delete;

  std::byte* block(std::size_t size, std::uint64_t seed = 1) const {
    void* made = fh_memory_malloc(memory, size);
    must(made != nullptr);
    fill(made, size, seed);
    return static_cast<std::byte*>(made);
  }
  [[nodiscard]] fh_memory_stats stats() const {
    fh_memory_stats stats{};
    CHECK(fh_memory_get_stats(memory, &stats) == FH_OK);
    return stats;
  }
};

std::map<void*, std::size_t> listed(fh_memory* memory) {
  std::map<void*, std::size_t> blocks;
  const fh_visitor visit = [](void* data, void* block, std::size_t bytes) {
    (*static_cast<std::map<void*, std::size_t>*>(data))[block] = bytes;
    return 0;
  };
  CHECK(fh_memory_each_live(memory, visit, &blocks) == FH_OK);
  return blocks;
}

}  // namespace

TEST_CASE("malloc, calloc, realloc and free do what the standard's do, and keep an account") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    std::byte* first = one.block(100, 1);
    void* second = fh_memory_calloc(one.memory, 10, 30);
    must(second != nullptr);
    CHECK(is_zero(static_cast<std::byte*>(second), 300));
    CHECK(is_aligned(first, 16));
    CHECK(fh_memory_usable_size(one.memory, first) >= 100);
    CHECK(one.stats().live_blocks == 2);
    CHECK(one.stats().live_bytes ==
          fh_memory_usable_size(one.memory, first) + fh_memory_usable_size(one.memory, second));
    void* moved = fh_memory_realloc(one.memory, first, 5000);
    must(moved != nullptr);
    CHECK(is_filled(moved, 100, 1));
    CHECK(one.stats().live_blocks == 2);
    CHECK(one.stats().total_blocks == 3);
    CHECK(fh_memory_realloc(one.memory, moved, 4990) == moved);
    CHECK(one.stats().total_blocks == 3);
    void* third = fh_memory_realloc(one.memory, nullptr, 10);
    CHECK(third != nullptr);
    CHECK(listed(one.memory).size() == 3);
    for (void* block : {moved, second, third}) fh_memory_free(one.memory, block);
    fh_memory_free(one.memory, nullptr);
    const fh_memory_stats stats = one.stats();
    CHECK(stats.live_blocks == 0);
    CHECK(stats.live_bytes == 0);
    CHECK(stats.peak_bytes >= 5300);
    CHECK(stats.total_bytes >= 5410);
    CHECK(stats.refused + stats.misused + stats.wrong_threads == 0);
    CHECK(listed(one.memory).empty());
  }
}

TEST_CASE("a block of no bytes is one, and can be resized and freed") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    void* nothing = fh_memory_malloc(one.memory, 0);
    must(nothing != nullptr);
    void* zeros = fh_memory_calloc(one.memory, 0, 100);
    must(zeros != nullptr);
    CHECK(nothing != zeros);
    nothing = fh_memory_realloc(one.memory, nothing, 100);
    must(nothing != nullptr);
    nothing = fh_memory_realloc(one.memory, nothing, 0);
    CHECK(nothing != nullptr);
    fh_memory_free(one.memory, nothing);
    fh_memory_free(one.memory, zeros);
    CHECK(one.stats().live_blocks == 0);
  }
}

TEST_CASE("blocks have the alignment asked for, and count with what may be used of them") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    std::vector<void*> blocks;
    std::size_t usable = 0;
    for (std::size_t alignment = 1; alignment <= FH_MAX_ALIGNMENT; alignment *= 2) {
      void* block = fh_memory_aligned_alloc(one.memory, alignment, 100);
      must(block != nullptr);
      CHECK(is_aligned(block, alignment));
      usable += fh_memory_usable_size(one.memory, block);
      CHECK(one.stats().live_bytes == usable);
      blocks.push_back(block);
    }
    for (const std::size_t wrong : {std::size_t{0}, std::size_t{3}, std::size_t{24}, 2 * FH_MAX_ALIGNMENT}) {
      CHECK(fh_memory_aligned_alloc(one.memory, wrong, 100) == nullptr);
    }
    for (void* block : blocks) {
      usable -= fh_memory_usable_size(one.memory, block);
      fh_memory_free(one.memory, block);
      CHECK(one.stats().live_bytes == usable);
    }
  }
}

TEST_CASE("the account of a heap does not depend on what was freed before") {
  OneMemory one(Over::heap);
  fh_memory_free(one.memory, one.block(kMiB));
  void* block = one.block(600 * kKiB);  // in the longer chunk of the other
  CHECK(one.stats().live_bytes == 600 * kKiB);
  CHECK(fh_memory_usable_size(one.memory, block) == 600 * kKiB);
}

TEST_CASE("products and sizes that overflow get no memory") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    CHECK(fh_memory_calloc(one.memory, SIZE_MAX, 2) == nullptr);
    CHECK(fh_memory_calloc(one.memory, SIZE_MAX / 2 + 1, 2) == nullptr);
    CHECK(fh_memory_calloc(one.memory, 2, SIZE_MAX / 2 + 1) == nullptr);
    CHECK(fh_memory_malloc(one.memory, SIZE_MAX) == nullptr);
    CHECK(fh_memory_malloc(one.memory, SIZE_MAX - 15) == nullptr);
    CHECK(fh_memory_zalloc(one.memory, UINT_MAX, UINT_MAX) == nullptr);
    void* block = one.block(100);
    CHECK(fh_memory_realloc(one.memory, block, SIZE_MAX) == nullptr);
    CHECK(is_filled(block, 100, 1));
    CHECK(one.stats().refused == 7);
    CHECK(one.stats().live_blocks == 1);
    fh_memory_free(one.memory, block);
  }
}

TEST_CASE("zlib's functions multiply") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    void* block = fh_memory_zalloc(one.memory, 100, 32);
    must(block != nullptr);
    CHECK(fh_memory_usable_size(one.memory, block) >= 3200);
    CHECK(fh_memory_zalloc(one.memory, 0, 32) != nullptr);
    fh_memory_zfree(one.memory, block);
    fh_memory_zfree(one.memory, nullptr);
    CHECK(one.stats().live_blocks == 1);
  }
}

TEST_CASE("Lua's function allocates, resizes and frees, and its kinds are no sizes") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    void* block = fh_memory_lua(one.memory, nullptr, 5, 100);  // 5: a kind of object
    must(block != nullptr);
    fill(block, 100, 3);
    block = fh_memory_lua(one.memory, block, 100, 1000);
    must(block != nullptr);
    CHECK(is_filled(block, 100, 3));
    block = fh_memory_lua(one.memory, block, 1000, 50);
    must(block != nullptr);
    CHECK(is_filled(block, 50, 3));
    CHECK(fh_memory_lua(one.memory, block, 50, 0) == nullptr);
    CHECK(fh_memory_lua(one.memory, nullptr, 0, 0) == nullptr);
    CHECK(one.stats().live_blocks == 0);
    CHECK(one.stats().misused == 0);
  }
}

TEST_CASE("to shrink never fails, however little memory there is") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    std::byte* block = one.block(20'000, 2);
    CHECK(fh_memory_set_limit(one.memory, 0) == FH_OK);
    for (const std::size_t size : {15'000UL, 5000UL, 100UL, 1UL}) {
      block = static_cast<std::byte*>(fh_memory_lua(one.memory, block, 0, size));
      must(block != nullptr);
      CHECK(is_filled(block, size, 2));
    }
    CHECK(fh_memory_lua(one.memory, block, 1, 100'000) == nullptr);
    CHECK(is_filled(block, 1, 2));
  }
}

TEST_CASE("no more than the limit lives at once, ever") {
  for (const Over over : kBoth) {
    OneMemory one(over, 100'000);
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < 1000; ++i) {
      void* block = i % 7 == 3 && !blocks.empty() ? fh_memory_realloc(one.memory, blocks.back(), 40 * i)
                                                  : fh_memory_malloc(one.memory, i % 50 == 0 ? 40'000 : i);
      CHECK(one.stats().live_bytes <= 100'000);
      if (block == nullptr) continue;
      if (i % 7 == 3 && !blocks.empty()) blocks.pop_back();
      blocks.push_back(block);
    }
    CHECK(one.stats().peak_bytes <= 100'000);
    CHECK(one.stats().peak_bytes > 90'000);
    CHECK(one.stats().refused > 0);
    for (void* block : blocks) fh_memory_free(one.memory, block);
    CHECK(one.stats().live_bytes == 0);
    CHECK(one.stats().misused == 0);
    CHECK(fh_memory_malloc(one.memory, 50'000) != nullptr);
  }
}

TEST_CASE("from the allocation that is to fail on all fail, and nothing else") {
  for (const Over over : kBoth) {
    for (std::size_t fail_at = 1; fail_at <= 30; ++fail_at) {
      CAPTURE(fail_at);
      OneMemory one(over, 0, fail_at);
      std::size_t attempts = 0;
      std::vector<void*> blocks;
      for (std::size_t i = 0; i < 20; ++i) {
        void* block = fh_memory_malloc(one.memory, 100);
        CHECK((block != nullptr) == (++attempts < fail_at));
        if (block == nullptr) continue;
        fill(block, 100, i);
        void* grown = fh_memory_realloc(one.memory, block, 100 + 100 * i);
        if (i > 0) {  // to 100 bytes it does not grow
          CHECK((grown != nullptr) == (++attempts < fail_at));
        }
        CHECK(is_filled(grown != nullptr ? grown : block, 100, i));
        blocks.push_back(grown != nullptr ? grown : block);
      }
      for (void* block : blocks) fh_memory_free(one.memory, block);
      CHECK(one.stats().live_blocks == 0);
      CHECK((one.stats().refused > 0) == (attempts >= fail_at));
    }
  }
}

TEST_CASE("frees and reallocs of what is no live block do nothing, and are counted") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    OneMemory other(over);
    std::byte* block = one.block(100);
    std::byte* kept = one.block(100, 2);
    int local = 0;
    fh_memory_free(one.memory, &local);
    fh_memory_free(one.memory, block + 16);
    fh_memory_free(one.memory, block + 1);
    fh_memory_free(other.memory, block);
    fh_memory_free(one.memory, block);
    fh_memory_free(one.memory, block);
    CHECK(fh_memory_realloc(one.memory, block, 10) == nullptr);
    CHECK(fh_memory_realloc(one.memory, &local, 10) == nullptr);
    CHECK(fh_memory_usable_size(one.memory, block) == 0);
    CHECK(fh_memory_usable_size(one.memory, nullptr) == 0);
    CHECK(one.stats().misused == 6);
    CHECK(other.stats().misused == 1);
    CHECK(one.stats().live_blocks == 1);
    CHECK(is_filled(kept, 100, 2));
  }
}

TEST_CASE("a block may be freed while the live ones are listed, and the list may end early") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    for (int i = 0; i < 100; ++i) one.block(64);
    const fh_visitor frees = [](void* data, void* block, std::size_t) {
      fh_memory_free(data, block);
      return 0;
    };
    const fh_visitor stops = [](void* data, void*, std::size_t) {
      ++*static_cast<int*>(data);
      return 1;
    };
    int visited = 0;
    CHECK(fh_memory_each_live(one.memory, stops, &visited) == FH_OK);
    CHECK(visited == 1);
    CHECK(fh_memory_each_live(one.memory, frees, one.memory) == FH_OK);
    CHECK(one.stats().live_blocks == 0);
    CHECK(one.stats().misused == 0);
  }
}

TEST_CASE("a reset of the arena ends what a library has there, and what it frees later is misuse") {
  OneMemory one(Over::arena);
  std::byte* block = one.block(100);
  one.block(500'000);
  CHECK(fh_arena_reset(one.arena) == FH_OK);
  CHECK(one.stats().live_blocks == 0);
  CHECK(one.stats().live_bytes == 0);
  fh_memory_free(one.memory, block);
  CHECK(one.stats().misused == 1);
  CHECK(one.block(100) != nullptr);
}

TEST_CASE("several memories over one allocator have accounts of their own") {
  OneMemory one(Over::heap);
  fh_memory* other = nullptr;
  CHECK(fh_memory_of_heap(one.heap, nullptr, &other) == FH_OK);
  void* block = fh_memory_malloc(other, 100);
  CHECK(one.stats().live_blocks == 0);
  one.block(50);
  fh_memory_free(other, block);
  fh_memory_stats stats{};
  CHECK(fh_memory_get_stats(other, &stats) == FH_OK);
  CHECK(stats.live_blocks == 0);
  CHECK(stats.total_blocks == 1);
  CHECK(one.stats().live_blocks == 1);
  CHECK(fh_memory_destroy(other) == FH_OK);
}

TEST_CASE("a memory whose allocator has ended has none to give, and crashes nobody") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    fh_memory* other = nullptr;
    CHECK((over == Over::arena ? fh_memory_of_arena(one.arena, nullptr, &other)
                               : fh_memory_of_heap(one.heap, nullptr, &other)) == FH_OK);
    fh_plain_functions plain{};
    CHECK(fh_memory_plain(one.memory, &plain) == FH_OK);
    std::byte* block = one.block(100);
    CHECK(fh_arena_destroy(one.arena) == FH_OK);
    CHECK(fh_heap_destroy(one.heap) == FH_OK);
    one.arena = nullptr;
    one.heap = nullptr;
    CHECK(fh_memory_malloc(one.memory, 10) == nullptr);
    CHECK(fh_memory_realloc(one.memory, block, 10) == nullptr);
    fh_memory_free(one.memory, block);
    CHECK(plain.malloc(10) == nullptr);
    CHECK(one.stats().live_blocks == 0);
    CHECK(one.stats().misused == 2);
    CHECK(listed(one.memory).empty());
    CHECK(fh_memory_destroy(other) == FH_OK);
  }
}

TEST_CASE("a call on another thread gets nothing, does nothing, and is counted") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    std::byte* block = one.block(100);
    fh_plain_functions plain{};
    CHECK(fh_memory_plain(one.memory, &plain) == FH_OK);
    std::thread([&] {
      CHECK(fh_memory_malloc(one.memory, 10) == nullptr);
      CHECK(fh_memory_calloc(one.memory, 1, 10) == nullptr);
      CHECK(fh_memory_realloc(one.memory, block, 10) == nullptr);
      fh_memory_free(one.memory, block);
      CHECK(fh_memory_aligned_alloc(one.memory, 64, 10) == nullptr);
      CHECK(fh_memory_usable_size(one.memory, block) == 0);
      CHECK(fh_memory_zalloc(one.memory, 1, 10) == nullptr);
      CHECK(fh_memory_lua(one.memory, nullptr, 0, 10) == nullptr);
      CHECK(plain.malloc(10) == nullptr);
      CHECK(plain.strdup("a") == nullptr);
      plain.free(block);
      fh_memory_stats stats{};
      CHECK(fh_memory_get_stats(one.memory, &stats) == FH_WRONG_THREAD);
      CHECK(fh_memory_plain(one.memory, &plain) == FH_WRONG_THREAD);
      CHECK(fh_memory_set_limit(one.memory, 0) == FH_WRONG_THREAD);
      CHECK(fh_memory_each_live(
                one.memory, [](void*, void*, std::size_t) { return 0; }, nullptr) == FH_WRONG_THREAD);
      CHECK(fh_memory_destroy(one.memory) == FH_WRONG_THREAD);
    }).join();
    CHECK(one.stats().wrong_threads == 11);
    CHECK(one.stats().live_blocks == 1);
    CHECK(is_filled(block, 100, 1));
  }
}

TEST_CASE("functions without a context do the same, each set for its own memory") {
  for (const Over over : kBoth) {
    OneMemory one(over);
    OneMemory other(over);
    fh_plain_functions first{};
    fh_plain_functions again{};
    fh_plain_functions second{};
    CHECK(fh_memory_plain(one.memory, &first) == FH_OK);
    CHECK(fh_memory_plain(one.memory, &again) == FH_OK);
    CHECK(fh_memory_plain(other.memory, &second) == FH_OK);
    CHECK((first.malloc == again.malloc));
    CHECK((first.malloc != second.malloc));
    void* block = first.malloc(100);
    must(block != nullptr);
    fill(block, 100, 4);
    block = first.realloc(block, 1000);
    must(block != nullptr);
    CHECK(is_filled(block, 100, 4));
    void* zeros = first.calloc(3, 7);
    must(zeros != nullptr);
    CHECK(is_zero(static_cast<std::byte*>(zeros), 21));
    CHECK(first.calloc(SIZE_MAX, 3) == nullptr);
    char* text = first.strdup("hello");
    must(text != nullptr);
    CHECK(std::strcmp(text, "hello") == 0);
    CHECK(first.strdup(nullptr) == nullptr);
    second.free(block);
    CHECK(other.stats().misused == 1);
    for (void* freed : {block, zeros, static_cast<void*>(text), static_cast<void*>(nullptr)})
      first.free(freed);
    CHECK(one.stats().live_blocks == 0);
  }
}

TEST_CASE("sqlite's functions have ints for sizes") {
  OneMemory one(Over::heap);
  fh_plain_functions plain{};
  CHECK(fh_memory_plain(one.memory, &plain) == FH_OK);
  CHECK(plain.sqlite_init(nullptr) == 0);
  void* block = plain.sqlite_malloc(plain.sqlite_roundup(100));
  must(block != nullptr);
  CHECK(plain.sqlite_size(block) >= 112);
  block = plain.sqlite_realloc(block, 10'000);
  must(block != nullptr);
  CHECK(plain.sqlite_size(block) >= 10'000);
  CHECK(plain.sqlite_malloc(-1) == nullptr);
  CHECK(plain.sqlite_realloc(block, -1) == nullptr);
  CHECK(plain.sqlite_size(nullptr) == 0);
  CHECK(plain.sqlite_roundup(1) == 16);
  CHECK(plain.sqlite_roundup(16) == 16);
  CHECK(plain.sqlite_roundup(INT_MAX) == INT_MAX);
  plain.free(block);
  plain.sqlite_shutdown(nullptr);
  CHECK(one.stats().live_blocks == 0);
}

TEST_CASE("a process has 128 sets of them; those that are given back can be had again") {
  OneMemory over(Over::heap);
  std::vector<fh_memory*> memories(FH_PLAIN_SETS + 1);
  std::vector<fh_plain_functions> sets(FH_PLAIN_SETS + 1);
  for (fh_memory*& memory : memories) CHECK(fh_memory_of_heap(over.heap, nullptr, &memory) == FH_OK);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t index = 0; index < FH_PLAIN_SETS; ++index) {
      must(fh_memory_plain(memories[index], &sets[index]) == FH_OK);
      void* block = sets[index].malloc(index + 1);
      must(block != nullptr);
      sets[index].free(block);
      for (std::size_t before = 0; before < index; ++before)
        CHECK((sets[before].malloc != sets[index].malloc));
    }
    CHECK(fh_memory_plain(memories.back(), &sets.back()) == FH_NO_SLOT);
    CHECK((sets.back().malloc == nullptr));
    CHECK(fh_memory_destroy(memories[70]) == FH_OK);
    CHECK(sets[70].malloc(10) == nullptr);  // nobody's
    CHECK(fh_memory_plain(memories.back(), &sets.back()) == FH_OK);
    CHECK((sets.back().malloc == sets[70].malloc));
    for (std::size_t index = 0; index <= FH_PLAIN_SETS; ++index) {
      if (index != 70) CHECK(fh_memory_destroy(memories[index]) == FH_OK);
      CHECK(fh_memory_of_heap(over.heap, nullptr, &memories[index]) == FH_OK);
    }
  }
  for (fh_memory* memory : memories) CHECK(fh_memory_destroy(memory) == FH_OK);
}

TEST_CASE("functions are called on other threads while their memory comes and goes") {
  std::atomic<bool> over{false};
  std::atomic<fh_plain_functions*> shown{nullptr};
  std::array<fh_plain_functions, 2000> sets{};
  std::thread stranger([&] {
    while (!over.load()) {
      const fh_plain_functions* plain = shown.load();
      if (plain == nullptr) continue;
      if (plain->malloc(10) != nullptr) std::abort();
      plain->free(&over);
    }
  });
  std::thread owner([&] {
    OneMemory one(Over::heap);
    for (fh_plain_functions& set : sets) {
      fh_memory* memory = nullptr;
      must(fh_memory_of_heap(one.heap, nullptr, &memory) == FH_OK);
      must(fh_memory_plain(memory, &set) == FH_OK);
      shown.store(&set);
      void* block = set.malloc(100);
      must(block != nullptr);
      set.free(block);
      must(fh_memory_destroy(memory) == FH_OK);
    }
    over.store(true);
  });
  owner.join();
  stranger.join();
}

TEST_CASE("sets are taken and given back by many threads at once, and no two have the same") {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([] {
      OneMemory over(Over::arena);
      for (int round = 0; round < 300; ++round) {
        fh_memory* memory = nullptr;
        fh_plain_functions plain{};
        must(fh_memory_of_arena(over.arena, nullptr, &memory) == FH_OK);
        must(fh_memory_plain(memory, &plain) == FH_OK);
        void* block = plain.malloc(16);
        must(block != nullptr);
        plain.free(block);
        fh_memory_stats stats{};
        must(fh_memory_get_stats(memory, &stats) == FH_OK);
        must(stats.total_blocks == 1 && stats.wrong_threads == 0);
        must(fh_memory_destroy(memory) == FH_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("no function crashes for want of a memory or of a place for its result") {
  OneMemory one(Over::arena);
  fh_memory* memory = one.memory;
  fh_memory_stats stats{};
  fh_plain_functions plain{};
  CHECK(fh_memory_of_arena(nullptr, nullptr, &memory) == FH_INVALID);
  CHECK(memory == nullptr);
  CHECK(fh_memory_of_arena(one.arena, nullptr, nullptr) == FH_INVALID);
  CHECK(fh_memory_of_heap(nullptr, nullptr, &memory) == FH_INVALID);
  CHECK(fh_memory_of_heap(nullptr, nullptr, nullptr) == FH_INVALID);
  CHECK(fh_memory_destroy(nullptr) == FH_OK);
  CHECK(fh_memory_get_stats(nullptr, &stats) == FH_INVALID);
  CHECK(fh_memory_get_stats(one.memory, nullptr) == FH_INVALID);
  CHECK(fh_memory_set_limit(nullptr, 1) == FH_INVALID);
  CHECK(fh_memory_plain(nullptr, &plain) == FH_INVALID);
  CHECK(fh_memory_plain(one.memory, nullptr) == FH_INVALID);
  CHECK(fh_memory_each_live(
            nullptr, [](void*, void*, std::size_t) { return 0; }, nullptr) == FH_INVALID);
  CHECK(fh_memory_each_live(one.memory, nullptr, nullptr) == FH_INVALID);
  CHECK(fh_memory_malloc(nullptr, 1) == nullptr);
  CHECK(fh_memory_calloc(nullptr, 1, 1) == nullptr);
  CHECK(fh_memory_realloc(nullptr, &one, 1) == nullptr);
  fh_memory_free(nullptr, &one);
  CHECK(fh_memory_aligned_alloc(nullptr, 16, 1) == nullptr);
  CHECK(fh_memory_usable_size(nullptr, &one) == 0);
  CHECK(fh_memory_zalloc(nullptr, 1, 1) == nullptr);
  fh_memory_zfree(nullptr, &one);
  CHECK(fh_memory_lua(nullptr, nullptr, 0, 1) == nullptr);
}
