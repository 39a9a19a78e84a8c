// What a guarded heap hands out, takes back and refuses. That its guards are faults stands in
// fault_report_test.cc; here the system is asked which addresses may be touched.
#include "guarded_heap.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "mappings.h"
#include "memory.h"
#include "must.h"
#include "pages.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kRoomy = 64 * kMiB;
constexpr std::size_t kSizes[] = {0, 1, 15, 16, 17, 100, 4095, 4096, 4097, 100'000, 3 * kMiB};

GuardedIndex take(GuardedHeap& heap, std::size_t size, std::size_t alignment = 16, Edge edge = Edge::rear) {
  return heap.take({.size = size, .alignment = alignment, .edge = edge, .site = SiteId{1}, .label = "test"});
}

GuardedIndex must_take(GuardedHeap& heap, std::size_t size, std::size_t alignment = 16,
                       Edge edge = Edge::rear) {
  const GuardedIndex index = take(heap, size, alignment, edge);
  must(index != kNoGuarded);
  return index;
}

template <typename Check>
void for_every_request(Check check) {
  GuardedHeap heap({.quarantine_bytes = kRoomy});
  for (const Edge edge : {Edge::rear, Edge::front}) {
    for (const std::size_t size : kSizes) {
      for (std::size_t alignment = 1; alignment <= 2 * kMiB; alignment *= 2) {
        CAPTURE(static_cast<int>(edge));
        CAPTURE(size);
        CAPTURE(alignment);
        const GuardedIndex index = must_take(heap, size, alignment, edge);
        check(heap.block(index), alignment, edge);
        CHECK(heap.give(index, SiteId{2}) == std::nullopt);
        CHECK(heap.check_invariants());
      }
    }
  }
}

}  // namespace

TEST_CASE("a block is aligned, zeroed, writable, and given back without damage") {
  for_every_request([](const GuardedBlock& block, std::size_t alignment, Edge) {
    CHECK(is_aligned(block.begin, alignment));
    CHECK(is_zero(block.begin, block.size));
    fill(block.begin, block.size, 7);
  });
}

TEST_CASE("a block stands at its edge, as far as its alignment allows") {
  const std::size_t page = pages::page_size();
  for_every_request([page](const GuardedBlock& block, std::size_t alignment, Edge edge) {
    const std::byte* end = block.body + block.body_bytes;
    CHECK(block.body_bytes < block.size + page);
    if (edge == Edge::front || alignment > page) CHECK(block.begin == block.body);
    if (edge == Edge::rear && alignment <= page && block.size > 0) {
      CHECK(static_cast<std::size_t>(end - (block.begin + block.size)) < alignment);
    }
  });
}

TEST_CASE("there are 2 MiB of addresses on each side of the pages of a block") {
  for_every_request([](const GuardedBlock& block, std::size_t, Edge) {
    CHECK(block.body >= block.territory + GuardedHeap::kGuardBytes);
    CHECK(block.body + block.body_bytes + GuardedHeap::kGuardBytes <=
          block.territory + block.territory_bytes);
  });
}

TEST_CASE("every byte around a block is looked at when it is freed") {
  for (const Edge edge : {Edge::rear, Edge::front}) {
    GuardedHeap heap({.quarantine_bytes = kRoomy});
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{4000}, std::size_t{5000}}) {
      const GuardedBlock& first = heap.block(must_take(heap, size, 64, edge));
      const std::byte* begin = first.begin;
      for (const std::byte* at = first.body; at < first.body + first.body_bytes; at += 17) {
        const GuardedIndex index = must_take(heap, size, 64, edge);
        const GuardedBlock& block = heap.block(index);
        const std::ptrdiff_t distance = at - begin;
        block.begin[distance] = std::byte{0};
        const bool inside = distance >= 0 && distance < static_cast<std::ptrdiff_t>(size);
        CHECK(heap.give(index, SiteId{}) == (inside ? std::nullopt : std::optional(distance)));
      }
    }
  }
}

