#include "page_map.h"

#include <new>

namespace freehold {

PageMap::~PageMap() {
  if (root_ == nullptr) return;
  for (Middle* middle : root_->below) {
    if (middle == nullptr) continue;
    for (Leaf* leaf : middle->below) {
      if (leaf != nullptr) source_.give_record(leaf);
    }
    source_.give_record(middle);
  }
  source_.give_record(root_);
}

// The node that a place leads to, made if there is none yet; nullptr when there is no memory.
template <class Node>
Node* PageMap::child(Node*& place) noexcept {
  if (place != nullptr) return place;
  void* record = source_.take_record(sizeof(Node));
  if (record == nullptr) return nullptr;
  metadata_ += sizeof(Node);
  place = new (record) Node{};
  return place;
}

bool PageMap::reserve(const void* begin, std::size_t bytes) noexcept {
  if (bytes == 0) return true;
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(begin) / kPageBytes;
  const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(begin) + (bytes - 1)) / kPageBytes;
  if (last < first || last >= kPages || child(root_) == nullptr) return false;
  for (std::uintptr_t leaf = first >> kBits; leaf <= last >> kBits; ++leaf) {
    Middle* middle = child(root_->below[leaf >> kBits]);
    if (middle == nullptr || child(middle->below[leaf % kFanOut]) == nullptr) return false;
  }
  return true;
}

void PageMap::set(const void* begin, std::size_t bytes, PageEntry entry) noexcept {
  if (bytes == 0) return;
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(begin) / kPageBytes;
  const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(begin) + (bytes - 1)) / kPageBytes;
  for (std::uintptr_t page = first; page <= last; ++page) {
    root_->below[page >> (2 * kBits)]->below[(page >> kBits) % kFanOut]->entries[page % kFanOut] = entry;
  }
}

}  // namespace freehold
