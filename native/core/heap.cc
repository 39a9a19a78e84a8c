#include "heap.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

#include "checked.h"
#include "control.h"

namespace freehold {
namespace {

PageEntry entry_of(std::size_t size_class, std::size_t slab) noexcept {
  return {.kind = PageEntry::Kind::slab,
          .size_class = static_cast<std::uint8_t>(size_class),
          .index = static_cast<std::uint32_t>(slab)};
}

PageEntry entry_of(LargeIndex block) noexcept {
  return {.kind = PageEntry::Kind::large, .index = static_cast<std::uint32_t>(block)};
}

}  // namespace

Chunk Heap::MappedSource::mapped(const Chunk& chunk) noexcept {
  if (!chunk || map_.reserve(chunk.base, chunk.size)) return chunk;
  source_.give(chunk);
  return {};
}

Heap::Heap(ChunkSource& source) noexcept
    : source_(source), map_(source), mapped_(source, map_), large_(source) {}

Heap::~Heap() {
  for (Pool* pool : pools_) {
    if (pool == nullptr) continue;
    pool->~Pool();
    source_.give_record(pool);
  }
}

Pool* Heap::pool_for_class(std::size_t size_class) noexcept {
  if (size_class >= kSizeClasses) return nullptr;
  Pool*& pool = pools_[size_class];
  if (pool != nullptr) return pool;
  void* record = source_.take_record(sizeof(Pool));
  if (record == nullptr) return nullptr;
  const std::size_t bytes = class_bytes(size_class);
  pool = new (record) Pool(mapped_, {.block_bytes = bytes,
                                     .alignment = kClassStep,
                                     .slab_bytes = bytes <= kSmallClassBytes ? kSmallSlabBytes : kSlabBytes,
                                     .slab_alignment = kMaxClassAlignment});
  return pool;
}

bool Heap::grow_pool(std::size_t size_class) noexcept {
  Pool* pool = pool_for_class(size_class);
  if (pool == nullptr || !pool->grow()) return false;
  // The pages that its blocks lie in: no other slab's and no large block's, because each begins at a page.
  const std::size_t slab = pool->newest_slab();
  const Chunk& chunk = pool->slab_chunk(slab);
  const std::size_t offset = pool->slab_offset(slab);
  map_.set(chunk.base + offset, chunk.size - offset, entry_of(size_class, slab));
  return true;
}

void* Heap::allocate_slow(std::size_t size, std::size_t alignment) noexcept {
  const std::size_t size_class = class_for(size, alignment);
  if (size_class == kNoSizeClass) {
    const LargeIndex made = allocate_large(size, alignment);
    return made == kNoLarge ? nullptr : large_.address(made);
  }
  if (!grow_pool(size_class)) return nullptr;
  Pool& pool = *pools_[size_class];
  return pool.address(pool.allocate());
}

LargeIndex Heap::allocate_large(std::size_t size, std::size_t alignment) noexcept {
  const LargeIndex made = large_.allocate(size, alignment);
  if (made == kNoLarge) return made;
  std::byte* begin = large_.address(made);
  if (!map_.reserve(begin, 1)) {
    static_cast<void>(large_.free(made));
    return kNoLarge;
  }
  map_.set(begin, 1, entry_of(made));
  return made;
}

FreeStatus Heap::free_large(LargeIndex block) noexcept {
  if (large_.is_live(block)) map_.set(large_.address(block), 1, {.kind = PageEntry::Kind::freed});
  return large_.free(block);
}

FreeStatus Heap::free(void* block) noexcept {
  const PageEntry entry = map_.at(block);
  switch (entry.kind) {
    case PageEntry::Kind::slab: {
      Pool& pool = *pools_[entry.size_class];
      return pool.free(pool.find_in_slab(entry.index, block));
    }
    case PageEntry::Kind::large: {
      const LargeIndex large{entry.index};
      return large_.address(large) == block ? free_large(large) : FreeStatus::no_block;
    }
    case PageEntry::Kind::freed:
      return reinterpret_cast<std::uintptr_t>(block) % PageMap::kPageBytes == 0 ? FreeStatus::not_live
                                                                                : FreeStatus::no_block;
    case PageEntry::Kind::none:
      break;
  }
  return FreeStatus::no_block;
}

std::size_t Heap::release_large(void* block) noexcept {
  const std::size_t bytes = usable_size(block);
  return free(block) == FreeStatus::ok ? bytes : 0;
}

std::size_t Heap::usable_size(const void* block) const noexcept {
  const PageEntry entry = map_.at(block);
  if (entry.kind == PageEntry::Kind::slab) {
    const Pool& pool = *pools_[entry.size_class];
    return pool.is_live(pool.find_in_slab(entry.index, block)) ? pool.block_bytes() : 0;
  }
  if (entry.kind != PageEntry::Kind::large) return 0;
  const LargeIndex large{entry.index};
  return large_.address(large) == block ? large_.size(large) : 0;
}

void* Heap::reallocate(void* block, std::size_t size, std::size_t alignment) noexcept {
  const std::size_t usable = usable_size(block);
  // A block may stand at a multiple of more than there is to ask for.
  if (usable == 0 || !is_power_of_two(alignment) || alignment > kMaxAlignment) return nullptr;
  const bool fits = size <= usable && padding_to(reinterpret_cast<std::uintptr_t>(block), alignment) == 0;
  const std::size_t size_class = class_for(size, alignment);
  const std::size_t wanted = size_class == kNoSizeClass ? size : class_bytes(size_class);
  if (fits && wanted >= usable / 2) return block;
  void* moved = allocate(size, alignment);
  if (moved == nullptr) return fits ? block : nullptr;
  std::memcpy(moved, block, std::min(usable, size));
  static_cast<void>(free(block));
  return moved;
}

std::size_t Heap::trim() noexcept {
  std::size_t bytes = 0;
  for (Pool* pool : pools_) bytes += pool != nullptr ? pool->trim() : 0;
  return bytes;
}

void Heap::release_all() noexcept {
  for (Pool* pool : pools_) {
    if (pool != nullptr) pool->release_all();
  }
  for (std::size_t index = 0; index < large_.slots(); ++index) {
    static_cast<void>(free_large(LargeIndex{static_cast<std::uint32_t>(index)}));
  }
}

std::size_t Heap::live_blocks() const noexcept {
  std::size_t blocks = large_.live();
  for (const Pool* pool : pools_) blocks += pool != nullptr ? pool->live() : 0;
  return blocks;
}

std::size_t Heap::live_bytes() const noexcept {
  std::size_t bytes = large_.live_bytes();
  for (const Pool* pool : pools_) bytes += pool != nullptr ? pool->live() * pool->block_bytes() : 0;
  return bytes;
}

std::size_t Heap::reserved() const noexcept {
  std::size_t bytes = large_.reserved();
  for (const Pool* pool : pools_) bytes += pool != nullptr ? pool->reserved() : 0;
  return bytes;
}

std::size_t Heap::metadata() const noexcept {
  std::size_t bytes = map_.metadata() + large_.metadata();
  for (const Pool* pool : pools_) bytes += pool != nullptr ? sizeof(Pool) + pool->metadata() : 0;
  return bytes;
}

bool Heap::check_invariants() const noexcept {
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    const Pool* pool = pools_[size_class];
    if (pool == nullptr) continue;
    if (!pool->check_invariants()) return false;
    for (std::size_t slab = 0; slab < pool->slab_count(); ++slab) {
      if (pool->has_slab(slab) && !slab_is_mapped(size_class, slab)) return false;
    }
  }
  for (std::size_t index = 0; index < large_.slots(); ++index) {
    const LargeIndex block{static_cast<std::uint32_t>(index)};
    if (large_.is_live(block) && map_.at(large_.address(block)) != entry_of(block)) return false;
  }
  return large_.check_invariants();
}

// Every page of a slab leads to it.
bool Heap::slab_is_mapped(std::size_t size_class, std::size_t slab) const noexcept {
  const Pool& pool = *pools_[size_class];
  const PageEntry mapped = entry_of(size_class, slab);
  const std::byte* page = pool.slab_chunk(slab).base + pool.slab_offset(slab);
  const std::byte* end = pool.slab_chunk(slab).base + pool.slab_chunk(slab).size;
  for (; page < end; page += PageMap::kPageBytes) {
    if (map_.at(page) != mapped) return false;
  }
  return true;
}

}  // namespace freehold
