#include "page_chunks.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "checked.h"
#include "pages.h"

namespace freehold {

void* PageChunks::map(std::size_t bytes) noexcept { return pages::map(bytes); }

GuardedPages PageChunks::map_alone(std::size_t bytes, std::size_t alignment, Guard guard) noexcept {
  return map_guarded(bytes, alignment, guard);
}

Chunk PageChunks::take(std::size_t minimum, std::size_t preferred) noexcept {
  return take(minimum, preferred, 1);
}

Chunk PageChunks::take_closely(std::size_t bytes) noexcept { return take(bytes, bytes, 16); }

Chunk PageChunks::take(std::size_t minimum, std::size_t preferred, std::size_t share) noexcept {
  const std::size_t page = pages::page_size();
  std::size_t least = 0;
  std::size_t size = 0;
  if (minimum == 0 || !checked_round_up(minimum, page, least)) return {};
  if (!checked_round_up(std::max(minimum, preferred), page, size)) size = round_down(SIZE_MAX, page);
  if (const Chunk cached = take_cached(size, size, share)) return cached;
  for (;;) {
    if (void* base = map(size)) {
      count_mapped(size);
      return {.base = static_cast<std::byte*>(base), .size = size};
    }
    // The cache may hold what the system has not: a chunk that is enough, or room for one.
    if (const Chunk cached = take_cached(least, size, 1)) return cached;
    if (trim() > 0) continue;
    if (size == least) return {};
    size = std::max(least, round_down(size / 2, page));
  }
}

GuardedPages PageChunks::take_guarded(std::size_t bytes, std::size_t alignment, Guard guard) noexcept {
  GuardedPages made = map_alone(bytes, alignment, guard);
  // The cache may hold what the system has not.
  if (!made && trim() > 0) made = map_alone(bytes, alignment, guard);
  if (!made) return {};
  count_mapped(made.mapped);
  return made;
}

void PageChunks::count_mapped(std::size_t bytes) noexcept {
  counters_.mapped_bytes += bytes;
  counters_.peak_bytes = std::max(counters_.peak_bytes, counters_.mapped_bytes);
  ++counters_.mapped_chunks;
}

Chunk PageChunks::take_cached(std::size_t minimum, std::size_t preferred, std::size_t share) noexcept {
  for (std::size_t slot = cached_; slot-- > 0;) {
    const std::size_t size = cache_[slot].size;
    if (size >= minimum && (size <= preferred || size - preferred <= preferred / share))
      return remove_cached(slot);
  }
  return {};
}

void PageChunks::give(Chunk chunk) noexcept {
  if (chunk.size > cache_limit_) return release(chunk);
  while (cached_ == kSlots || (cached_ > 0 && counters_.cached_bytes + chunk.size > cache_limit_)) evict(0);
  chunk.tag = nullptr;
  cache_[cached_++] = chunk;
  counters_.cached_bytes += chunk.size;
  ++counters_.cached_chunks;
}

// The others keep their order: the least recently returned first.
Chunk PageChunks::remove_cached(std::size_t slot) noexcept {
  const Chunk chunk = cache_[slot];
  std::move(cache_.begin() + static_cast<std::ptrdiff_t>(slot) + 1,
            cache_.begin() + static_cast<std::ptrdiff_t>(cached_),
            cache_.begin() + static_cast<std::ptrdiff_t>(slot));
  --cached_;
  counters_.cached_bytes -= chunk.size;
  --counters_.cached_chunks;
  return chunk;
}

void PageChunks::evict(std::size_t slot) noexcept { release(remove_cached(slot)); }

void PageChunks::release(const Chunk& chunk) noexcept {
  pages::unmap(chunk.base, chunk.size);
  abandon(chunk);
}

void PageChunks::abandon(const Chunk& chunk) noexcept {
  counters_.mapped_bytes -= chunk.size;
  --counters_.mapped_chunks;
}

std::size_t PageChunks::trim() noexcept {
  const std::size_t bytes = counters_.cached_bytes;
  while (cached_ > 0) evict(cached_ - 1);
  return bytes;
}

void* PageChunks::take_record(std::size_t bytes) noexcept { return std::malloc(bytes); }

void PageChunks::give_record(void* record) noexcept { std::free(record); }

void* PageChunks::take_table(std::size_t bytes) noexcept { return std::calloc(bytes, 1); }

bool PageChunks::discard(std::byte* begin, std::size_t bytes) noexcept {
  return pages::discard(begin, bytes);
}

}  // namespace freehold
