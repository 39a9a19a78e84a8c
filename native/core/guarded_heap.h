// Blocks that the hardware watches: each on pages of its own between 2 MiB of inaccessible addresses, and on
// inaccessible ones itself once it was freed. Native code that touches them ends the process with a report
// (fault_report.h); what pages are too coarse for, the bytes between the block and the end of its pages, is
// filled with a pattern that is looked at when the block is freed.
//
// The ideas are those of Electric Fence (a block at the end of its page), of PageHeap (the pattern in the
// rest of the page) and of GWP-ASan (compiler-rt/lib/gwp_asan: a few slots that are reserved once and chosen
// by chance, what is known of a block out of line, freed slots used again as late as can be).
//
// Two kinds. A *growing* heap maps a territory for each block, of any size. Freed ones wait in a quarantine,
// the oldest of which are unmapped once it is full. A *fixed* heap reserves slots for blocks of up to a page
// at once; freed ones wait as long as others are free.
//
// Guards are addresses and never memory: a live block costs its pages, two mappings, and a page of page
// tables. Mappings are what runs out first (Linux: vm.max_map_count), and takes the process with it when the
// engine needs one: all heaps of the process together take no more than half, and refuse blocks then.
//
// Owns its mappings. take() and give() cost one or two system calls each. Not thread-safe, but for what says
// that it is async-signal-safe: that may be called by a signal handler on any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stable_table.h"

namespace freehold {

// Which block: indices are dense, and used again.
enum class GuardedIndex : std::uint32_t {};
inline constexpr GuardedIndex kNoGuarded{UINT32_MAX};

// Where in the program something happened; whoever asks for blocks numbers its stacks. Dense.
enum class SiteId : std::uint32_t {};
// The collector has freed the block, or the end of its allocator: no stack leads to it.
inline constexpr SiteId kNoSite{UINT32_MAX};

// The end of its pages that a block stands at, as far as its alignment allows.
enum class Edge : std::uint8_t { front, rear };

struct GuardedOptions {
  std::size_t slots = 0;             // of a fixed heap; 0 for one that grows
  std::size_t quarantine_bytes = 0;  // of freed blocks' pages that a growing heap keeps inaccessible
  std::size_t max_mappings = 0;      // of the process's guarded blocks; 0 for half of what the system allows
};

struct GuardedRequest {
  std::size_t size = 0;
  std::size_t alignment = 1;
  Edge edge = Edge::rear;
  SiteId site = kNoSite;
  std::string_view label{};  // what the report calls the block's allocator
};

// What is known of a block, and stays known until its slot is used again.
struct GuardedBlock {
  enum class State : std::uint8_t { none, live, freed };

  std::atomic<State> state{State::none};  // written last: what is not `none` is complete
  Edge edge = Edge::rear;
  SiteId allocated_at = kNoSite;
  SiteId freed_at = kNoSite;
  std::byte* territory = nullptr;  // the guards and what is between them
  std::size_t territory_bytes = 0;
  // The same for whoever looks on another thread. The count is odd while a slot is given another territory,
  // so that nobody takes a half of each.
  std::atomic<std::uint32_t> territories{0};
  std::atomic<std::uintptr_t> shown_begin{0};
  std::atomic<std::size_t> shown_bytes{0};
  std::byte* body =
      nullptr;  // whole pages that could be touched while it lived; none for a block of no bytes
  std::size_t body_bytes = 0;
  std::byte* begin = nullptr;
  std::size_t size = 0;
  GuardedIndex next = kNoGuarded;  // in the quarantine, or among the free slots
  std::array<char, 64> label{};    // ends with a zero, cut when longer
};

class GuardedHeap {
 public:
  // Inaccessible bytes on each side of a block's pages, at least.
  static constexpr std::size_t kGuardBytes = std::size_t{2} << 20;
  // What the bytes between a block and the end of its pages are.
  static constexpr std::byte kCanary{0xCB};

  struct Figures {
    std::size_t live = 0;
    std::size_t quarantined = 0;  // freed, and known to the report
    std::size_t refused = 0;      // requests that take() said no to
    std::size_t mapped = 0;       // bytes that can be touched
    std::size_t reserved = 0;     // bytes of addresses, those included
  };

  // Takes its place among the heaps that faults are looked up in. A fixed heap without addresses has no
  // slots.
  explicit GuardedHeap(const GuardedOptions& options) noexcept;
  // Unmaps all but what was forgotten.
  ~GuardedHeap();
  GuardedHeap(const GuardedHeap&) = delete;
  GuardedHeap& operator=(const GuardedHeap&) = delete;

