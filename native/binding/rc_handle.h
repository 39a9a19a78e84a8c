// A core reference-counted heap as a JavaScript handle. JavaScript runs the fast paths over the heap's
// tables, which lie in ArrayBuffers of the engine's own that no program can reach. Slabs are shown like an
// arena's segments: one ArrayBuffer each, by number.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "addon_data.h"
#include "rc_heap.h"
#include "table_source.h"

namespace freehold::binding {

class RcHandle {
 public:
  RcHandle(Napi::Env env, const AddonData& data);
  ~RcHandle();
  RcHandle(const RcHandle&) = delete;
  RcHandle& operator=(const RcHandle&) = delete;

  // Whether there was memory for it.
  [[nodiscard]] bool valid() const noexcept { return heap_.has_value(); }
  [[nodiscard]] RcHeap& heap() noexcept { return *heap_; }

  // What JavaScript shares: { control, nodes, edges, groups }, undefined what there is none of yet.
  [[nodiscard]] Napi::Value tables(Napi::Env env);

  // A block: its index, or minus an RcStatus. When a slab came with it { index, slab, buffer, first, dirty },
  // `first` the index of the slab's first block.
  [[nodiscard]] Napi::Value allocate(Napi::Env env, std::size_t bytes, std::size_t slots);
  void retire(std::size_t slab);
  void track(std::size_t slab, napi_value buffer);
  // Slabs that are shown and in which nothing lives; slabs that were shown and were given back since.
  [[nodiscard]] std::vector<std::size_t> empty_slabs() const;
  [[nodiscard]] std::vector<std::size_t> take_gone();

  // Tells JavaScript how many chunks were given back: a slab that it shows may be among them.
  void publish() noexcept;

  // How long a collection may take that begins by itself; 0 for as long as it needs. Never with `off`.
  void set_automatic(bool on, std::uint64_t pause_ns) noexcept;
  // Begins or continues a collection when it is time.
  void collect_if_due() noexcept;

  // Gives all memory back and leaves the list of live heaps.
  void destroy();

 private:
  struct Shown {
    Exposure* exposure = nullptr;
    std::byte* base = nullptr;  // null for a slab that is not shown
  };

  [[nodiscard]] bool is_gone(std::size_t slab) const noexcept;
  [[nodiscard]] napi_status show(std::size_t slab, napi_value* buffer);

  TableSource source_;
  std::shared_ptr<LiveSet<RcHandle>> live_;
  RcControl* control_ = nullptr;
  std::optional<RcHeap> heap_;
  std::vector<Shown> shown_;
  bool automatic_ = true;
  std::uint64_t pause_ns_ = 0;
};

// Adds the functions over reference-counted heaps to the addon's exports.
void define_rc_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
