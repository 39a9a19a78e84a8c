#include "size_classes.h"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace freehold;

TEST_CASE("a size falls into the least class that holds it") {
  bool holds = true;
  for (std::size_t bytes = 1; bytes <= kMaxClassBytes; ++bytes) {
    const std::size_t index = class_of(bytes);
    holds &= index < kSizeClasses && class_bytes(index) >= bytes;
    holds &= index == 0 || class_bytes(index - 1) < bytes;
    holds &= class_for(bytes, 1) == index && class_for(bytes, 16) == index;
  }
  CHECK(holds);
}

TEST_CASE("classes grow, are multiples of 16, and are the classes of their own sizes") {
  for (std::size_t index = 0; index < kSizeClasses; ++index) {
    CHECK(class_of(class_bytes(index)) == index);
    CHECK(class_bytes(index) % kClassStep == 0);
    CHECK((index == 0 || class_bytes(index) > class_bytes(index - 1)));
  }
}

TEST_CASE("above 128 bytes no more than an eighth of the request is added to it") {
  bool holds = true;
  for (std::size_t bytes = 1; bytes <= kMaxClassBytes; ++bytes) {
    const std::size_t lost = class_bytes(class_of(bytes)) - bytes;
    holds &= bytes <= 128 ? lost < kClassStep : lost * 8 <= bytes;
  }
  CHECK(holds);
}

TEST_CASE("a class that a request with an alignment falls into is a multiple of the alignment") {
  bool holds = true;
  for (std::size_t alignment = 1; alignment <= kMaxClassAlignment; alignment *= 2) {
    for (std::size_t bytes = 1; bytes <= kMaxClassBytes; ++bytes) {
      const std::size_t index = class_for(bytes, alignment);
      holds &= index < kSizeClasses && class_bytes(index) >= bytes && class_bytes(index) % alignment == 0;
      // And it is the least of those.
      for (std::size_t less = class_of(bytes); less < index; ++less)
        holds &= class_bytes(less) % alignment != 0;
    }
  }
  CHECK(holds);
}

TEST_CASE("a request of no bytes falls into the least class of its alignment") {
  CHECK(class_for(0, 1) == 0);
  CHECK(class_for(0, 64) == class_of(64));
  CHECK(class_for(0, 4096) == class_of(4096));
}

TEST_CASE("what is too large or too aligned, or aligned to no power of two, has no class") {
  for (const std::size_t alignment : {0UL, 3UL, 24UL, 4095UL})
    CHECK(class_for(16, alignment) == kNoSizeClass);
  CHECK(class_for(kMaxClassBytes, kMaxClassAlignment) == kSizeClasses - 1);
  CHECK(class_for(kMaxClassBytes + 1, 16) == kNoSizeClass);
  CHECK(class_for(SIZE_MAX, 1) == kNoSizeClass);
  CHECK(class_for(1, 2 * kMaxClassAlignment) == kNoSizeClass);
}
