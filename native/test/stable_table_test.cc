#include "stable_table.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

#include "must.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("entries are zero when they are made, stay where they are, and are found again") {
  StableTable<std::size_t> table;
  std::vector<std::size_t*> made;
  for (std::size_t index = 0; index < 10'000; ++index) {
    made.push_back(table.make(index));
    must(made.back() != nullptr);
    CHECK(*made.back() == 0);
    *made.back() = index + 1;
  }
  for (std::size_t index = 0; index < made.size(); ++index) {
    CHECK(table.find(index) == made[index]);
    CHECK(table.make(index) == made[index]);
    CHECK(*made[index] == index + 1);
  }
}

TEST_CASE("what was never made, or is beyond the table, is not found") {
  StableTable<int> table;
  CHECK(table.find(0) == nullptr);
  must(table.make(1000) != nullptr);
  CHECK(table.find(0) == nullptr);
  CHECK(table.find(1000) != nullptr);
  CHECK(table.make(StableTable<int>::kMaxEntries) == nullptr);
  CHECK(table.find(StableTable<int>::kMaxEntries) == nullptr);
  CHECK(table.find(SIZE_MAX) == nullptr);
}
