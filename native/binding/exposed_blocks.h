// A table of blocks that stand alone, each in an ArrayBuffer of its own: what allocators are built on that
// end one block without ending others. JavaScript chooses the indices, and so keeps the list of free ones.
//
// A JavaScript handle is an external value that owns the table. What is not given back before the handle is
// destroyed or collected is left to the collector, like a chunk whose memory escaped (exposed_chunks.h).
#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "addon_data.h"

namespace freehold::binding {

class ExposedBlocks {
 public:
  explicit ExposedBlocks(const AddonData& data) : chunks_(data.chunks), live_(data.blocks) {
    live_->insert(this);
  }
  ~ExposedBlocks();
  ExposedBlocks(const ExposedBlocks&) = delete;
  ExposedBlocks& operator=(const ExposedBlocks&) = delete;

  // The table behind a JavaScript value, or nullptr when it is none or was destroyed.
  [[nodiscard]] static ExposedBlocks* from(const Napi::Value& value);

  // A new table as a JavaScript handle, which the collector frees; undefined when there is no memory.
  [[nodiscard]] static Napi::Value create(Napi::Env env);

  // Memory for a block at `index`, as an ArrayBuffer that begins where the block does; or a Status as a
  // number. Over engine memory it may begin earlier: there it is larger by `alignment`, to align in. What is
  // still at `index` (JavaScript was interrupted) is left to the collector.
  [[nodiscard]] Napi::Value take(Napi::Env env, std::size_t index, std::size_t bytes, std::size_t alignment,
                                 Guard guard, ExposedChunks::Origin origin);

  // Its ArrayBuffer was detached by us.
  void retire(std::size_t index) noexcept;
  // Names the ArrayBuffer that shows it now.
  void track(std::size_t index, napi_value buffer);
  // Gives its memory back; when it was not retired, to the collector.
  void give(std::size_t index) noexcept;
  // Gives all memory back and leaves the list of live tables.
  void destroy();

  // How many bytes at its front may not be zero.
  [[nodiscard]] std::size_t dirty(std::size_t index) const noexcept;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // Bytes of memory behind the blocks, guards not included.
  [[nodiscard]] std::size_t committed() const noexcept { return committed_; }

 private:
  struct Slot {
    Chunk chunk;  // empty when the slot is free
    Exposure* exposure = nullptr;
    std::size_t committed = 0;
  };

  // JavaScript's indices are dense: one that is far beyond the others is nobody's.
  static constexpr std::size_t kGrowth = 1024;

  [[nodiscard]] Slot* slot_at(std::size_t index) noexcept {
    return index < slots_.size() ? &slots_[index] : nullptr;
  }

  std::shared_ptr<ExposedChunks> chunks_;
  std::shared_ptr<LiveBlocks> live_;
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
  std::size_t committed_ = 0;
};

// Adds the functions over tables to the addon's exports.
void define_block_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
