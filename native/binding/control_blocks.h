// Control blocks that JavaScript shares: slots in ArrayBuffers of the engine's own, which no program can
// reach, and which therefore live, attached, as long as this table does.
#pragma once

#include <napi.h>

#include <cstddef>
#include <vector>

#include "control.h"

namespace freehold::binding {

class ControlBlocks {
 public:
  struct Slot {
    ArenaControl* control = nullptr;  // null when there is no memory
    std::size_t page = 0;
    std::size_t index = 0;
  };

  [[nodiscard]] Slot take(Napi::Env env);
  void give(const Slot& slot);

  // The slot's words as JavaScript sees them.
  [[nodiscard]] Napi::Value view(Napi::Env env, const Slot& slot) const;

 private:
  static constexpr std::size_t kSlotsPerPage = 256;

  struct Page {
    Napi::Reference<Napi::ArrayBuffer> buffer;
    ArenaControl* slots;
  };

  std::vector<Page> pages_;
  std::vector<Slot> free_;
};

}  // namespace freehold::binding
