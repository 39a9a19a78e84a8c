// Random programs over an arena, held against a model of what every operation must do. The choices come from
// whoever has some: a random generator, libFuzzer's input, or the list of choices that a failed program has
// printed.
#pragma once

#include <algorithm>
#include <vector>

#include "facade.h"
#include "failing_source.h"
#include "program.h"

namespace freehold::test {

template <class Choices>
class ArenaProgram : Program<Choices> {
 public:
  explicit ArenaProgram(Choices& choices) : Program<Choices>(choices), facade_(source_, options()) {}

  void run() {
    facade_.arena.set_limit(limit_);
    while (more()) {
      step();
      check(arena().check_invariants(), "the arena's tables agree");
      check(arena().peak() >= arena().used(), "the peak is not below what is used");
    }
    check_blocks(0);
    end_all();
    static_cast<void>(facade_.reset({.policy = Retain::Policy::none}, Arena::Keep::nothing));
    check(source_.all_returned(), "everything came back");
    check(source_.false_zeros == 0, "no chunk came back with a wrong claim of zeros");
  }

 private:
  using Program<Choices>::any_alignment;
  using Program<Choices>::any_size;
  using Program<Choices>::check;
  using Program<Choices>::more;
  using Program<Choices>::pick;

  struct Block {
    std::byte* begin;
    std::size_t size;
    std::uint64_t seed;
    bool sized = false;  // freed by its address
    bool live = true;    // false: its bytes may be taken, but nobody's
  };
  struct Marked {
    Arena::Mark mark;
    std::size_t blocks;  // of those that were there, so many are left
    std::size_t used;
    bool exact;  // none of them was given back since
  };

  [[nodiscard]] Arena& arena() { return facade_.arena; }

