// Chunks over mapped pages, with a bounded cache of the ones that came back: an arena per request finds its
// chunk here instead of in the kernel. One per thread; not thread-safe.
#pragma once

#include <array>
#include <cstddef>

#include "chunk.h"
#include "guarded_pages.h"

namespace freehold {

class PageChunks : public ChunkSource {
 public:
  struct Counters {
    std::size_t mapped_bytes = 0;  // all that is mapped, cached chunks included
    std::size_t mapped_chunks = 0;
    std::size_t peak_bytes = 0;  // the most that mapped_bytes ever was
    std::size_t cached_bytes = 0;
    std::size_t cached_chunks = 0;
  };

  // Keeps at most `cache_bytes` of returned chunks.
  explicit PageChunks(std::size_t cache_bytes = kDefaultCacheBytes) noexcept : cache_limit_(cache_bytes) {}
  // Unmaps the cache. Chunks that were taken and not given back belong to whoever holds them.
  ~PageChunks() { trim(); }
  PageChunks(const PageChunks&) = delete;
  PageChunks& operator=(const PageChunks&) = delete;

  // From the cache when it has a chunk of `preferred` to twice that, else mapped. (A smaller one would do,
  // but whoever prefers more has learned that it needs more, and would take two chunks where one was meant.)
  // On out-of-memory a cached chunk of at least `minimum`, then ever smaller sizes, halved from `preferred`
  // down to `minimum`.
  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override;
  // The same, but while there is memory a chunk from the cache is larger by a sixteenth at most.
  [[nodiscard]] Chunk take_closely(std::size_t bytes) noexcept override;
  void give(Chunk chunk) noexcept override;
  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override;
  void give_record(void* record) noexcept override;
  // From the system's zeroed pages when it is large: what is not used yet costs nothing.
  [[nodiscard]] void* take_table(std::size_t bytes) noexcept override;
  [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override;

  // Pages for one block alone, see map_guarded(). Counted; to be given back with release() or abandon(), as
  // the chunk that `whole()` makes of them, and never to the cache: nothing fits into them but such a block.
  [[nodiscard]] GuardedPages take_guarded(std::size_t bytes, std::size_t alignment, Guard guard) noexcept;
  [[nodiscard]] static Chunk whole(const GuardedPages& pages) noexcept {
    return {.base = pages.mapping, .size = pages.mapped, .dirty = pages.mapped};
  }

  // Unmaps a chunk without a detour through the cache.
  void release(const Chunk& chunk) noexcept;

  // Forgets a chunk that can never be unmapped (its memory moved to another thread): it is no longer counted.
  void abandon(const Chunk& chunk) noexcept;

  // Unmaps every cached chunk; returns their bytes.
  std::size_t trim() noexcept;

  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

  static constexpr std::size_t kDefaultCacheBytes = std::size_t{16} << 20;

 protected:
  // The system's pages; a test's subclass fails here on purpose.
  [[nodiscard]] virtual void* map(std::size_t bytes) noexcept;
  [[nodiscard]] virtual GuardedPages map_alone(std::size_t bytes, std::size_t alignment,
                                               Guard guard) noexcept;

 private:
  static constexpr std::size_t kSlots = 32;

  void count_mapped(std::size_t bytes) noexcept;

  // One that may be larger than preferred by a part of that: 1 / `share`.
  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred, std::size_t share) noexcept;
  [[nodiscard]] Chunk take_cached(std::size_t minimum, std::size_t preferred, std::size_t share) noexcept;
  [[nodiscard]] Chunk remove_cached(std::size_t slot) noexcept;
  void evict(std::size_t slot) noexcept;

  std::array<Chunk, kSlots> cache_{};  // the most recently returned last
  std::size_t cached_ = 0;
  std::size_t cache_limit_;
  Counters counters_;
};

}  // namespace freehold
