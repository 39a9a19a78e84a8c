// fh_heap: what freehold.h promises of heaps, and what a caller can get wrong.
#include <doctest/doctest.h>

#include <initializer_list>
#include <thread>
#include <vector>

#include "freehold.h"
#include "memory.h"
#include "must.h"

using namespace freehold::test;

namespace {

struct OneHeap {
  fh_heap* heap = nullptr;
  OneHeap() { must(fh_heap_create(&heap) == FH_OK && heap != nullptr); }
  ~OneHeap() { CHECK(fh_heap_destroy(heap) == FH_OK); }
  OneHeap(const OneHeap&) = delete;
  OneHeap& operator=(const OneHeap&) = delete;

  void* block(std::size_t size, std::size_t alignment = 0) {
    void* made = nullptr;
    must(fh_heap_alloc(heap, size, alignment, &made) == FH_OK && made != nullptr);
    CHECK(fh_heap_usable_size(heap, made) >= size);
    fill(made, size, size);
    return made;
  }
  [[nodiscard]] fh_heap_stats stats() const {
    fh_heap_stats stats{};
    CHECK(fh_heap_get_stats(heap, &stats) == FH_OK);
    return stats;
  }
};

constexpr std::size_t kSizes[] = {0, 1, 16, 100, 5000, 32'768, 32'769, 1'000'000};

}  // namespace

TEST_CASE("blocks of every size and alignment live, are counted and are freed") {
  OneHeap one;
  std::vector<void*> blocks;
  for (const std::size_t size : kSizes) {
    for (const std::size_t alignment : {0UL, 1UL, 64UL, 4096UL, 8192UL, FH_MAX_ALIGNMENT}) {
      blocks.push_back(one.block(size, alignment));
      CHECK(is_aligned(blocks.back(), alignment == 0 ? 16 : alignment));
    }
  }
  CHECK(one.stats().live_blocks == blocks.size());
  CHECK(one.stats().reserved >= one.stats().live_bytes);
  CHECK(one.stats().metadata > 0);
  for (void* block : blocks) CHECK(fh_heap_free(one.heap, block) == FH_OK);
  CHECK(one.stats().live_blocks == 0);
  CHECK(one.stats().live_bytes == 0);
  std::size_t bytes = 0;
  CHECK(fh_heap_trim(one.heap, &bytes) == FH_OK);
  CHECK(bytes > 0);
  CHECK(one.stats().reserved == 0);
}

TEST_CASE("a second free is FH_NOT_LIVE, any other address FH_NO_BLOCK") {
  OneHeap one;
  OneHeap other;
  int local = 0;
  for (const std::size_t size : {100UL, 100'000UL}) {
    auto* block = static_cast<std::byte*>(one.block(size));
    CHECK(fh_heap_free(one.heap, block + 16) == FH_NO_BLOCK);
    CHECK(fh_heap_free(one.heap, block + 1) == FH_NO_BLOCK);
    CHECK(fh_heap_free(one.heap, block + 4096) != FH_OK);
    CHECK(fh_heap_free(other.heap, block) == FH_NO_BLOCK);
    CHECK(fh_heap_usable_size(one.heap, block + 16) == 0);
    CHECK(fh_heap_free(one.heap, block) == FH_OK);
    CHECK(fh_heap_free(one.heap, block) == FH_NOT_LIVE);
    CHECK(fh_heap_usable_size(one.heap, block) == 0);
  }
  CHECK(fh_heap_free(one.heap, &local) == FH_NO_BLOCK);
  CHECK(fh_heap_free(one.heap, reinterpret_cast<void*>(UINTPTR_MAX)) == FH_NO_BLOCK);
  CHECK(fh_heap_free(one.heap, nullptr) == FH_OK);
}

TEST_CASE("realloc keeps the bytes, and what is no live block is found out") {
  OneHeap one;
  for (const std::size_t from : kSizes) {
    for (const std::size_t to : kSizes) {
      void* block = one.block(from);
      void* moved = nullptr;
      must(fh_heap_realloc(one.heap, block, to, &moved) == FH_OK);
      CHECK(is_filled(moved, from < to ? from : to, from));
      CHECK(fh_heap_usable_size(one.heap, moved) >= to);
      CHECK(fh_heap_free(one.heap, moved) == FH_OK);
      CHECK(fh_heap_realloc(one.heap, moved, 10, &moved) == FH_NO_BLOCK);
      CHECK(moved == nullptr);
    }
  }
  void* block = one.block(100);
  void* moved = block;
  CHECK(fh_heap_realloc(one.heap, block, SIZE_MAX, &moved) == FH_OUT_OF_MEMORY);
  CHECK(moved == nullptr);
  CHECK(is_filled(block, 100, 100));
  CHECK(fh_heap_realloc(one.heap, nullptr, 50, &moved) == FH_OK);
  CHECK(moved != nullptr);
}

TEST_CASE("cleared blocks are clear, also where others were") {
  OneHeap one;
  for (const std::size_t size : kSizes) {
    CHECK(fh_heap_free(one.heap, one.block(size)) == FH_OK);
    void* block = nullptr;
    CHECK(fh_heap_alloc_zero(one.heap, size, 0, &block) == FH_OK);
    CHECK(is_zero(static_cast<std::byte*>(block), size));
  }
}

TEST_CASE("what is asked for wrongly is refused, with no block") {
  OneHeap one;
  void* block = &one;
  for (const std::size_t alignment : {3UL, 24UL, 2 * FH_MAX_ALIGNMENT, SIZE_MAX}) {
    block = &one;
    CHECK(fh_heap_alloc(one.heap, 1, alignment, &block) == FH_INVALID);
    CHECK(block == nullptr);
    CHECK(fh_heap_alloc_zero(one.heap, 1, alignment, &block) == FH_INVALID);
  }
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 4096, SIZE_MAX / 2}) {
    CHECK(fh_heap_alloc(one.heap, size, 0, &block) == FH_OUT_OF_MEMORY);
    CHECK(fh_heap_alloc(one.heap, size, FH_MAX_ALIGNMENT, &block) == FH_OUT_OF_MEMORY);
  }
  CHECK(one.stats().live_blocks == 0);
}