  ArenaOptions options() {
    limit_ = pick(0, 2) == 0 ? pick(0, 300'000) : SIZE_MAX;
    source_.can_split = pick(0, 7) > 0;
    const std::size_t initial = std::size_t{1024} << pick(0, 6);
    return {.initial_bytes = initial, .max_chunk_bytes = initial << pick(0, 3), .limit = 0};
  }

  void step() {
    switch (pick(0, 18)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return allocate(false);
      case 4:
      case 5:
        return allocate(true);
      case 6:
        return allocate_in_core();
      case 7:
        return free_last();
      case 8:
        return mark();
      case 9:
        return rewind();
      case 10:
        return rewind_to_nonsense();
      case 11:
        return reset();
      case 12:
        return reset_in_place();
      case 13:
        return trim();
      case 14:
        return set_limit();
      case 15:
        return allocate_sized();
      case 16:
        return free_sized();
      case 17:
        return reallocate_sized();
      default:
        return pick(0, 1) == 0 ? fail_soon() : facade_.close();
    }
  }

  void allocate(bool zero) {
    const std::size_t size = any_size();
    const std::size_t alignment = any_alignment();
    const Placement placement = pick(0, 3) == 0 ? Placement::current : Placement::any;
    const std::size_t used = arena().used();
    const std::size_t chunks = arena().chunks();
    const std::size_t refused = source_.refused;
    const auto [block, status] = facade_.allocate(size, alignment, zero, placement);
    if (block == nullptr)
      return check_refusal(status, size, std::max(alignment, std::size_t{8}), used, chunks, refused);
    if (zero) check(is_zero(block, size), "a zeroed block is zero");
    add(block, size, alignment, used);
  }

  void allocate_in_core() {
    const std::size_t size = any_size();
    const std::size_t alignment = any_alignment();
    const std::size_t used = arena().used();
    std::byte* block = facade_.allocate_in_core(size, alignment);
    if (block != nullptr) add(block, size, alignment, used);
  }

  // Blocks as C libraries have them.
  void allocate_sized() {
    const std::size_t size = any_size();
    const std::size_t alignment = any_alignment();
    const std::size_t used = arena().used();
    auto* block = static_cast<std::byte*>(arena().allocate_sized(size, alignment));
    if (!arena().is_ahead()) facade_.catch_up();
    if (block == nullptr) return;
    const std::size_t bytes = arena().sized_bytes(block);
    check(bytes >= size && bytes < std::max(size, std::size_t{1}) + 16, "a block has the size asked for");
    add(block, bytes, std::max(alignment, std::size_t{16}), used);
    blocks_.back().sized = true;
  }

  void free_sized() {
    if (blocks_.empty()) return;
    Block& block = blocks_[pick(0, blocks_.size() - 1)];
    const bool frees = block.sized && block.live;
    const std::size_t used = arena().used();
    check(arena().sized_bytes(block.begin) == (frees ? block.size : 0) || !block.sized,
          "a block has its size while it lives");
    if (!block.sized && block.size < 16) return;  // a block of its may begin at the same address
    if (!block.sized && arena().sized_bytes(block.begin) != 0) return;
    check(arena().free_sized(block.begin) == frees, "what is live can be freed, once");
    check(!arena().free_sized(block.begin), "and not again");
    check(arena().used() <= used, "a free takes no memory");
    if (!frees) return;
    block.live = false;
    // What was given back at the end may be another's next.
    if (arena().used() < used) forget(static_cast<std::size_t>(&block - blocks_.data()));
  }

  void reallocate_sized() {
    if (blocks_.empty()) return;
    const std::size_t index = pick(0, blocks_.size() - 1);
    const Block before = blocks_[index];
    if (!before.sized || !before.live) return;
    const std::size_t size = any_size();
    auto* moved = static_cast<std::byte*>(arena().reallocate_sized(before.begin, size));
    if (!arena().is_ahead()) facade_.catch_up();
    if (moved == nullptr) {
      check(arena().sized_bytes(before.begin) == before.size, "a block that cannot move is as it was");
      return;
    }
    const std::size_t bytes = arena().sized_bytes(moved);
    check(bytes >= size, "a block has the size asked for");
    check(is_filled(moved, std::min(bytes, before.size), before.seed), "a block that moves keeps its bytes");
    check(moved == before.begin || arena().sized_bytes(before.begin) == 0, "what has moved is freed");
    if (moved != before.begin) {
      blocks_[index].live = false;
      // It may have been the last of its segment, and be another's next.
      if (arena().segment_of(moved) != arena().segment_of(before.begin)) forget(index);
      add(moved, bytes, 16, arena().used() - bytes);
      blocks_.back().sized = true;
      return;
    }
    // Grown or shrunk in place: a mark since then, which sealed nothing, would cut it or finds less.
    std::erase_if(marks_, [&](const Marked& marked) { return marked.blocks > index; });
    for (Marked& marked : marks_) marked.exact = false;
    blocks_[index].size = bytes;
    fill(moved, bytes, before.seed);
  }

  // A block whose bytes were given back.
  void forget(std::size_t index) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(index));
    for (Marked& marked : marks_) {
      if (marked.blocks > index) --marked.blocks;
      marked.exact = false;
    }
  }

  void add(std::byte* block, std::size_t size, std::size_t alignment, std::size_t used) {
    check(is_aligned(block, alignment), "a block has its alignment");
    check(size == 0 || (arena().owns(block) && arena().owns(block + size - 1)), "a block lies in the arena");
    for (const Block& other : blocks_) {
      // One of no bytes may stand anywhere: what was before it can be given back, and be another's.
      check(size == 0 || other.size == 0 || block + size <= other.begin || other.begin + other.size <= block,
            "blocks do not overlap");
    }
    check(arena().used() >= used + size, "a block's bytes are used");
    check(arena().used() - used <= size + std::max(alignment, std::size_t{8}) - 1,
          "no more than its padding is used with it");
    check(arena().used() <= limit_, "no more than the limit is used");
    blocks_.push_back({block, size, ++seed_});
    fill(block, size, seed_);
  }

  void check_refusal(Status status, std::size_t size, std::size_t alignment, std::size_t used,
                     std::size_t chunks, std::size_t refused) {
    check(arena().used() == used && arena().chunks() == chunks, "a refusal changes nothing");
    const bool huge = size > (std::size_t{1} << 40);
    switch (status) {
      case Status::limit:
        return check(limit_ != SIZE_MAX && (huge || used + size + alignment > limit_),
                     "the limit refuses only above it");
      case Status::out_of_memory:
        return check(huge || source_.refused > refused, "there is memory unless the source has none");
      case Status::too_large:
        return check(huge, "only what no segment can hold is too large");
      case Status::ok:
      case Status::invalid:
      case Status::corrupt:
        break;
    }
    check(false, "no other status refuses a block");
  }

