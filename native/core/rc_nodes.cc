#include "rc_nodes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "checked.h"

namespace freehold {
namespace {

constexpr std::size_t kGroup = std::size_t{1} << kRcGroupShift;
constexpr std::size_t kMinNodes = 256;
constexpr std::size_t kMinGroups = 16;

}  // namespace

RcNodes::RcNodes(ChunkSource& source, RcControl& control) noexcept : source_(source), control_(control) {}

RcNodes::~RcNodes() {
  for (std::size_t number = 0; number < slab_count_; ++number) {
    Chunk chunk = slabs_[number].chunk;
    if (!chunk) continue;
    chunk.dirty = chunk.size;
    source_.give(chunk);
  }
  if (nodes_ != nullptr) source_.give_table(nodes_);
  if (groups_ != nullptr) source_.give_table(groups_);
  if (slabs_ != nullptr) source_.give_record(slabs_);
}

void RcNodes::recycle_weak(std::int32_t index) noexcept {
  RcNode& node = nodes_[index];
  const std::int32_t generation = rc_generation(node.word) + 1;
  node.word = generation << RcWord::kGenerationShift;
  if (generation < RcWord::kMaxGeneration) return push(index);
  ++retired_;
}

std::byte* RcNodes::address(std::int32_t index) const noexcept {
  const Slab& slab = slabs_[(groups_[index >> kRcGroupShift] >> kRcClassBits) - 1];
  if (!slab.chunk) return nullptr;
  return slab.chunk.base + (static_cast<std::uint32_t>(index) - slab.first) * class_bytes(slab.size_class);
}

std::size_t RcNodes::slab_nodes(std::size_t size_class) noexcept {
  if (size_class == kRcExternal) return kGroup;
  return std::max(kGroup, std::bit_floor(kSlabBytes / class_bytes(size_class)));
}

std::uint32_t& RcNodes::vacant(std::size_t count) noexcept {
  return vacant_[static_cast<std::size_t>(std::countr_zero(count)) - kRcGroupShift];
}

bool RcNodes::grow(std::size_t size_class) noexcept {
  const std::size_t count = slab_nodes(size_class);
  const bool again = vacant(count) != 0;
  const std::size_t number = again ? vacant(count) - 1 : slab_count_;
  const std::size_t first =
      again ? slabs_[number].first : static_cast<std::size_t>(std::max(control_.limit_of_nodes, kRcFirst));
  if (first + count > kRcMaxNodes || !reserve_slab()) return false;
  Chunk chunk;
  if (size_class != kRcExternal) {
    const std::size_t bytes = count * class_bytes(size_class);
    chunk = source_.take(bytes, bytes);
    if (!chunk) return false;
  }
  // Last, because whoever shares the tables must hear that they have moved.
  if (!reserve_nodes(first + count) || !reserve_groups((first + count) / kGroup)) {
    if (chunk) source_.give(chunk);
    return false;
  }
  if (again) vacant(count) = slabs_[number].next_vacant;
  slabs_[number] = {.chunk = chunk,
                    .first = static_cast<std::uint32_t>(first),
                    .count = static_cast<std::uint32_t>(count),
                    .size_class = static_cast<std::uint32_t>(size_class),
                    .held = true};
  newest_slab_ = number;
  slab_count_ = std::max(slab_count_, number + 1);
  reserved_ += chunk.size;
  control_.limit_of_nodes = std::max(control_.limit_of_nodes, static_cast<std::int32_t>(first + count));
  push_nodes(number);
  return true;
}

// The first of them comes out first.
void RcNodes::push_nodes(std::size_t number) noexcept {
  const Slab& slab = slabs_[number];
  const auto word =
      static_cast<std::int32_t>((number + 1) << kRcClassBits | static_cast<std::size_t>(slab.size_class));
  std::fill_n(groups_ + slab.first / kGroup, slab.count / kGroup, word);
  std::int32_t& head = control_.free[slab.size_class];
  for (auto index = static_cast<std::int32_t>(slab.first + slab.count);
       index-- > static_cast<std::int32_t>(slab.first);) {
    if (rc_retired(nodes_[index].word)) continue;
    nodes_[index].link = head;
    head = index;
  }
}

bool RcNodes::reserve_slab() noexcept {
  if (slab_count_ < slab_room_) return true;
  const std::size_t room = std::max<std::size_t>(8, slab_room_ * 2);
  auto* grown = static_cast<Slab*>(source_.take_record(room * sizeof(Slab)));
  if (grown == nullptr) return false;
  for (std::size_t number = 0; number < room; ++number) {
    new (grown + number) Slab(number < slab_count_ ? slabs_[number] : Slab{});
  }
  if (slabs_ != nullptr) source_.give_record(slabs_);
  slabs_ = grown;
  slab_room_ = room;
  return true;
}

bool RcNodes::reserve_nodes(std::size_t count) noexcept {
  if (count <= room_) return true;
  const std::size_t room = std::min(std::max({count, room_ * 2, kMinNodes}), kRcMaxNodes);
  auto* moved = static_cast<RcNode*>(source_.take_table(room * sizeof(RcNode)));
  if (moved == nullptr) return false;
  if (nodes_ != nullptr) {
    std::memcpy(moved, nodes_, static_cast<std::size_t>(control_.limit_of_nodes) * sizeof(RcNode));
    source_.give_table(nodes_);
  } else {
    // The ring of candidates is empty.
    moved[kRcSentinel].link = moved[kRcSentinel].scratch = kRcSentinel;
    control_.limit_of_nodes = kRcFirst;
  }
  nodes_ = moved;
  room_ = room;
  ++control_.nodes_epoch;
  return true;
}

bool RcNodes::reserve_groups(std::size_t count) noexcept {
  if (count <= group_room_) return true;
  const std::size_t room = std::max({count, group_room_ * 2, kMinGroups});
  auto* moved = static_cast<std::int32_t*>(source_.take_table(room * sizeof(std::int32_t)));
  if (moved == nullptr) return false;
  if (groups_ != nullptr) {
    std::memcpy(moved, groups_, group_room_ * sizeof(std::int32_t));
    source_.give_table(groups_);
  }
  groups_ = moved;
  group_room_ = room;
  ++control_.groups_epoch;
  return true;
}

bool RcNodes::slab_empty(const Slab& slab) const noexcept {
  if (!slab.held) return false;
  const RcNode* begin = nodes_ + slab.first;
  return std::all_of(begin, begin + slab.count, [](const RcNode& node) { return rc_unused(node.word); });
}

void RcNodes::drop_slab(std::size_t number, RcEdges& edges) noexcept {
  Slab& slab = slabs_[number];
  std::fill_n(groups_ + slab.first / kGroup, slab.count / kGroup, 0);
  bool useful = false;
  for (RcNode* node = nodes_ + slab.first; node < nodes_ + slab.first + slab.count; ++node) {
    if (node->refs != 0) edges.give(node->refs);
    node->refs = 0;
    useful = useful || !rc_retired(node->word);
  }
  reserved_ -= slab.chunk.size;
  if (slab.chunk) {
    slab.chunk.dirty = slab.chunk.size;
    source_.give(slab.chunk);
  }
  slab.chunk = {};
  slab.held = false;
  if (!useful) return;  // its indices are used up
  slab.next_vacant = vacant(slab.count);
  vacant(slab.count) = static_cast<std::uint32_t>(number + 1);
}

// Takes the nodes of slabs that are gone out of the free ones; the others keep their order.
void RcNodes::forget_absent(std::size_t size_class) noexcept {
  std::int32_t* place = &control_.free[size_class];
  for (std::int32_t index = *place; index != 0;) {
    const std::int32_t next = nodes_[index].link;
    if (groups_[index >> kRcGroupShift] == 0) {
      nodes_[index].link = 0;
    } else {
      *place = index;
      place = &nodes_[index].link;
    }
    index = next;
  }
  *place = 0;
}

std::size_t RcNodes::trim(RcEdges& edges) noexcept {
  const std::size_t before = reserved_;
  std::array<bool, kRcClasses> touched{};
  for (std::size_t number = 0; number < slab_count_; ++number) {
    if (!slab_empty(slabs_[number])) continue;
    touched[slabs_[number].size_class] = true;
    drop_slab(number, edges);
  }
  for (std::size_t size_class = 0; size_class < kRcClasses; ++size_class) {
    if (touched[size_class]) forget_absent(size_class);
  }
  return before - reserved_;
}

bool RcNodes::check_invariants() const noexcept {
  std::size_t reserved = 0;
  std::size_t unused = 0;
  std::size_t retired = 0;
  for (std::size_t number = 0; number < slab_count_; ++number) {
    const Slab& slab = slabs_[number];
    reserved += slab.chunk.size;
    const auto word = static_cast<std::int32_t>((number + 1) << kRcClassBits | slab.size_class);
    for (std::size_t index = slab.first; index < slab.first + slab.count; ++index) {
      const RcNode& node = nodes_[index];
      if (groups_[index / kGroup] != (slab.held ? word : 0)) return false;
      if (!slab.held && !rc_unused(node.word)) return false;
      if (rc_retired(node.word)) ++retired;
      if (slab.held && rc_unused(node.word) && !rc_retired(node.word)) ++unused;
    }
  }
  std::size_t free = 0;
  for (std::size_t size_class = 0; size_class < kRcClasses; ++size_class) {
    for (std::int32_t index = control_.free[size_class]; index != 0; index = nodes_[index].link) {
      const RcNode& node = nodes_[index];
      if (++free > unused || !rc_unused(node.word) || class_of_node(index) != size_class) return false;
      if (node.handles != 0 || node.edges != 0) return false;
    }
  }
  return free == unused && retired == retired_ && reserved == reserved_;
}

}  // namespace freehold
