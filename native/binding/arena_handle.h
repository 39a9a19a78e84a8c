// A core arena as a JavaScript handle: an external value that owns the arena and its exposures.
// Exposures stand in the order in which JavaScript was given their ArrayBuffers; both sides speak of them by
// index.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "addon_data.h"
#include "arena.h"
#include "objects.h"

namespace freehold::binding {

class ArenaHandle {
 public:
  ArenaHandle(const AddonData& data, const ControlBlocks::Slot& slot, const ArenaOptions& options)
      : chunks_(data.chunks),
        controls_(data.controls),
        slot_(slot),
        live_(data.arenas),
        retired_(data.retired_arenas),
        arena_(*chunks_, *slot.control, options) {
    live_->insert(this);
    arena_.share();
  }
  ~ArenaHandle();
  ArenaHandle(const ArenaHandle&) = delete;
  ArenaHandle& operator=(const ArenaHandle&) = delete;

  // The handle behind a JavaScript value, or nullptr when it is none or was destroyed.
  [[nodiscard]] static ArenaHandle* from(const Napi::Value& value);

  // A new arena as a JavaScript handle, which the collector frees; undefined when there is no memory.
  [[nodiscard]] static Napi::Value create(Napi::Env env, const ArenaOptions& options);

  [[nodiscard]] Napi::Value view_control(Napi::Env env) const { return controls_->view(env, slot_); }

  // A new segment with room for the block, as an ArrayBuffer; or a Status as a number, also when none is
  // needed.
  [[nodiscard]] Napi::Value refill(Napi::Env env, std::size_t size, std::size_t alignment,
                                   Placement placement);

  // Detaches the ArrayBuffer of segment `index` and wraps the segment anew; undefined when it was detached
  // before.
  [[nodiscard]] Napi::Value rewrap(Napi::Env env, std::size_t index, const Napi::ArrayBuffer& buffer);

  void retire(std::size_t index);
  void track(std::size_t index, const Napi::ArrayBuffer& buffer);
  [[nodiscard]] bool reset(Retain retain, Arena::Keep keep);
  // Gives all memory back and leaves the list of live arenas.
  void destroy();
  [[nodiscard]] Status rewind(const Arena::Mark& mark);

  [[nodiscard]] Arena& arena() noexcept { return arena_; }

  // What C knows the arena by; nullptr when there is no memory. end_face() makes it say that the arena has
  // ended: another owner takes it over.
  [[nodiscard]] fh_arena* face();
  void end_face();
  // Shows the segments that native code has opened ahead of JavaScript: [ArrayBuffer, stands alone, ...]. One
  // that the engine does not take is shown as `undefined`: nothing may be cut from it any more.
  [[nodiscard]] Napi::Value catch_up(Napi::Env env);

 private:
  void drop_from(std::size_t count);

  std::shared_ptr<ExposedChunks> chunks_;
  std::shared_ptr<ControlBlocks> controls_;
  ControlBlocks::Slot slot_;
  std::shared_ptr<LiveArenas> live_;
  std::shared_ptr<RetiredRecords<fh_arena>> retired_;
  std::unique_ptr<fh_arena> face_;
  Arena arena_;
  std::vector<Exposure*> exposures_;
};

// Adds the functions over handles to the addon's exports.
void define_arena_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
