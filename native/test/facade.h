// What lib/arena.ts does with the control block, in C++: blocks are cut, zeroed and given back by moving
// words, and the core is asked for what the words do not allow.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "arena.h"
#include "memory.h"

namespace freehold::test {

class Facade {
 public:
  ArenaControl control{};
  Arena arena;

  Facade(ChunkSource& source, const ArenaOptions& options) : arena(source, control, options) {}

  struct Made {
    std::byte* block = nullptr;
    Status status = Status::ok;
  };

  // A block; with `zero` it was cleared as far as its bytes are not claimed to be zero.
  Made allocate(std::size_t size, std::size_t alignment, bool zero, Placement placement = Placement::any) {
    alignment = std::max(alignment, std::size_t{8});
    std::size_t start = place(alignment);
    if (control.cursor == kAheadCursor) {
      catch_up();
      start = place(alignment);
    }
    if (control.end < 0 || start > word(control.end) || size > word(control.end) - start) {
      const Arena::Refill made = arena.refill(size, alignment, placement);
      if (made.status != Status::ok) return {nullptr, made.status};
      note_segments();
      if (made.dedicated) return {alone(size, zero)};
      start = place(alignment);
    }
    if (zero && start + size > word(control.zeroed)) zero_ahead(start, start + size);
    control.cursor = to_word(start + size);
    return {base() + start};
  }

  // A block that the core cuts, without the facade. When the arena is shared it may go ahead.
  std::byte* allocate_in_core(std::size_t size, std::size_t alignment) {
    auto* block = static_cast<std::byte*>(arena.allocate(size, alignment));
    if (!arena.is_ahead()) note_segments();
    return block;
  }

  // Before anything but the fast path: the segments that native code has opened are looked at.
  void catch_up() {
    arena.catch_up();
    while (bases_.size() < arena.segments()) bases_.push_back(arena.extent(bases_.size()).base);
  }

  // Gives the bytes of the last block back; whether it was the last.
  bool free(const std::byte* block, std::size_t size) {
    catch_up();
    if (size == 0 || control.end < 0 || base() == nullptr || block < base() ||
        block + size != base() + control.cursor) {
      return false;
    }
    give_back(static_cast<std::size_t>(block - base()));
    return true;
  }

  Status rewind(const Arena::Mark& mark) {
    catch_up();
    const Status status = arena.rewind(mark);
    if (status == Status::ok) bases_.resize(arena.segments());
    return status;
  }

  bool reset(Retain retain, Arena::Keep keep) {
    catch_up();
    const bool kept = arena.reset(retain, keep);
    bases_.resize(arena.segments());
    return kept;
  }

  // A reset without the core; false where it must be asked.
  bool reset_in_place() {
    if (control.native != 0) return false;
    if (arena.segments() != 1 || base() == nullptr || control.sealed != 0) return false;
    give_back(0);
    return true;
  }

  // The memory of the current segment is in other hands: no further block is cut from it.
  void close() {
    catch_up();
    control.end = kNoRoom;
    control.sealed = 0;
  }

  // Where the current segment begins.
  [[nodiscard]] std::byte* base() const {
    const std::size_t current = arena.mark().current;
    return current == Arena::kNoSegment ? nullptr : bases_[current];
  }

  // Whether every byte of the current segment that the words claim to be zero is.
  [[nodiscard]] bool zero_claims_hold() const {
    if (arena.is_ahead() || base() == nullptr) return true;
    const std::size_t cursor = word(control.cursor);
    const std::size_t zeroed = std::max(cursor, word(control.zeroed));
    const std::size_t clean = std::max(zeroed, word(control.dirty));
    return is_zero(base() + cursor, zeroed - cursor) &&
           is_zero(base() + clean, word(control.capacity) - clean);
  }

 private:
  [[nodiscard]] static std::size_t word(std::int32_t value) { return static_cast<std::size_t>(value); }

  [[nodiscard]] std::size_t place(std::size_t alignment) const {
    return word(control.cursor) + padding_to(word(control.bias) + word(control.cursor), alignment);
  }

  void note_segments() {
    if (arena.segments() > bases_.size()) bases_.push_back(arena.newest_base());
  }

  std::byte* alone(std::size_t size, bool zero) {
    const std::size_t placed = word(control.placed);
    const std::size_t dirty = word(control.placed_dirty);
    std::byte* block = arena.newest_base() + placed;
    if (zero && dirty > placed) std::memset(block, 0, std::min(dirty - placed, size));
    return block;
  }

  // Some more than is needed, so that the next blocks need no call.
  void zero_ahead(std::size_t start, std::size_t end) {
    constexpr std::size_t kAhead = 4096;
    const std::size_t dirty = word(control.dirty);
    const std::size_t from = std::max(start, word(control.zeroed));
    const std::size_t to = std::min(std::max(end, start + kAhead), dirty);
    if (from < to) std::memset(base() + from, 0, to - from);
    control.zeroed = to >= dirty || from >= dirty ? control.capacity : to_word(to);
  }

  void give_back(std::size_t cursor) {
    control.dirty = std::max(control.dirty, control.cursor);
    control.peak = std::max(control.peak, control.cursor);
    control.zeroed = 0;
    control.cursor = to_word(cursor);
  }

  std::vector<std::byte*> bases_;  // of every segment
};

}  // namespace freehold::test