TEST_CASE("the first changed byte is named: before the block first") {
  GuardedHeap heap({.quarantine_bytes = kRoomy});
  const GuardedIndex both = must_take(heap, 100, 64);
  heap.block(both).begin[-9] = std::byte{1};
  heap.block(both).begin[-2] = std::byte{1};
  heap.block(both).begin[103] = std::byte{1};
  CHECK(heap.give(both, SiteId{}) == -9);
  const GuardedIndex behind = must_take(heap, 100, 64);
  heap.block(behind).begin[103] = std::byte{1};
  heap.block(behind).begin[120] = std::byte{1};
  CHECK(heap.give(behind, SiteId{}) == 103);
}

TEST_CASE("a block is known by every address of its territory, until its slot is used again") {
  GuardedHeap heap({.quarantine_bytes = 2 * pages::page_size()});
  const GuardedIndex index = must_take(heap, 100);
  const GuardedBlock& block = heap.block(index);
  const auto begin = reinterpret_cast<std::uintptr_t>(block.begin);
  for (const std::uintptr_t at :
       {begin, begin - kMiB, begin - 1, begin + 99, begin + 100, begin + kMiB + 100})
    CHECK(heap.find(at) == &block);
  CHECK(heap.find(begin - 5 * kMiB) != &block);
  CHECK(heap.find(0) == nullptr);
  CHECK(heap.find(UINTPTR_MAX) == nullptr);
  CHECK(block.allocated_at == SiteId{1});
  CHECK(std::strcmp(block.label.data(), "test") == 0);
  heap.give(index, SiteId{9});
  must(heap.find(begin) == &block);
  CHECK(block.state == GuardedBlock::State::freed);
  CHECK(block.freed_at == SiteId{9});
  heap.give(must_take(heap, 1), SiteId{});
  CHECK(heap.find(begin) == &block);
  heap.give(must_take(heap, 1), SiteId{});
  CHECK(heap.find(begin) != &block);
}

TEST_CASE("a label that is too long is cut") {
  GuardedHeap heap({});
  const std::string label(500, 'x');
  const GuardedIndex index = heap.take({.size = 1, .label = label});
  must(index != kNoGuarded);
  CHECK(heap.block(index).label.data() == label.substr(0, 63));
}

