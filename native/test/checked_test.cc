#include "checked.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>

using namespace freehold;

TEST_CASE("a sum is given when it fits, up to the largest size, and refused when it does not") {
  std::size_t sum = 0;
  CHECK(checked_add(0, 0, sum));
  CHECK(sum == 0);
  CHECK(checked_add(SIZE_MAX - 5, 5, sum));
  CHECK(sum == SIZE_MAX);
  CHECK_FALSE(checked_add(SIZE_MAX - 5, 6, sum));
  CHECK_FALSE(checked_add(SIZE_MAX, SIZE_MAX, sum));
}

TEST_CASE("only powers of two are powers of two, and zero is none") {
  for (std::size_t bit = 0; bit < 64; ++bit) CHECK(is_power_of_two(std::size_t{1} << bit));
  for (const std::size_t other : {std::size_t{0}, std::size_t{3}, std::size_t{48}, SIZE_MAX}) {
    CHECK_FALSE(is_power_of_two(other));
  }
}

TEST_CASE("rounding up goes to the next multiple, keeps multiples, and is refused when it does not fit") {
  std::size_t rounded = 1;
  CHECK(checked_round_up(0, 16, rounded));
  CHECK(rounded == 0);
  CHECK(checked_round_up(1, 16, rounded));
  CHECK(rounded == 16);
  CHECK(checked_round_up(16, 16, rounded));
  CHECK(rounded == 16);
  CHECK(checked_round_up(17, 1, rounded));
  CHECK(rounded == 17);
  CHECK(checked_round_up(SIZE_MAX - 15, 16, rounded));
  CHECK(rounded == SIZE_MAX - 15);
  CHECK_FALSE(checked_round_up(SIZE_MAX - 14, 16, rounded));
  CHECK_FALSE(checked_round_up(SIZE_MAX, 4096, rounded));
}

TEST_CASE("rounding down goes to the last multiple and keeps multiples") {
  CHECK(round_down(0, 16) == 0);
  CHECK(round_down(15, 16) == 0);
  CHECK(round_down(16, 16) == 16);
  CHECK(round_down(SIZE_MAX, 4096) == SIZE_MAX - 4095);
}

TEST_CASE("the padding to an alignment is the least that makes the address a multiple") {
  for (const std::size_t alignment : {1U, 2U, 16U, 64U, 4096U}) {
    for (std::uintptr_t address = 0; address < 200; ++address) {
      const std::size_t padding = padding_to(address, alignment);
      CHECK(padding < alignment);
      CHECK((address + padding) % alignment == 0);
    }
  }
  CHECK(padding_to(UINTPTR_MAX, 4096) == 1);
}
