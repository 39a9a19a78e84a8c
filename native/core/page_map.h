// From an address to the slab that it lies in, or to the large block that begins there, in O(1): a radix tree
// of three levels over pages of 4 KiB, for addresses of 48 bits. (After the page maps of tcmalloc, pagemap.h,
// and jemalloc, rtree.h.)
//
// Owns its nodes, which live as long as the map: the tree only grows, by 32 KiB for every 16 MiB of addresses
// that memory was ever at. reserve() may fail, and leaves all entries as they were; set() after it cannot.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chunk.h"

namespace freehold {

// What the map says of a page. It may be out of date: a slab or block may be gone, or be elsewhere by now,
// and its own table says so.
struct PageEntry {
  enum class Kind : std::uint8_t {
    none,
    slab,   // the page belongs to slab `index` of the pool of `size_class`
    large,  // the large block `index` begins with the page
    freed,  // a large block began with the page, and was freed
  };
  Kind kind = Kind::none;
  std::uint8_t size_class = 0;
  std::uint32_t index = 0;

  bool operator==(const PageEntry&) const = default;
};

class PageMap {
 public:
  static constexpr std::size_t kPageBytes = 4096;

  explicit PageMap(ChunkSource& source) noexcept : source_(source) {}
  ~PageMap();
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;

  // Makes the nodes for all pages that `bytes` at `begin` touch. False when there is no memory for them, or
  // the addresses have more than 48 bits.
  [[nodiscard]] bool reserve(const void* begin, std::size_t bytes) noexcept;

  // Writes the entries of these pages, whose nodes were reserved.
  void set(const void* begin, std::size_t bytes, PageEntry entry) noexcept;

  [[nodiscard]] PageEntry at(const void* address) const noexcept {
    const std::uintptr_t page = reinterpret_cast<std::uintptr_t>(address) / kPageBytes;
    if (root_ == nullptr || page >= kPages) return {};
    const Middle* middle = root_->below[page >> (2 * kBits)];
    if (middle == nullptr) return {};
    const Leaf* leaf = middle->below[(page >> kBits) % kFanOut];
    return leaf == nullptr ? PageEntry{} : leaf->entries[page % kFanOut];
  }

  // Bytes of the nodes.
  [[nodiscard]] std::size_t metadata() const noexcept { return metadata_; }

 private:
  static constexpr unsigned kBits = 12;
  static constexpr std::size_t kFanOut = std::size_t{1} << kBits;
  static constexpr std::uintptr_t kPages = std::uintptr_t{1} << (3 * kBits);

  struct Leaf {
    PageEntry entries[kFanOut];
  };
  struct Middle {
    Leaf* below[kFanOut];
  };
  struct Root {
    Middle* below[kFanOut];
  };

  template <class Node>
  [[nodiscard]] Node* child(Node*& place) noexcept;

  ChunkSource& source_;
  Root* root_ = nullptr;
  std::size_t metadata_ = 0;
};

}  // namespace freehold
