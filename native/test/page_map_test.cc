#include "page_map.h"

#include <initializer_list>

#include "failing_source.h"
#include "must.h"

using namespace freehold;
using namespace freehold::test;

namespace {

const void* at(std::uintptr_t address) { return reinterpret_cast<const void*>(address); }

constexpr std::uintptr_t kLeafBytes = std::uintptr_t{16} << 20;    // that one leaf maps
constexpr std::uintptr_t kMiddleBytes = std::uintptr_t{64} << 30;  // that one node above leaves maps
constexpr std::uintptr_t kEnd = std::uintptr_t{1} << 48;

PageEntry slab(std::uint32_t index) {
  return {.kind = PageEntry::Kind::slab, .size_class = 3, .index = index};
}

}  // namespace

TEST_CASE("an empty map knows nothing, and takes nothing") {
  FailingSource source;
  {
    PageMap map(source);
    for (const std::uintptr_t address :
         {std::uintptr_t{0}, std::uintptr_t{4096}, kEnd - 1, kEnd, UINTPTR_MAX}) {
      CHECK(map.at(at(address)) == PageEntry{});
    }
    CHECK(map.reserve(at(4096), 0));
    CHECK(map.metadata() == 0);
  }
  CHECK(source.requests == 0);
}

TEST_CASE("what is set is found from every address of its pages, and from no other") {
  FailingSource source;
  {
    PageMap map(source);
    for (const std::uintptr_t begin : {std::uintptr_t{4096}, kLeafBytes - 8192, 7 * kLeafBytes,
                                       kMiddleBytes - 4096, 9 * kMiddleBytes - 12288, kEnd - 16384}) {
      REQUIRE(map.reserve(at(begin), 16384));
      CHECK(map.at(at(begin)) == PageEntry{});
      map.set(at(begin), 16384, slab(42));
      for (std::uintptr_t offset = 0; offset < 16384; offset += 1024)
        CHECK(map.at(at(begin + offset)) == slab(42));
      CHECK(map.at(at(begin + 16383)) == slab(42));
      CHECK(map.at(at(begin - 1)) == PageEntry{});
      CHECK(map.at(at(begin + 16384)) == PageEntry{});
      map.set(at(begin + 4096), 4096, slab(43));
      CHECK(map.at(at(begin)) == slab(42));
      CHECK(map.at(at(begin + 4096)) == slab(43));
      CHECK(map.at(at(begin + 8191)) == slab(43));
      CHECK(map.at(at(begin + 8192)) == slab(42));
      map.set(at(begin), 16384, {});
      CHECK(map.at(at(begin + 5000)) == PageEntry{});
    }
  }
  CHECK(source.all_returned());
}

TEST_CASE("a byte takes a page, two across an edge take two") {
  FailingSource source;
  PageMap map(source);
  REQUIRE(map.reserve(at(kLeafBytes - 1), 2));
  map.set(at(kLeafBytes - 1), 2, slab(1));
  CHECK(map.at(at(kLeafBytes - 4096)) == slab(1));
  CHECK(map.at(at(kLeafBytes + 4095)) == slab(1));
  CHECK(map.at(at(kLeafBytes + 4096)) == PageEntry{});
  REQUIRE(map.reserve(at(3 * kLeafBytes), 1));
  map.set(at(3 * kLeafBytes), 1, slab(2));
  CHECK(map.at(at(3 * kLeafBytes + 4095)) == slab(2));
  CHECK(map.at(at(3 * kLeafBytes + 4096)) == PageEntry{});
}

TEST_CASE("addresses far apart do not meet") {
  FailingSource source;
  PageMap map(source);
  std::uint32_t index = 0;
  for (std::uintptr_t address = 4096; address < kEnd; address *= 2) {
    REQUIRE(map.reserve(at(address), 4096));
    map.set(at(address), 4096, slab(++index));
  }
  index = 0;
  for (std::uintptr_t address = 4096; address < kEnd; address *= 2)
    CHECK(map.at(at(address)) == slab(++index));
}

TEST_CASE("a large range is mapped to its end") {
  FailingSource source;
  PageMap map(source);
  const std::uintptr_t begin = kMiddleBytes - 3 * kLeafBytes - 4096;
  REQUIRE(map.reserve(at(begin), 5 * kLeafBytes));
  map.set(at(begin), 5 * kLeafBytes, slab(5));
  for (std::uintptr_t offset = 0; offset < 5 * kLeafBytes; offset += 4096) {
    must(map.at(at(begin + offset)) == slab(5));
  }
  CHECK(map.at(at(begin + 5 * kLeafBytes)) == PageEntry{});
}

TEST_CASE("addresses of more than 48 bits have no place") {
  FailingSource source;
  PageMap map(source);
  for (const std::uintptr_t begin : {kEnd, kEnd - 4096, UINTPTR_MAX - 4095, UINTPTR_MAX - 8191}) {
    CHECK_FALSE(map.reserve(at(begin), 8192));
  }
  CHECK(map.reserve(at(kEnd - 8192), 8192));
  map.set(at(kEnd - 8192), 8192, slab(1));
  CHECK(map.at(at(kEnd - 1)) == slab(1));
  CHECK(map.at(at(kEnd)) == PageEntry{});
  CHECK(map.at(at(UINTPTR_MAX)) == PageEntry{});
  CHECK(map.at(at(kEnd + 4096)) == PageEntry{});
}

TEST_CASE("nodes are made once, and counted") {
  FailingSource source;
  PageMap map(source);
  REQUIRE(map.reserve(at(kLeafBytes), 4096));
  const std::size_t metadata = map.metadata();
  CHECK(source.requests == 3);
  CHECK(map.reserve(at(kLeafBytes + 8192), 4096));
  CHECK(map.metadata() == metadata);
  CHECK(map.reserve(at(2 * kLeafBytes), 4096));
  CHECK(map.metadata() == metadata + 32 * kKiB);
  CHECK(source.requests == 4);
}

TEST_CASE("without memory for a node a range is not reserved, and what was set stays") {
  for (std::size_t request = 0; request < 6; ++request) {
    FailingSource source;
    {
      PageMap map(source);
      source.fail_at = request;
      const bool first = map.reserve(at(kLeafBytes), 4096);
      CHECK(first == (request > 2));
      if (!first) REQUIRE(map.reserve(at(kLeafBytes), 4096));
      map.set(at(kLeafBytes), 4096, slab(7));
      // A leaf here, and one below another node.
      const bool second = map.reserve(at(kMiddleBytes - 4096), 8192);
      CHECK(second == (request <= 2));
      CHECK(map.at(at(kLeafBytes)) == slab(7));
      CHECK(map.reserve(at(kMiddleBytes - 4096), 8192));
      CHECK(map.at(at(kMiddleBytes)) == PageEntry{});
    }
    CHECK(source.all_returned());
  }
}
