// Random programs over a reference-counted heap, held against a model that knows what can be reached: that
// must live and have its counts; after a collection that nothing has interrupted, nothing else may. The
// collector runs in steps of random size between the operations, with whatever mutations come.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "poisoning_source.h"
#include "program.h"
#include "rc_heap.h"

namespace freehold::test {

template <class Choices>
class RcProgram : Program<Choices> {
 public:
  // Looks at everything after each so many operations.
  RcProgram(Choices& choices, std::size_t check_every)
      : Program<Choices>(choices), check_every_(check_every), heap_(std::in_place, source_, control_) {}

  void run() {
    std::size_t operations = 0;
    while (more()) {
      step();
      if (++operations % check_every_ == 0) check_all();
    }
    finish();
    heap_.reset();
    check(source_.all_returned(), "everything came back");
  }

 private:
  using Program<Choices>::check;
  using Program<Choices>::more;
  using Program<Choices>::pick;

  struct Block {
    std::size_t handles = 1;
    std::vector<RcIndex> slots;
    std::int32_t generation = -1;  // that a weak handle has
    bool notify = false;
    bool reached = false;
  };

  [[nodiscard]] RcHeap& heap() { return *heap_; }

  void step() {
    switch (pick(0, 19)) {
      case 0:
      case 1:
      case 2:
        return allocate();
      case 3:
        return retain();
      case 4:
      case 5:
      case 6:
        return release();
      case 7:
      case 8:
      case 9:
        return set_ref();
      case 10:
        return move_ref();
      case 11:
        return reserve_refs();
      case 12:
        return weaken();
      case 13:
        return upgrade();
      case 14:
        return hear();
      case 15:
      case 16:
      case 17:
        return step_collector();
      case 18:
        return collect();
      default:
        return rarely();
    }
  }

