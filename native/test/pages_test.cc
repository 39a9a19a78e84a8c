#include "pages.h"

#include <doctest/doctest.h>

#include <cstring>

#include "checked.h"
#include "mappings.h"
#include "memory.h"

using namespace freehold;
using freehold::test::access_at;
using freehold::test::fill;
using freehold::test::is_aligned;
using freehold::test::is_zero;

namespace {

// A range that is unmapped at the end of a test.
struct Range {
  std::byte* begin;
  std::size_t bytes;

  Range(void* address, std::size_t size) : begin(static_cast<std::byte*>(address)), bytes(size) {}
  ~Range() { pages::unmap(begin, bytes); }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
};

}  // namespace

TEST_CASE("the page size is a power of two and at least 4096") {
  CHECK(is_power_of_two(pages::page_size()));
  CHECK(pages::page_size() >= 4096);
}

TEST_CASE("mapped pages are page-aligned, zero and writable to the last byte") {
  const std::size_t bytes = 5 * pages::page_size();
  const Range range(pages::map(bytes), bytes);
  REQUIRE(range.begin != nullptr);
  CHECK(is_aligned(range.begin, pages::page_size()));
  CHECK(is_zero(range.begin, bytes));
  fill(range.begin, bytes, 7);
  CHECK(test::is_filled(range.begin, bytes, 7));
}

TEST_CASE("mapping or reserving no bytes, or more than there are addresses, answers nullptr") {
  CHECK(pages::map(0) == nullptr);
  CHECK(pages::reserve(0) == nullptr);
  const std::size_t absurd = round_down(SIZE_MAX, pages::page_size());
  CHECK(pages::map(absurd) == nullptr);
  CHECK(pages::reserve(absurd) == nullptr);
}

TEST_CASE("reserved pages become zeroed memory when they are committed") {
  const std::size_t page = pages::page_size();
  const Range range(pages::reserve(8 * page), 8 * page);
  REQUIRE(range.begin != nullptr);
  REQUIRE(pages::commit(range.begin + 2 * page, 3 * page));
  CHECK(is_zero(range.begin + 2 * page, 3 * page));
  fill(range.begin + 2 * page, 3 * page, 1);
}

TEST_CASE("decommitted pages read as zero after the next commit") {
  const std::size_t page = pages::page_size();
  const Range range(pages::reserve(4 * page), 4 * page);
  REQUIRE(pages::commit(range.begin, 4 * page));
  fill(range.begin, 4 * page, 1);
  REQUIRE(pages::decommit(range.begin + page, 2 * page));
  REQUIRE(pages::commit(range.begin + page, 2 * page));
  CHECK(is_zero(range.begin + page, 2 * page));
  CHECK(test::is_filled(range.begin, page, 1));
  CHECK(test::is_filled(range.begin + 3 * page, page, 1));
}

TEST_CASE("discarded pages stay usable and read as zero at once, their neighbours keep their bytes") {
  const std::size_t page = pages::page_size();
  const Range range(pages::map(4 * page), 4 * page);
  fill(range.begin, 4 * page, 9);
  REQUIRE(pages::discard(range.begin + page, 2 * page));
  CHECK(test::is_filled(range.begin, page, 9));
  CHECK(is_zero(range.begin + page, 2 * page));
  CHECK(test::is_filled(range.begin + 3 * page, page, 9));
  fill(range.begin + page, 2 * page, 3);
}

TEST_CASE("discarding what is not on a page boundary is refused and changes nothing") {
  const std::size_t page = pages::page_size();
  const Range range(pages::map(page), page);
  fill(range.begin, page, 9);
  CHECK_FALSE(pages::discard(range.begin + 1, page - 1));
  CHECK(test::is_filled(range.begin, page, 9));
}

TEST_CASE("protected pages keep their bytes") {
  const std::size_t page = pages::page_size();
  const Range range(pages::map(2 * page), 2 * page);
  fill(range.begin, 2 * page, 4);
  REQUIRE(pages::protect(range.begin, page, pages::Access::none));
  REQUIRE(pages::protect(range.begin + page, page, pages::Access::read));
  CHECK(test::is_filled(range.begin + page, page, 4));
  REQUIRE(pages::protect(range.begin, 2 * page, pages::Access::read_write));
  CHECK(test::is_filled(range.begin, 2 * page, 4));
  fill(range.begin, 2 * page, 5);
}

TEST_CASE("advice on huge pages, taken or not, keeps the bytes") {
  const std::size_t bytes = std::size_t{4} << 20;
  const Range range(pages::map(bytes), bytes);
  fill(range.begin, 4096, 6);
  (void)pages::advise_huge(range.begin, bytes);
  CHECK(test::is_filled(range.begin, 4096, 6));
  CHECK(is_zero(range.begin + 4096, bytes - 4096));
}

#ifdef __linux__
TEST_CASE("the system agrees about what may be touched at each step") {
  const std::size_t page = pages::page_size();
  char access[8];
  auto* begin = static_cast<std::byte*>(pages::reserve(3 * page));
  REQUIRE(begin != nullptr);
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "---p") == 0, access);

  REQUIRE(pages::commit(begin, page));
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "rw-p") == 0, access);
  access_at(begin + page, access);
  CHECK_MESSAGE(std::strcmp(access, "---p") == 0, access);

  REQUIRE(pages::protect(begin, page, pages::Access::read));
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "r--p") == 0, access);

  REQUIRE(pages::protect(begin, page, pages::Access::none));
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "---p") == 0, access);

  REQUIRE(pages::commit(begin, page));
  REQUIRE(pages::discard(begin, page));
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "rw-p") == 0, access);

  REQUIRE(pages::decommit(begin, page));
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "---p") == 0, access);

  pages::unmap(begin, 3 * page);
  access_at(begin, access);
  CHECK_MESSAGE(std::strcmp(access, "") == 0, access);
}
#endif
