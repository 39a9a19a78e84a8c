#include "guarded_heap.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "checked.h"
#include "fault_report.h"
#include "pages.h"

namespace freehold {
namespace {

using State = GuardedBlock::State;

// Mappings of all guarded blocks of the process: the one thing that heaps of several threads compete for.
std::atomic<std::size_t> mappings_taken{0};

void fill_slack(const GuardedBlock& block) noexcept {
  const auto before = static_cast<std::size_t>(block.begin - block.body);
  std::memset(block.body, static_cast<int>(GuardedHeap::kCanary), before);
  std::memset(block.begin + block.size, static_cast<int>(GuardedHeap::kCanary),
              block.body_bytes - before - block.size);
}

// The whole territory is mapped anew, so that its page of page tables is the system's again, too. Where that
// is refused the body alone is made inaccessible, which needs no mapping.
void make_inaccessible(const GuardedBlock& block) noexcept {
  if (block.body_bytes == 0 || pages::decommit(block.territory, block.territory_bytes)) return;
  static_cast<void>(pages::discard(block.body, block.body_bytes));
  static_cast<void>(pages::protect(block.body, block.body_bytes, pages::Access::none));
}

std::optional<std::ptrdiff_t> first_damage(const GuardedBlock& block) noexcept {
  if (block.body_bytes == 0) return std::nullopt;
  const auto is_damaged = [](std::byte byte) { return byte != GuardedHeap::kCanary; };
  const std::byte* damaged = std::find_if(block.body, block.begin, is_damaged);
  if (damaged != block.begin) return damaged - block.begin;
  const std::byte* end = block.body + block.body_bytes;
  damaged = std::find_if(block.begin + block.size, block.body + block.body_bytes, is_damaged);
  return damaged == end ? std::nullopt : std::optional(damaged - block.begin);
}

}  // namespace

GuardedHeap::GuardedHeap(const GuardedOptions& options) noexcept
    : slots_(options.slots),
      quarantine_limit_(options.quarantine_bytes),
      max_mappings_(options.max_mappings > 0 ? options.max_mappings : pages::max_mappings() / 2),
      page_(pages::page_size()) {
  if (fixed()) reserve_slots(options.slots);
  FaultRegistry::add(*this);
}

GuardedHeap::~GuardedHeap() {
  FaultRegistry::remove(*this);
  const std::size_t count = count_.load(std::memory_order_relaxed);
  for (std::size_t index = 0; index < count; ++index) {
    const GuardedBlock& block = *blocks_.find(index);
    const State state = block.state.load(std::memory_order_relaxed);
    if (state == State::none) continue;
    release_mappings(state == State::live ? kLiveMappings : fixed() ? 0 : kFreedMappings);
    if (!fixed()) pages::unmap(block.territory, block.territory_bytes);
  }
  if (fixed_ != nullptr && !keep_fixed_) pages::unmap(fixed_, fixed_bytes_);
  for (std::size_t site = 0; site < named_; ++site) {
    if (const auto* name = sites_.find(site)) std::free(name->load(std::memory_order_relaxed));
  }
}

// All that a fixed heap will ever have: territories side by side, each with guards of its own.
void GuardedHeap::reserve_slots(std::size_t slots) noexcept {
  const std::size_t territory = 2 * kGuardBytes + page_;
  if (slots > StableTable<GuardedBlock>::kMaxEntries) return;
  auto* reserved = static_cast<std::byte*>(pages::reserve(slots * territory));
  if (reserved == nullptr) return;
  fixed_ = reserved;
  fixed_bytes_ = slots * territory;
  reserved_ = fixed_bytes_;
  for (std::size_t index = 0; index < slots; ++index) {
    GuardedBlock* block = blocks_.make(index);
    if (block == nullptr) break;
    set_territory(*block, reserved + index * territory, territory);
    count_.store(index + 1, std::memory_order_release);
    wait(GuardedIndex{static_cast<std::uint32_t>(index)});
  }
}

GuardedIndex GuardedHeap::take(const GuardedRequest& request) noexcept {
  const auto [size, alignment, edge, site, label] = request;
  std::size_t body_bytes = 0;
  GuardedIndex index = kNoGuarded;
  if (is_power_of_two(alignment) && checked_round_up(std::max<std::size_t>(size, 1), page_, body_bytes))
    index = open(body_bytes, alignment);
  if (index == kNoGuarded) {
    ++refused_;
    return kNoGuarded;
  }
  GuardedBlock& block = at(index);
  block.edge = edge;
  block.allocated_at = site;
  block.size = size;
  block.body = block.territory + kGuardBytes;
  block.body += padding_to(reinterpret_cast<std::uintptr_t>(block.body), std::max(alignment, page_));
  block.begin = block.body + (edge == Edge::rear ? round_down(body_bytes - size, alignment) : 0);
  block.body_bytes = size == 0 ? 0 : body_bytes;
  if (block.body_bytes > 0) {
    if (!pages::commit(block.body, block.body_bytes)) {
      ++refused_;
      close(index);
      return kNoGuarded;
    }
    fill_slack(block);
  }
  const std::size_t length = label.copy(block.label.data(), block.label.size() - 1);
  block.label[length] = '\0';
  block.next = kNoGuarded;
  block.state.store(State::live, std::memory_order_release);
  ++live_;
  mapped_ += block.body_bytes;
  return index;
}

GuardedIndex GuardedHeap::open(std::size_t body_bytes, std::size_t alignment) noexcept {
  if (fixed() && (body_bytes > page_ || alignment > page_ || waiting_ == kNoGuarded)) return kNoGuarded;
  if (!claim_mappings()) return kNoGuarded;
  const GuardedIndex opened = fixed() ? next_waiting() : open_grown(body_bytes, alignment);
  if (opened == kNoGuarded) release_mappings(kLiveMappings);
  return opened;
}

GuardedIndex GuardedHeap::open_grown(std::size_t body_bytes, std::size_t alignment) noexcept {
  const std::size_t count = count_.load(std::memory_order_relaxed);
  const GuardedIndex index = free_ != kNoGuarded ? free_ : GuardedIndex{static_cast<std::uint32_t>(count)};
  GuardedBlock* block = blocks_.make(static_cast<std::size_t>(index));
  std::size_t bytes = 0;
  // Mappings begin at a page: what a larger alignment may have to skip.
  if (block == nullptr || !checked_add(body_bytes, std::max(alignment, page_) - page_, bytes) ||
      !checked_add(bytes, 2 * kGuardBytes, bytes))
    return kNoGuarded;
  auto* territory = static_cast<std::byte*>(pages::reserve(bytes));
  if (territory == nullptr) return kNoGuarded;
  if (index == free_) {
    free_ = block->next;
  } else {
    count_.store(count + 1, std::memory_order_release);
  }
  set_territory(*block, territory, bytes);
  reserved_ += bytes;
  return index;
}

void GuardedHeap::set_territory(GuardedBlock& block, std::byte* territory, std::size_t bytes) noexcept {
  const std::uint32_t before = block.territories.load(std::memory_order_relaxed);
  block.territory = territory;
  block.territory_bytes = bytes;
  block.territories.store(before + 1, std::memory_order_relaxed);
  block.shown_begin.store(reinterpret_cast<std::uintptr_t>(territory), std::memory_order_release);
  block.shown_bytes.store(bytes, std::memory_order_release);
  block.territories.store(before + 2, std::memory_order_release);
}

// A slot that could not be used after all.
void GuardedHeap::close(GuardedIndex index) noexcept {
  release_mappings(kLiveMappings);
  if (fixed()) return wait(index);
  GuardedBlock& block = at(index);
  pages::unmap(block.territory, block.territory_bytes);
  reserved_ -= block.territory_bytes;
  block.next = free_;
  free_ = index;
}

std::optional<std::ptrdiff_t> GuardedHeap::give(GuardedIndex index, SiteId site) noexcept {
  if (!is_live(index)) return std::nullopt;
  GuardedBlock& block = at(index);
  const std::optional<std::ptrdiff_t> damage = first_damage(block);
  block.freed_at = site;
  block.state.store(State::freed, std::memory_order_release);
  make_inaccessible(block);
  --live_;
  mapped_ -= block.body_bytes;
  // A fixed heap's freed slots are one with what is reserved around them.
  release_mappings(fixed() ? kLiveMappings : kLiveMappings - kFreedMappings);
  ++quarantined_;
  quarantined_bytes_ += std::max(block.body_bytes, page_);
  wait(index);
  while (!fixed() && quarantined_bytes_ > quarantine_limit_) evict();
  return damage;
}

void GuardedHeap::forget(GuardedIndex index) noexcept {
  if (!is_live(index)) return;
  GuardedBlock& block = at(index);
  block.state.store(State::none, std::memory_order_release);
  --live_;
  mapped_ -= block.body_bytes;
  if (fixed()) {
    keep_fixed_ = true;  // The slot is in no list any more, and its mappings stay taken.
    return;
  }
  reserved_ -= block.territory_bytes;
  block.next = free_;
  free_ = index;
}

bool GuardedHeap::is_live(GuardedIndex index) const noexcept {
  const auto at = static_cast<std::size_t>(index);
  return at < count_.load(std::memory_order_relaxed) &&
         blocks_.find(at)->state.load(std::memory_order_relaxed) == State::live;
}

// Room for one more live block; from the quarantine where the process has no more.
bool GuardedHeap::claim_mappings() noexcept {
  for (;;) {
    const std::size_t before = mappings_taken.fetch_add(kLiveMappings, std::memory_order_relaxed);
    if (before + kLiveMappings <= max_mappings_) return true;
    release_mappings(kLiveMappings);
    if (fixed() || !evict()) return false;
  }
}

void GuardedHeap::release_mappings(std::size_t count) noexcept {
  mappings_taken.fetch_sub(count, std::memory_order_relaxed);
}

void GuardedHeap::wait(GuardedIndex index) noexcept {
  at(index).next = kNoGuarded;
  if (waiting_ == kNoGuarded) {
    waiting_ = index;
  } else {
    at(last_waiting_).next = index;
  }
  last_waiting_ = index;
}

// The slot that has waited longest. What was known of its block is forgotten.
GuardedIndex GuardedHeap::next_waiting() noexcept {
  const GuardedIndex index = waiting_;
  if (index == kNoGuarded) return kNoGuarded;
  GuardedBlock& block = at(index);
  waiting_ = block.next;
  if (block.state.load(std::memory_order_relaxed) == State::freed) {
    block.state.store(State::none, std::memory_order_release);
    --quarantined_;
    quarantined_bytes_ -= std::max(block.body_bytes, page_);
  }
  return index;
}

// Unmaps the oldest of a growing heap's quarantine.
bool GuardedHeap::evict() noexcept {
  const GuardedIndex index = next_waiting();
  if (index == kNoGuarded) return false;
  GuardedBlock& block = at(index);
  pages::unmap(block.territory, block.territory_bytes);
  reserved_ -= block.territory_bytes;
  release_mappings(kFreedMappings);
  block.next = free_;
  free_ = index;
  return true;
}

void GuardedHeap::name_site(SiteId site, std::string_view text) noexcept {
  const auto index = static_cast<std::size_t>(site);
  std::atomic<char*>* name = sites_.make(index);
  if (name == nullptr || name->load(std::memory_order_relaxed) != nullptr) return;
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) return;
  copy[text.copy(copy, text.size())] = '\0';
  name->store(copy, std::memory_order_release);
  named_ = std::max(named_, index + 1);
}