TEST_CASE("the first name of a site stays") {
  GuardedHeap heap({});
  CHECK(heap.site_name(SiteId{3}) == nullptr);
  heap.name_site(SiteId{3}, "    at three");
  heap.name_site(SiteId{100'000}, "far");
  heap.name_site(SiteId{3}, "other");
  heap.name_site(kNoSite, "beyond the table");
  CHECK(std::string_view(heap.site_name(SiteId{3})) == "    at three");
  CHECK(std::string_view(heap.site_name(SiteId{100'000})) == "far");
  CHECK(heap.site_name(SiteId{4}) == nullptr);
  CHECK(heap.site_name(kNoSite) == nullptr);
}

TEST_CASE("the quarantine keeps what was freed last, of as many pages as it was told") {
  const std::size_t page = pages::page_size();
  GuardedHeap heap({.quarantine_bytes = 10 * page});
  std::vector<std::uintptr_t> begins;
  for (std::size_t round = 0; round < 100; ++round) {
    const GuardedIndex index = must_take(heap, page * (1 + round % 3));
    begins.push_back(reinterpret_cast<std::uintptr_t>(heap.block(index).begin));
    heap.give(index, SiteId{});
    CHECK(heap.check_invariants());
    CHECK(heap.figures().reserved < 11 * (2 * GuardedHeap::kGuardBytes + 4 * page));
  }
  CHECK(heap.figures().quarantined == 5);
  const GuardedBlock* last = heap.find(begins.back());
  must(last != nullptr);
  CHECK(reinterpret_cast<std::uintptr_t>(last->begin) == begins.back());
}

TEST_CASE("what is larger than the quarantine is unmapped at once") {
  GuardedHeap heap({.quarantine_bytes = kMiB});
  heap.give(must_take(heap, 2 * kMiB), SiteId{});
  CHECK(heap.figures().quarantined == 0);
  CHECK(heap.figures().reserved == 0);
  CHECK(heap.check_invariants());
}

TEST_CASE("indices that are not live are left alone") {
  GuardedHeap heap({.quarantine_bytes = kRoomy});
  CHECK(heap.give(GuardedIndex{0}, SiteId{}) == std::nullopt);
  const GuardedIndex index = must_take(heap, 10);
  heap.give(index, SiteId{1});
  heap.give(index, SiteId{2});
  CHECK(heap.block(index).freed_at == SiteId{1});
  heap.forget(index);
  heap.forget(kNoGuarded);
  CHECK(heap.figures().quarantined == 1);
  CHECK(heap.check_invariants());
}

TEST_CASE("sizes that no system has, and alignments that are none, are refused and counted") {
  GuardedHeap heap({});
  std::size_t refused = 0;
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 4096, SIZE_MAX - 4 * kMiB, SIZE_MAX / 2}) {
    for (const std::size_t alignment : {std::size_t{1}, std::size_t{4096}, 2 * kMiB}) {
      CHECK(take(heap, size, alignment) == kNoGuarded);
      ++refused;
    }
  }
  for (const std::size_t alignment : {std::size_t{0}, std::size_t{3}, std::size_t{48}, SIZE_MAX}) {
    CHECK(take(heap, 100, alignment) == kNoGuarded);
    ++refused;
  }
  CHECK(heap.figures().refused == refused);
  CHECK(heap.figures().reserved == 0);
  CHECK(heap.check_invariants());
}

TEST_CASE(
    "when mappings run out the quarantine goes first, then requests are refused, until blocks are freed") {
  GuardedHeap heap({.quarantine_bytes = kRoomy, .max_mappings = 20});
  std::vector<GuardedIndex> live;
  for (int freed = 0; freed < 8; ++freed) heap.give(must_take(heap, 10), SiteId{});
  CHECK(heap.figures().quarantined == 8);
  for (int block = 0; block < 10; ++block) live.push_back(must_take(heap, 10));
  CHECK(heap.figures().quarantined == 0);
  CHECK(take(heap, 10) == kNoGuarded);
  CHECK(heap.figures().refused == 1);
  CHECK(heap.check_invariants());
  {
    GuardedHeap other({.max_mappings = 20});
    CHECK(take(other, 10) == kNoGuarded);
  }
  heap.give(live.back(), SiteId{});
  live.pop_back();
  live.push_back(must_take(heap, 10));
  CHECK(heap.check_invariants());
}

TEST_CASE("what heaps have taken of the process's mappings is free again when they end") {
  for (int round = 0; round < 5; ++round) {
    GuardedHeap heap({.quarantine_bytes = kRoomy, .max_mappings = 20});
    GuardedHeap fixed({.slots = 4, .max_mappings = 20});
    for (int block = 0; block < 4; ++block) must_take(fixed, 1);
    for (int block = 0; block < 6; ++block) must_take(heap, 10);
    CHECK(take(heap, 10) == kNoGuarded);
    heap.give(GuardedIndex{0}, SiteId{});
    fixed.give(GuardedIndex{0}, SiteId{});
  }
}

TEST_CASE("a fixed heap has its slots and no more, for blocks of up to a page") {
  const std::size_t page = pages::page_size();
  GuardedHeap heap({.slots = 3});
  const std::size_t reserved = heap.figures().reserved;
  CHECK(take(heap, page + 1) == kNoGuarded);
  CHECK(take(heap, 1, 2 * page) == kNoGuarded);
  CHECK_FALSE(heap.full());
  const GuardedIndex one = must_take(heap, page, page);
  must_take(heap, 0);
  const GuardedIndex three = must_take(heap, 1, 1, Edge::front);
  CHECK(heap.full());
  CHECK(take(heap, 1) == kNoGuarded);
  CHECK(heap.figures().refused == 3);
  CHECK(heap.figures().mapped == 2 * page);
  CHECK(heap.check_invariants());
  heap.give(three, SiteId{});
  heap.give(one, SiteId{});
  CHECK_FALSE(heap.full());
  CHECK(must_take(heap, 10) == three);
  CHECK(must_take(heap, 10) == one);
  CHECK(heap.figures().reserved == reserved);
  CHECK(heap.check_invariants());
}

TEST_CASE("a fixed heap uses the slot again that has waited longest, and clears it") {
  GuardedHeap heap({.slots = 16});
  for (std::uint32_t round = 0; round < 100; ++round) {
    const GuardedIndex index = must_take(heap, 100);
    CHECK(index == GuardedIndex{round % 16});
    CHECK(is_zero(heap.block(index).begin, 100));
    fill(heap.block(index).begin, 100, round);
    CHECK(heap.give(index, SiteId{}) == std::nullopt);
    CHECK(heap.check_invariants());
  }
  CHECK(heap.figures().quarantined == 16);
}

TEST_CASE("a fixed heap of more slots than there are addresses refuses all") {
  GuardedHeap heap({.slots = SIZE_MAX / 2});
  CHECK(heap.full());
  CHECK(take(heap, 1) == kNoGuarded);
  CHECK(heap.check_invariants());
}

TEST_CASE("memory that was forgotten stays where it is when the heap ends") {
  for (const std::size_t slots : {std::size_t{0}, std::size_t{2}}) {
    std::byte* begin = nullptr;
    std::byte* territory = nullptr;
    std::size_t bytes = 0;
    {
      GuardedHeap heap({.slots = slots});
      const GuardedIndex index = must_take(heap, 100);
      begin = heap.block(index).begin;
      bytes = heap.block(index).territory_bytes * (slots == 0 ? 1 : slots);
      territory = heap.block(index).territory;
      fill(begin, 100, 5);
      heap.forget(index);
      CHECK(heap.figures().live == 0);
      CHECK(heap.find(reinterpret_cast<std::uintptr_t>(begin)) == nullptr);
      const GuardedIndex other = must_take(heap, 100);
      CHECK(heap.block(other).begin != begin);
      CHECK(heap.check_invariants());
    }
    CHECK(is_filled(begin, 100, 5));
    pages::unmap(territory, bytes);
  }
}

#ifdef __linux__
namespace {

bool is_open(const std::byte* address) {
  char access[8];
  access_at(address, access);
  return std::strcmp(access, "rw-p") == 0;
}

bool is_closed(const std::byte* address) {
  char access[8];
  access_at(address, access);
  return std::strcmp(access, "---p") == 0;
}

}  // namespace

TEST_CASE("the system agrees about which addresses may be touched, before and after a block is freed") {
  for (const std::size_t slots : {std::size_t{0}, std::size_t{16}}) {
    GuardedHeap heap({.slots = slots, .quarantine_bytes = kRoomy});
    for (const Edge edge : {Edge::rear, Edge::front}) {
      for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{4096}}) {
        const GuardedIndex index = must_take(heap, size, 1, edge);
        const GuardedBlock& block = heap.block(index);
        const std::byte* end = block.body + block.body_bytes;
        CHECK(is_open(block.begin));
        CHECK(is_open(block.begin + size - 1));
        for (const std::size_t distance : {std::size_t{1}, std::size_t{32}, kMiB, 2 * kMiB}) {
          CHECK(is_closed(block.body - distance));
          CHECK(is_closed(end + distance - 1));
        }
        heap.give(index, SiteId{});
        CHECK(is_closed(block.begin));
        CHECK(is_closed(block.begin + size - 1));
      }
      const GuardedBlock& none = heap.block(must_take(heap, 0, 1, edge));
      CHECK(is_closed(none.begin));
      CHECK(is_closed(none.begin - 1));
    }
  }
}
#endif
