// A pool finds a slot from an address without dividing: for every stride, every slot, and between them.
#include "pool_fixture.h"
#include "size_classes.h"

using namespace freehold;
using namespace freehold::test;

namespace {

void check_every_slot(const PoolOptions& options) {
  PoolFixture fixture(options);
  Pool& pool = fixture.pool;
  must(pool.grow());
  const std::size_t stride = pool.stride();
  const std::size_t slots = pool.slots_per_slab();
  CAPTURE(stride);
  bool found = true;
  for (std::size_t index = 0; index < slots; ++index) {
    const BlockIndex block{static_cast<std::uint32_t>(index)};
    const std::byte* address = pool.address(block);
    found = found && pool.find_in_slab(0, address) == block;
    for (const std::size_t off : {std::size_t{1}, stride / 2, stride - 1}) {
      if (off > 0 && off < stride) found = found && pool.find_in_slab(0, address + off) == kNoBlock;
    }
  }
  CHECK(found);
  const std::byte* begin = pool.address(BlockIndex{0});
  CHECK(pool.find_in_slab(0, begin - 1) == kNoBlock);
  CHECK(pool.find_in_slab(0, begin + slots * stride) == kNoBlock);
  CHECK(pool.find_in_slab(1, begin) == kNoBlock);
}

}  // namespace

TEST_CASE("an address leads to the slot that begins there, and to none between slots, in all size classes") {
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    check_every_slot({.block_bytes = class_bytes(size_class), .slab_bytes = 256 * kKiB});
  }
}

TEST_CASE("the same for odd strides, and for slabs that are too large to do without dividing") {
  for (const std::size_t bytes : {1, 3, 7, 17, 48, 1000, 4095, 65'537}) {
    check_every_slot({.block_bytes = bytes, .alignment = 1, .slab_bytes = 64 * kKiB});
  }
  for (const std::size_t bytes : {100'000, 524'289, 3'000'000}) check_every_slot({.block_bytes = bytes});
  check_every_slot({.block_bytes = 24, .alignment = 8, .slab_bytes = kMiB});
  check_every_slot({.block_bytes = 24, .alignment = 8, .slab_bytes = kMiB + kMiB / 2});
}