const char* GuardedHeap::site_name(SiteId site) const noexcept {
  const auto* name = sites_.find(static_cast<std::size_t>(site));
  return name == nullptr ? nullptr : name->load(std::memory_order_acquire);
}

// Each slot is looked at: a fault is rare, and most are the last thing that a process does.
const GuardedBlock* GuardedHeap::find(std::uintptr_t address) const noexcept {
  const std::size_t count = count_.load(std::memory_order_acquire);
  for (std::size_t index = 0; index < count; ++index) {
    const GuardedBlock& block = *blocks_.find(index);
    if (block.state.load(std::memory_order_acquire) == State::none) continue;
    const std::uint32_t before = block.territories.load(std::memory_order_acquire);
    const std::uintptr_t begin = block.shown_begin.load(std::memory_order_acquire);
    const std::size_t bytes = block.shown_bytes.load(std::memory_order_acquire);
    // In a slot that is being used again nothing is known yet.
    if (before % 2 != 0 || block.territories.load(std::memory_order_relaxed) != before) continue;
    if (address - begin < bytes) return &block;
  }
  return nullptr;
}

GuardedHeap::Figures GuardedHeap::figures() const noexcept {
  return {.live = live_,
          .quarantined = quarantined_,
          .refused = refused_,
          .mapped = mapped_,
          .reserved = reserved_};
}