  void rarely() {
    switch (pick(0, 4)) {
      case 0:
        static_cast<void>(heap().trim());
        return;
      case 1:
        return heap().set_limit(pick(0, 1) == 0 ? SIZE_MAX : pick(0, 200'000));
      case 2:
        source_.fail_at = source_.requests + pick(0, 3);
        return;
      case 3:
        return age();
      default:
        return nonsense();
    }
  }

  // --- operations on what can be reached

  void allocate() {
    if (blocks_.size() > 80) return;
    const std::size_t slots = pick(0, 7) == 0 ? pick(0, 40) : pick(0, 4);
    const std::size_t bytes = pick(0, 3) == 0 ? pick(1025, 5000) : pick(513, 1024);
    const bool external = pick(0, 9) == 0;
    RcIndex index = kNoRc;
    const std::size_t refused = source_.refused;
    const RcStatus status =
        external ? heap().allocate_external(slots, index) : heap().allocate(bytes, slots, index);
    if (status == RcStatus::no_memory) return check(source_.refused > refused, "no memory has a reason");
    if (status == RcStatus::limit) {
      const std::size_t size = class_bytes(class_of(bytes));
      return check(size > heap().limit() || heap().live_bytes() > heap().limit() - size,
                   "the limit is refused where it is reached");
    }
    check(status == RcStatus::ok && index != kNoRc, "a block is allocated");
    if (const auto old = blocks_.find(index); old != blocks_.end()) {
      mark();
      check(!old->second.reached, "what can be reached is not handed out again");
      check(!old->second.notify, "nor what its owner has not heard of");
      blocks_.erase(old);
    }
    check(heap().ref_slots(index) >= slots, "it has its slots");
    check(external == (heap().address(index) == nullptr), "and memory, unless that is not here");
    Block block;
    block.slots.resize(heap().ref_slots(index));
    block.notify = external;
    for (std::size_t slot = 0; slot < block.slots.size(); ++slot) {
      check(heap().get_ref(index, slot) == kNoRc, "its slots are empty");
    }
    blocks_[index] = std::move(block);
  }

  void retain() {
    const RcIndex index = any();
    if (index == kNoRc) return;
    check(heap().retain(index) == RcStatus::ok, "what can be reached can be retained");
    ++blocks_[index].handles;
  }

  void release() {
    const RcIndex index = any();
    if (index == kNoRc) return;
    Block& block = blocks_[index];
    const RcStatus expected = block.handles == 0 ? RcStatus::no_handle : RcStatus::ok;
    check(heap().release(index) == expected, "a handle is released if there is one");
    if (block.handles > 0) --block.handles;
    bury();
  }

  void set_ref() {
    const RcIndex from = any();
    if (from == kNoRc || blocks_[from].slots.empty()) return;
    const RcIndex to = pick(0, 3) == 0 ? kNoRc : any();
    const std::size_t slot = pick(0, blocks_[from].slots.size() - 1);
    check(heap().set_ref(from, slot, to) == RcStatus::ok, "a slot is set");
    blocks_[from].slots[slot] = to;
    bury();
  }

  void move_ref() {
    const RcIndex from = any();
    if (from == kNoRc || blocks_[from].slots.empty()) return;
    const RcIndex to = any();
    const std::size_t slot = pick(0, blocks_[from].slots.size() - 1);
    const bool held = blocks_[to].handles > 0;
    check(heap().move_ref(from, slot, to) == (held ? RcStatus::ok : RcStatus::no_handle),
          "a handle that there is can be moved");
    if (!held) return;
    --blocks_[to].handles;
    blocks_[from].slots[slot] = to;
    bury();
  }

  void reserve_refs() {
    const RcIndex index = any();
    if (index == kNoRc) return;
    const std::size_t slots = pick(0, 30);
    const std::size_t refused = source_.refused;
    const RcStatus status = heap().reserve_refs(index, slots);
    if (status == RcStatus::no_memory) return check(source_.refused > refused, "no memory has a reason");
    check(status == RcStatus::ok && heap().ref_slots(index) >= slots, "a block gets more slots");
    blocks_[index].slots.resize(heap().ref_slots(index));
  }

  void weaken() {
    const RcIndex index = any();
    if (index == kNoRc) return;
    Block& block = blocks_[index];
    const std::int32_t generation = heap().weak_of(index);
    check(generation >= 0 && (block.generation < 0 || block.generation == generation),
          "a life has one generation");
    block.generation = generation;
    const auto weak = std::make_pair(index, generation);
    if (std::find(weak_.begin(), weak_.end(), weak) == weak_.end()) weak_.push_back(weak);
  }

  // Garbage that was not found yet can be had back.
  void upgrade() {
    if (weak_.empty()) return;
    const std::size_t which = pick(0, weak_.size() - 1);
    const auto [index, generation] = weak_[which];
    const auto block = blocks_.find(index);
    const bool same = block != blocks_.end() && block->second.generation == generation;
    const bool lives = same && heap().is_live(index);
    check(heap().upgrade(index, generation) == (lives ? RcStatus::ok : RcStatus::not_live),
          "a weak handle is good as long as its block lives");
    if (lives) {
      ++block->second.handles;
    } else {
      weak_.erase(weak_.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }

  // As if the slot of a block had had as many lives as that. (No weak handle knows of it yet.)
  void age() {
    const RcIndex index = any();
    if (index == kNoRc || blocks_[index].generation >= 0) return;
    std::int32_t& word = heap().nodes()[static_cast<std::int32_t>(index)].word;
    const auto younger = static_cast<std::int32_t>(pick(1, 2));
    word = (word & ~RcWord::kGenerations) | (RcWord::kMaxGeneration - younger) << RcWord::kGenerationShift;
    std::erase_if(weak_, [&](const auto& weak) { return weak.first == index; });
  }

  void hear() {
    if (pick(0, 1) == 0) {
      const RcIndex index = any();
      if (index == kNoRc) return;
      const bool notify = pick(0, 1) == 0;
      check(heap().set_notify(index, notify) == RcStatus::ok, "an owner may want to hear");
      blocks_[index].notify = notify;
      return;
    }
    bury();
    const RcIndex index = heap().next_disposed();
    if (index == kNoRc) return;
    const auto heard = std::find(unheard_.begin(), unheard_.end(), index);
    check(heard != unheard_.end(), "an owner hears of a death once");
    unheard_.erase(heard);
  }

  void nonsense() {
    const RcIndex index{static_cast<std::uint32_t>(pick(0, 1) == 0 ? pick(0, 300) : pick(0, UINT32_MAX))};
    bury();
    if (blocks_.contains(index)) return;
    check(!heap().is_live(index) && heap().retain(index) == RcStatus::not_live &&
              heap().release(index) == RcStatus::not_live && heap().weak_of(index) == -1,
          "what was not handed out does not live");
  }

  // --- collections

  void step_collector() {
    static_cast<void>(heap().collector().step(pick(0, 1) == 0 ? pick(1, 4) : pick(1, 100)));
    bury();
  }

  void collect() {
    const bool idle = heap().collector().phase() == RcPhase::idle;
    check(heap().collector().collect(0), "a collection without a deadline comes to its end");
    if (!idle && pick(0, 1) == 0) return check_all();
    // What an interrupted one has missed, the next one finds.
    if (!idle) check(heap().collector().collect(0), "and so does the next");
    check_all();
    check(reached_ == blocks_.size(), "what cannot be reached was freed");
    // Those of an interrupted collection are looked at once more.
    for (int again = 0; again < 2; ++again) static_cast<void>(heap().collector().collect(0));
    check(heap().control().candidates == 0, "no candidate is left");
  }

  void finish() {
    for (auto& [index, block] : blocks_) {
      for (; block.handles > 0 && heap().is_live(index); --block.handles) {
        check(heap().release(index) == RcStatus::ok, "the last handles are released");
      }
    }
    collect();
    heap().collector().collect_all();
    bury();
    check(blocks_.empty() && heap().live_blocks() == 0 && heap().live_bytes() == 0, "nothing is left");
    while (!unheard_.empty()) {
      const RcIndex index = heap().next_disposed();
      check(std::erase(unheard_, index) == 1, "an owner hears of every death");
    }
    check(heap().next_disposed() == kNoRc, "and of no other");
    static_cast<void>(heap().trim());
    check(heap().reserved() == 0, "all slabs can be given back");
    check(heap().check_invariants(memory_), "and the tables agree");
  }

  // --- the model

  // A block that can be reached: of those that have a handle, and some way along their references.
  RcIndex any() {
    std::vector<RcIndex> held;
    for (const auto& [index, block] : blocks_) {
      if (block.handles > 0) held.push_back(index);
    }
    if (held.empty()) return kNoRc;
    RcIndex index = held[pick(0, held.size() - 1)];
    for (std::size_t steps = pick(0, 3); steps > 0; --steps) {
      const Block& block = blocks_[index];
      if (block.slots.empty()) break;
      const std::size_t slot = pick(0, block.slots.size() - 1);
      check(heap().get_ref(index, slot) == block.slots[slot], "a slot refers to what it was set to");
      if (block.slots[slot] == kNoRc) break;
      index = block.slots[slot];
    }
    return index;
  }

  // What can be reached from the handles.
  void mark() {
    std::vector<RcIndex> work;
    reached_ = 0;
    for (auto& [index, block] : blocks_) {
      block.reached = block.handles > 0;
      if (block.reached) work.push_back(index);
    }
    for (; !work.empty(); ++reached_) {
      const RcIndex index = work.back();
      work.pop_back();
      for (const RcIndex to : blocks_[index].slots) {
        if (to == kNoRc || blocks_[to].reached) continue;
        blocks_[to].reached = true;
        work.push_back(to);
      }
    }
  }

  // Forgets what has died, which nothing may lead to.
  void bury() {
    mark();
    for (auto place = blocks_.begin(); place != blocks_.end();) {
      if (heap().is_live(place->first)) {
        ++place;
        continue;
      }
      check(!place->second.reached, "what can be reached lives");
      if (place->second.notify) unheard_.push_back(place->first);
      place = blocks_.erase(place);
    }
  }

  void check_all() {
    bury();
    check(heap().check_invariants(memory_), "the tables agree");
    std::map<RcIndex, std::size_t> edges;
    for (const auto& [index, block] : blocks_) {
      for (const RcIndex to : block.slots) ++edges[to];
    }
    for (const auto& [index, block] : blocks_) {
      if (!block.reached) continue;
      check(heap().handles(index) == block.handles, "a block has the handles it was given");
      check(heap().edges(index) >= 1 || block.handles > 0, "or edges");
      if (heap().collector().phase() != RcPhase::free) {
        check(heap().edges(index) == edges[index], "as many as slots refer to it");
      }
    }
  }

  std::size_t check_every_;
  PoisoningSource source_;
  PageChunks memory_;
  RcControl control_{};
  std::optional<RcHeap> heap_;
  std::map<RcIndex, Block> blocks_;
  std::vector<std::pair<RcIndex, std::int32_t>> weak_;
  std::vector<RcIndex> unheard_;
  std::size_t reached_ = 0;
};

}  // namespace freehold::test