TEST_CASE("no function crashes for want of a heap or of a place for its result") {
  OneHeap one;
  void* block = &one;
  fh_heap_stats stats{};
  CHECK(fh_heap_create(nullptr) == FH_INVALID);
  CHECK(fh_heap_destroy(nullptr) == FH_OK);
  CHECK(fh_heap_alloc(nullptr, 1, 0, &block) == FH_INVALID);
  CHECK(block == nullptr);
  CHECK(fh_heap_alloc(one.heap, 1, 0, nullptr) == FH_INVALID);
  CHECK(fh_heap_alloc_zero(one.heap, 1, 0, nullptr) == FH_INVALID);
  CHECK(fh_heap_free(nullptr, &stats) == FH_INVALID);
  CHECK(fh_heap_realloc(nullptr, &stats, 1, &block) == FH_INVALID);
  CHECK(fh_heap_realloc(one.heap, one.block(1), 1, nullptr) == FH_INVALID);
  CHECK(fh_heap_realloc(one.heap, nullptr, 1, nullptr) == FH_INVALID);
  CHECK(fh_heap_usable_size(nullptr, &stats) == 0);
  CHECK(fh_heap_usable_size(one.heap, nullptr) == 0);
  CHECK(fh_heap_trim(nullptr, nullptr) == FH_INVALID);
  CHECK(fh_heap_trim(one.heap, nullptr) == FH_OK);
  CHECK(fh_heap_get_stats(nullptr, &stats) == FH_INVALID);
  CHECK(fh_heap_get_stats(one.heap, nullptr) == FH_INVALID);
}

TEST_CASE("another thread gets FH_WRONG_THREAD, and nothing has changed") {
  OneHeap one;
  void* block = one.block(100);
  std::thread([&] {
    void* made = block;
    CHECK(fh_heap_alloc(one.heap, 1, 0, &made) == FH_WRONG_THREAD);
    CHECK(made == nullptr);
    CHECK(fh_heap_free(one.heap, block) == FH_WRONG_THREAD);
    CHECK(fh_heap_realloc(one.heap, block, 1000, &made) == FH_WRONG_THREAD);
    CHECK(made == nullptr);
    CHECK(fh_heap_usable_size(one.heap, block) == 0);
    CHECK(fh_heap_trim(one.heap, nullptr) == FH_WRONG_THREAD);
    fh_heap_stats stats{};
    CHECK(fh_heap_get_stats(one.heap, &stats) == FH_WRONG_THREAD);
    fh_memory* memory = nullptr;
    CHECK(fh_memory_of_heap(one.heap, nullptr, &memory) == FH_WRONG_THREAD);
    CHECK(fh_heap_destroy(one.heap) == FH_WRONG_THREAD);
  }).join();
  CHECK(one.stats().live_blocks == 1);
  CHECK(fh_heap_free(one.heap, block) == FH_OK);
}
