#include "library_handle.h"

#include <utility>

#include "plain_slots.h"

namespace freehold::binding {
LibraryHeap* LibraryHeap::from(const Napi::Value& value) {
  return find_live(*value.Env().GetInstanceData<AddonData>()->library_heaps, value);
}

LibraryMemory* LibraryMemory::from(const Napi::Value& value) {
  return find_live(*value.Env().GetInstanceData<AddonData>()->memories, value);
}

void LibraryMemory::end() {
  live_->erase(this);
  if (memory_ == nullptr) return;
  c_api::give_slot(memory_.get());
  memory_->leave();
  retired_->add(std::move(memory_));
}

}  // namespace freehold::binding