bool GuardedHeap::check_invariants() const noexcept {
  const std::size_t count = count_.load(std::memory_order_relaxed);
  std::size_t live = 0;
  std::size_t freed = 0;
  std::size_t mapped = 0;
  std::size_t territories = 0;
  for (std::size_t index = 0; index < count; ++index) {
    const GuardedBlock& block = *blocks_.find(index);
    const State state = block.state.load(std::memory_order_relaxed);
    if (state == State::none) continue;
    const std::byte* end = block.territory + block.territory_bytes;
    if (block.body < block.territory + kGuardBytes || block.body + block.body_bytes + kGuardBytes > end)
      return false;
    if (block.size > 0 &&
        (block.begin < block.body || block.begin + block.size > block.body + block.body_bytes))
      return false;
    territories += block.territory_bytes;
    if (state == State::freed) ++freed;
    if (state != State::live) continue;
    ++live;
    mapped += block.body_bytes;
  }
  std::size_t waiting = 0;
  for (GuardedIndex next = waiting_; next != kNoGuarded; next = block(next).next) {
    if (is_live(next) || ++waiting > count) return false;
  }
  std::size_t free = 0;
  for (GuardedIndex next = free_; next != kNoGuarded; next = block(next).next) {
    if (block(next).state.load(std::memory_order_relaxed) != State::none || ++free > count) return false;
  }
  if (live != live_ || freed != quarantined_ || mapped != mapped_) return false;
  if (fixed()) return reserved_ == fixed_bytes_ && free == 0 && (keep_fixed_ || live + waiting == count);
  return waiting == freed && live + freed + free == count && territories == reserved_ &&
         quarantined_bytes_ <= quarantine_limit_;
}

}  // namespace freehold
