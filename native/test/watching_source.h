// Real chunks, with a book of what is out: tests read from it that everything came back, and that nobody gave
// back a chunk with a wrong claim about its zero bytes.
#pragma once

#include <cstddef>

#include "memory.h"
#include "page_chunks.h"

namespace freehold::test {

class WatchingSource : public PageChunks {
 public:
  using PageChunks::PageChunks;

  std::size_t chunks_out = 0;
  std::size_t bytes_out = 0;
  std::size_t records_out = 0;
  std::size_t takes = 0;
  std::size_t false_zeros = 0;  // chunks that came back with a non-zero byte behind `dirty`
  bool can_split = true;
  bool can_discard = true;

  // Whether whoever took from here has given everything back.
  [[nodiscard]] bool all_returned() const noexcept {
    return chunks_out == 0 && bytes_out == 0 && records_out == 0 &&
           counters().mapped_chunks == counters().cached_chunks &&
           counters().mapped_bytes == counters().cached_bytes;
  }

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    ++takes;
    const Chunk chunk = PageChunks::take(minimum, preferred);
    if (!chunk) return chunk;
    ++chunks_out;
    bytes_out += chunk.size;
    return chunk;
  }

  // By take(), which the sources derived from this one change.
  [[nodiscard]] Chunk take_closely(std::size_t bytes) noexcept override { return take(bytes, bytes); }

  void give(Chunk chunk) noexcept override {
    --chunks_out;
    bytes_out -= chunk.size;
    if (chunk.dirty > chunk.size || !is_zero(chunk.base + chunk.dirty, chunk.size - chunk.dirty)) {
      ++false_zeros;
    }
    PageChunks::give(chunk);
  }

  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override {
    void* record = PageChunks::take_record(bytes);
    if (record != nullptr) ++records_out;
    return record;
  }

  [[nodiscard]] void* take_table(std::size_t bytes) noexcept override {
    void* table = PageChunks::take_table(bytes);
    if (table != nullptr) ++records_out;
    return table;
  }

  // Of tables too.
  void give_record(void* record) noexcept override {
    --records_out;
    PageChunks::give_record(record);
  }

  [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override {
    return can_discard && PageChunks::discard(begin, bytes);
  }

  [[nodiscard]] bool splits() const noexcept override { return can_split; }
};

}  // namespace freehold::test