  void free_last() {
    if (blocks_.empty()) return;
    const Block last = blocks_.back();
    if (last.sized) return;  // JavaScript has no view of it
    const std::size_t used = arena().used();
    if (!facade_.free(last.begin, last.size)) return;
    check(arena().used() == used - last.size, "what is given back is not used");
    blocks_.pop_back();
    for (Marked& marked : marks_) {
      if (marked.blocks <= blocks_.size()) continue;
      marked.blocks = blocks_.size();
      marked.exact = false;
    }
    check_zeros();
  }

  void mark() {
    facade_.catch_up();
    marks_.push_back({arena().mark(), blocks_.size(), arena().used(), true});
    if (pick(0, 1) == 0) arena().seal();
  }

  void rewind() {
    if (marks_.empty()) return;
    marks_.resize(pick(1, marks_.size()));
    const Marked& marked = marks_.back();
    check_blocks(0);
    check(facade_.rewind(marked.mark) == Status::ok, "a mark of this epoch can be rewound to");
    check(arena().used() <= marked.used, "a rewind leaves no more than there was");
    check(!marked.exact || arena().used() == marked.used, "a rewind leaves what there was");
    blocks_.resize(marked.blocks);
    check_blocks(0);
    check_zeros();
  }

  void rewind_to_nonsense() {
    const std::size_t segments = arena().segments();
    const std::size_t used = arena().used();
    const Arena::Mark mark{
        .segments = segments + 1 + pick(0, 3), .current = pick(0, 4), .cursor = pick(0, 10'000)};
    check(facade_.rewind(mark) == Status::invalid, "a mark of segments that are not there is invalid");
    check(arena().used() == used && arena().segments() == segments, "an invalid mark changes nothing");
  }

  void reset() {
    const Retain retain{.policy = static_cast<Retain::Policy>(pick(0, 3)), .bytes = pick(0, 100'000)};
    const Arena::Keep keep = pick(0, 3) == 0 ? Arena::Keep::nothing : Arena::Keep::chunk;
    check_blocks(0);
    const bool kept = facade_.reset(retain, keep);
    end_all();
    check(arena().segments() == (kept ? 1U : 0U) && source_.chunks_out == (kept ? 1U : 0U),
          "a reset keeps one chunk or none");
    check(!kept || (keep == Arena::Keep::chunk && retain.policy != Retain::Policy::none),
          "a reset keeps what it may");
    check(!kept || retain.policy != Retain::Policy::bytes ||
              arena().reserved() <= std::max(retain.bytes, kMinChunkBytes),
          "a reset keeps no more than it may");
  }

  void reset_in_place() {
    check_blocks(0);
    if (facade_.reset_in_place()) end_all();
  }

  void end_all() {
    blocks_.clear();
    marks_.clear();
    check_zeros();
  }

  void trim() {
    facade_.catch_up();
    static_cast<void>(arena().trim());
    check_blocks(0);
    check_zeros();
  }

  void set_limit() {
    facade_.catch_up();
    limit_ = pick(0, 2) == 0 ? SIZE_MAX : arena().used() + pick(0, 50'000);
    arena().set_limit(limit_);
  }

  void fail_soon() {
    source_.fail_at = source_.requests + pick(0, 2);
    source_.fail_from_there = pick(0, 3) == 0;
    allocate(false);
    if (pick(0, 1) == 0) allocate(false);
    source_.fail_from_there = false;
  }

  void check_blocks(std::size_t from) {
    for (std::size_t i = from; i < blocks_.size(); ++i) {
      check(is_filled(blocks_[i].begin, blocks_[i].size, blocks_[i].seed), "a block keeps its bytes");
    }
  }

  void check_zeros() { check(facade_.zero_claims_hold(), "what is claimed to be zero is"); }

  FailingSource source_;
  std::size_t limit_ = SIZE_MAX;
  Facade facade_;
  std::vector<Block> blocks_;
  std::vector<Marked> marks_;
  std::uint64_t seed_ = 0;
};

}  // namespace freehold::test
