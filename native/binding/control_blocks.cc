#include "control_blocks.h"

#include <utility>

namespace freehold::binding {

ControlBlocks::Slot ControlBlocks::take(Napi::Env env) {
  if (free_.empty()) {
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, kSlotsPerPage * sizeof(ArenaControl));
    // Empty also in a worker that is being terminated, where no exception is pending.
    if (buffer.IsEmpty()) return {};
    auto* slots = static_cast<ArenaControl*>(buffer.Data());
    if (slots == nullptr) return {};
    pages_.push_back({Napi::Reference<Napi::ArrayBuffer>::New(buffer, 1), slots});
    for (std::size_t index = kSlotsPerPage; index-- > 0;)
      free_.push_back({slots + index, pages_.size() - 1, index});
  }
  const Slot slot = free_.back();
  free_.pop_back();
  return slot;
}

void ControlBlocks::give(const Slot& slot) { free_.push_back(slot); }

Napi::Value ControlBlocks::view(Napi::Env env, const Slot& slot) const {
  return Napi::Int32Array::New(env, kControlWords, pages_[slot.page].buffer.Value(),
                               slot.index * sizeof(ArenaControl));
}

}  // namespace freehold::binding
