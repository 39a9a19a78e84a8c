// Which marks of an arena may still be rewound to: those since the last reset that no rewind has gone behind.
//
// Owns a list of their serial numbers. Cost: 8 bytes for each mark that may be rewound to, a push to make
// one, a search to use one. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace freehold::c_api {

class MarkStack {
 public:
  MarkStack() = default;
  ~MarkStack() { std::free(serials_); }
  MarkStack(const MarkStack&) = delete;
  MarkStack& operator=(const MarkStack&) = delete;

  // The serial number of a new mark, which no other ever had; 0 when there is no memory.
  [[nodiscard]] std::size_t push() noexcept {
    if (count_ == room_ && !grow()) return 0;
    serials_[count_++] = ++last_;
    return last_;
  }
  [[nodiscard]] bool has(std::size_t serial) const noexcept {
    return std::binary_search(serials_, serials_ + count_, serial);
  }
  // Ends the marks that were made after one of these.
  void drop_behind(std::size_t serial) noexcept {
    count_ = static_cast<std::size_t>(std::upper_bound(serials_, serials_ + count_, serial) - serials_);
  }
  void clear() noexcept { count_ = 0; }

 private:
  [[nodiscard]] bool grow() noexcept {
    const std::size_t room = std::max(room_ * 2, std::size_t{16});
    auto* grown = static_cast<std::size_t*>(std::realloc(serials_, room * sizeof(std::size_t)));
    if (grown == nullptr) return false;
    serials_ = grown;
    room_ = room;
    return true;
  }

  std::size_t* serials_ = nullptr;  // in ascending order
  std::size_t count_ = 0;
  std::size_t room_ = 0;
  std::size_t last_ = 0;
};

}  // namespace freehold::c_api
