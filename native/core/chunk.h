// A chunk: a run of pages that an allocator cuts blocks from, and the interface through which chunks come and
// go.
#pragma once

#include <cstddef>
#include <cstring>

namespace freehold {

// No allocator asks for less.
inline constexpr std::size_t kMinChunkBytes = 4096;

// A value that names memory; whoever holds it owns the memory. `base` is null for "no chunk".
struct Chunk {
  std::byte* base = nullptr;
  std::size_t size = 0;
  std::size_t dirty = 0;  // bytes from here to the end have never been written and read as zero
  void* tag = nullptr;    // for whoever exposes the chunk; travels with it

  explicit operator bool() const noexcept { return base != nullptr; }
};

// Where allocators take chunks and the records of their side tables from, and give them back to.
// Implementations are not shared between threads.
class ChunkSource {
 public:
  // A chunk of `preferred` bytes, or of fewer but at least `minimum`; an empty chunk when there is no memory.
  [[nodiscard]] virtual Chunk take(std::size_t minimum, std::size_t preferred) noexcept = 0;

  // A chunk of `bytes`, or of little more, for whoever has no use for more.
  [[nodiscard]] virtual Chunk take_closely(std::size_t bytes) noexcept { return take(bytes, bytes); }

  // Takes a chunk back, with `dirty` brought up to date.
  virtual void give(Chunk chunk) noexcept = 0;

  // Memory for a record of a side table, aligned for any type; nullptr when there is none.
  [[nodiscard]] virtual void* take_record(std::size_t bytes) noexcept = 0;
  virtual void give_record(void* record) noexcept = 0;

  // Zeroed memory for a table whose fast path is shared with others, where a source has such; nullptr when
  // there is none.
  [[nodiscard]] virtual void* take_table(std::size_t bytes) noexcept {
    void* table = take_record(bytes);
    if (table != nullptr) std::memset(table, 0, bytes);
    return table;
  }
  virtual void give_table(void* table) noexcept { give_record(table); }

  // Gives the pages of a part of a chunk back to the system now; the part then reads as zero. False when it
  // cannot.
  [[nodiscard]] virtual bool discard(std::byte* begin, std::size_t bytes) noexcept = 0;

  // Every chunk begins at a multiple of this: a page, unless a source cannot.
  [[nodiscard]] virtual std::size_t alignment() const noexcept { return 4096; }

  // Whether part of a chunk may be exposed and withdrawn on its own.
  [[nodiscard]] virtual bool splits() const noexcept { return true; }

 protected:
  ~ChunkSource() = default;
};

}  // namespace freehold