  // A zeroed block at a multiple of its alignment. kNoGuarded, and counted, when there are no addresses,
  // memory, mappings or slots, or the alignment is no power of two. A block of no bytes has no page at all:
  // any touch of its address is a fault.
  [[nodiscard]] GuardedIndex take(const GuardedRequest& request) noexcept;

  // Frees a live block: its pages are the system's, its addresses inaccessible. The distance from its
  // beginning of the first byte around it that was written, if there is one: negative before the block, at
  // least its size behind it.
  std::optional<std::ptrdiff_t> give(GuardedIndex index, SiteId site) noexcept;

  // Lets go of a live block whose memory is somebody else's for good: it is never unmapped.
  void forget(GuardedIndex index) noexcept;

  // Says no for the caller, which cannot use a block.
  void refuse() noexcept { ++refused_; }

  // What reports show for a site, copied; the first name stays. Without memory the site has none.
  void name_site(SiteId site, std::string_view text) noexcept;

  [[nodiscard]] bool is_live(GuardedIndex index) const noexcept;
  // Of an index that take() gave.
  [[nodiscard]] const GuardedBlock& block(GuardedIndex index) const noexcept {
    return *blocks_.find(static_cast<std::size_t>(index));
  }
  // Whether a fixed heap has no slot left.
  [[nodiscard]] bool full() const noexcept { return fixed() && waiting_ == kNoGuarded; }
  [[nodiscard]] Figures figures() const noexcept;

  // The block, live or freed, in whose territory an address lies; nullptr for none. Async-signal-safe.
  [[nodiscard]] const GuardedBlock* find(std::uintptr_t address) const noexcept;
  // The name of a site, or nullptr. Async-signal-safe.
  [[nodiscard]] const char* site_name(SiteId site) const noexcept;

  // For tests: whether lists and figures agree with the blocks.
  [[nodiscard]] bool check_invariants() const noexcept;

 private:
  friend class FaultRegistry;

  // Mappings that a block costs the process: its pages, and the guards behind them; and once it was freed.
  static constexpr std::size_t kLiveMappings = 2;
  static constexpr std::size_t kFreedMappings = 1;

  [[nodiscard]] bool fixed() const noexcept { return slots_ > 0; }
  [[nodiscard]] GuardedBlock& at(GuardedIndex index) noexcept {
    return *blocks_.find(static_cast<std::size_t>(index));
  }
  void reserve_slots(std::size_t slots) noexcept;
  [[nodiscard]] bool claim_mappings() noexcept;
  void release_mappings(std::size_t count) noexcept;
  static void set_territory(GuardedBlock& block, std::byte* territory, std::size_t bytes) noexcept;
  // A slot with a territory where a body of `body_bytes` can be aligned; kNoGuarded when there is none.
  [[nodiscard]] GuardedIndex open(std::size_t body_bytes, std::size_t alignment) noexcept;
  [[nodiscard]] GuardedIndex open_grown(std::size_t body_bytes, std::size_t alignment) noexcept;
  void close(GuardedIndex index) noexcept;
  void wait(GuardedIndex index) noexcept;
  [[nodiscard]] GuardedIndex next_waiting() noexcept;
  bool evict() noexcept;

  const std::size_t slots_;
  const std::size_t quarantine_limit_;
  const std::size_t max_mappings_;
  const std::size_t page_;
  StableTable<GuardedBlock> blocks_;
  StableTable<std::atomic<char*>> sites_;
  std::atomic<std::size_t> count_{0};       // slots that were ever used
  GuardedIndex free_ = kNoGuarded;          // slots without a territory
  GuardedIndex waiting_ = kNoGuarded;       // the oldest that may be used again: the quarantine,
  GuardedIndex last_waiting_ = kNoGuarded;  // and a fixed heap's slots that were not used yet
  std::byte* fixed_ = nullptr;
  std::size_t fixed_bytes_ = 0;
  bool keep_fixed_ = false;  // a slot of it was forgotten
  std::size_t live_ = 0;
  std::size_t quarantined_ = 0;
  std::size_t quarantined_bytes_ = 0;
  std::size_t refused_ = 0;
  std::size_t mapped_ = 0;
  std::size_t reserved_ = 0;
  std::size_t named_ = 0;                         // sites below this may have a name
  std::atomic<GuardedHeap*> next_heap_{nullptr};  // the registry's
};

}  // namespace freehold
