// Where the blocks of a segment begin and end, for callers that free and resize by address alone, as C
// libraries do: two bits for every 16 bytes, out of every block's reach. So a second free, and a free of what
// is no block, are always seen.
//
// `edges` has a bit where a block begins and one where it ends, `live` one where a live block begins. Between
// the edges of a live block there are none. Edges of memory that was given back may stay: begin() clears
// them.
//
// The words belong to whoever made the map. Cost: O(1) for small blocks; a word for every 1,024 bytes of
// large ones. Not thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace freehold {

class BlockMap {
 public:
  // Blocks begin and end at multiples of this, in bytes: what malloc() gives.
  static constexpr std::size_t kGranule = 16;

  BlockMap() = default;
  // Over zeroed words, see bytes_for().
  explicit BlockMap(void* words) noexcept : words_(static_cast<Word*>(words)) {}
  // Bytes of the words for a segment: 1.6 % of it.
  [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t segment_bytes) noexcept {
    return (segment_bytes / kBytesPerWord + 1) * sizeof(Word);
  }

  explicit operator bool() const noexcept { return words_ != nullptr; }
  [[nodiscard]] void* words() const noexcept { return words_; }

  // A block begins at the offset `start` and ends at `end`, both multiples of kGranule, `start` below `end`.
  // No live block may lie in between.
  void begin(std::size_t start, std::size_t end) noexcept {
    const std::size_t first = start / kGranule;
    const std::size_t last = end / kGranule;
    const std::uint64_t opens = std::uint64_t{1} << (first % kBits);
    const std::uint64_t closes = std::uint64_t{1} << (last % kBits);
    Word& word = words_[first / kBits];
    if (first / kBits == last / kBits) [[likely]] {
      const std::uint64_t between = closes - (opens << 1);  // edges of what was given back
      word = {.edges = (word.edges & ~between) | opens | closes, .live = (word.live & ~between) | opens};
      return;
    }
    if (last - first > 1) clear(first + 1, last - 1);
    word.edges |= opens;
    word.live |= opens;
    words_[last / kBits].edges |= closes;
  }

  [[nodiscard]] bool is_live(std::size_t start) const noexcept {
    return start % kGranule == 0 && test(word(start / kGranule).live, start / kGranule);
  }

  // Where the block that begins at `start` ends.
  [[nodiscard]] std::size_t end_of(std::size_t start) const noexcept {
    const std::size_t after = start / kGranule + 1;
    std::size_t at = after / kBits;
    std::uint64_t left = words_[at].edges & (~std::uint64_t{0} << (after % kBits));
    while (left == 0) left = words_[++at].edges;
    return (at * kBits + static_cast<std::size_t>(std::countr_zero(left))) * kGranule;
  }

  // Where the last live block begins that begins before an offset; kNone when there is none.
  static constexpr std::size_t kNone = SIZE_MAX;
  [[nodiscard]] std::size_t last_before(std::size_t offset) const noexcept {
    std::size_t granule = (offset + kGranule - 1) / kGranule;
    while (granule > 0) {
      const std::size_t at = (granule - 1) / kBits;
      const std::uint64_t left = words_[at].live & (~std::uint64_t{0} >> (kBits - 1 - (granule - 1) % kBits));
      if (left != 0) {
        return (at * kBits + kBits - 1 - static_cast<std::size_t>(std::countl_zero(left))) * kGranule;
      }
      granule = at * kBits;
    }
    return kNone;
  }

  // The block at `start` is not live any more. Its edges stay.
  void end(std::size_t start) noexcept {
    const std::size_t granule = start / kGranule;
    words_[granule / kBits].live &= ~(std::uint64_t{1} << (granule % kBits));
  }

  // The live block at `start` ends at `end` from now on, where no other live one has begun before.
  void resize(std::size_t start, std::size_t end) noexcept { begin(start, end); }

  // Nothing in [start, end) is live: the memory was given back. (Edges stay: one at `start` may be the end of
  // the block before.)
  void forget(std::size_t start, std::size_t end) noexcept {
    const std::size_t last = end / kGranule;
    for (std::size_t granule = start / kGranule; granule <= last; granule = (granule / kBits + 1) * kBits) {
      std::uint64_t gone = ~std::uint64_t{0} << (granule % kBits);
      if (last / kBits == granule / kBits) gone &= ~std::uint64_t{0} >> (kBits - 1 - last % kBits);
      words_[granule / kBits].live &= ~gone;
    }
  }

  // Calls `visit(start, end)` for the live blocks that begin in [from, to), in order.
  template <class Visit>
  void each_live(std::size_t from, std::size_t to, Visit visit) const {
    std::size_t granule = from / kGranule;
    const std::size_t last = to / kGranule;
    while (granule < last) {
      const std::uint64_t left = words_[granule / kBits].live & (~std::uint64_t{0} << (granule % kBits));
      if (left == 0) {
        granule = (granule / kBits + 1) * kBits;
        continue;
      }
      granule = granule / kBits * kBits + static_cast<std::size_t>(std::countr_zero(left));
      if (granule < last) visit(granule * kGranule, end_of(granule * kGranule));
      ++granule;
    }
  }

 private:
  static constexpr std::size_t kBits = 64;
  static constexpr std::size_t kBytesPerWord = kBits * kGranule;

  struct Word {
    std::uint64_t edges;
    std::uint64_t live;
  };

  [[nodiscard]] const Word& word(std::size_t granule) const noexcept { return words_[granule / kBits]; }
  [[nodiscard]] static bool test(std::uint64_t bits, std::size_t granule) noexcept {
    return (bits >> (granule % kBits) & 1) != 0;
  }

  // Clears both bits of [first, last].
  void clear(std::size_t first, std::size_t last) noexcept {
    const std::size_t from = first / kBits;
    const std::size_t to = last / kBits;
    const std::uint64_t before = ~(~std::uint64_t{0} << (first % kBits));
    const std::uint64_t behind = last % kBits == kBits - 1 ? 0 : ~std::uint64_t{0} << (last % kBits + 1);
    if (from == to) return mask(words_[from], before | behind);
    mask(words_[from], before);
    if (to - from > 1) std::memset(&words_[from + 1], 0, (to - from - 1) * sizeof(Word));
    mask(words_[to], behind);
  }
  static void mask(Word& word, std::uint64_t bits) noexcept {
    word.edges &= bits;
    word.live &= bits;
  }

  Word* words_ = nullptr;
};

}  // namespace freehold
