// A core guarded heap as a JavaScript handle. Each block is shown by an ArrayBuffer over exactly its bytes.
//
// When its ArrayBuffer was ended by us a block goes to the heap's quarantine. Otherwise it stays as it is,
// guards and all, until the collector has freed the last store over it (exposed_chunks.h); the heap lives on
// until then. Memory that escaped at the end of a worker stays for good.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <vector>

#include "addon_data.h"
#include "guarded_heap.h"

namespace freehold::binding {

// A heap that may outlive its handle: every block that JavaScript can reach keeps it.
struct GuardedMemory final : PageOwner {
  explicit GuardedMemory(const GuardedOptions& options) noexcept : heap(options) {}

  void take_back(std::size_t which, bool escaped) noexcept override {
    const GuardedIndex index{static_cast<std::uint32_t>(which)};
    if (escaped) return heap.forget(index);
    damage = heap.give(index, freed_at);
  }

  GuardedHeap heap;
  SiteId freed_at = kNoSite;             // what frees the next block
  std::optional<std::ptrdiff_t> damage;  // of the block that was freed last
};

class GuardedHandle {
 public:
  GuardedHandle(const AddonData& data, const GuardedOptions& options);
  ~GuardedHandle();
  GuardedHandle(const GuardedHandle&) = delete;
  GuardedHandle& operator=(const GuardedHandle&) = delete;

  // { slot, address, buffer }; undefined when there is no block to be had.
  [[nodiscard]] Napi::Value take(Napi::Env env, const GuardedRequest& request);
  // Names the ArrayBuffer that shows a block now.
  void track(std::size_t slot, napi_value buffer);
  // Frees a block whose ArrayBuffer was detached by us; what GuardedHeap::give() found.
  std::optional<std::ptrdiff_t> end(std::size_t slot, SiteId site) noexcept;
  // Leaves a block to the collector.
  void abandon(std::size_t slot) noexcept;
  // Whether a fixed heap has no slot left.
  [[nodiscard]] bool full() noexcept;
  // Leaves all blocks to the collector, and the list of live handles.
  void destroy() noexcept;

  [[nodiscard]] GuardedHeap& heap() noexcept { return memory_->heap; }

 private:
  struct Slot {
    bool live = false;
    Chunk chunk{};  // empty for a block of no bytes, which no store is over
    Exposure* exposure = nullptr;
  };

  [[nodiscard]] GuardedIndex take_block(const GuardedRequest& request) noexcept;

  std::shared_ptr<ExposedChunks> chunks_;
  std::shared_ptr<LiveSet<GuardedHandle>> live_;
  std::shared_ptr<GuardedMemory> memory_;
  std::vector<Slot> slots_;  // by index of the heap
};

// Adds the functions over guarded heaps to the addon's exports.
void define_guarded_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
