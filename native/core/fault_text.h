// Text for stderr, put together without memory and locks: async-signal-safe. It is written when 512 bytes are
// full, and at the end.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fault_handler.h"

namespace freehold {

class FaultText {
 public:
  FaultText() = default;
  ~FaultText() { flush(); }
  FaultText(const FaultText&) = delete;
  FaultText& operator=(const FaultText&) = delete;

  FaultText& text(std::string_view added) noexcept {
    for (const char each : added) {
      if (used_ == buffer_.size()) flush();
      buffer_[used_++] = each;
    }
    return *this;
  }

  // "1 byte", "2 bytes"
  FaultText& count(std::uint64_t number, std::string_view unit) noexcept {
    return in_base(number, 10).text(" ").text(unit).text(number == 1 ? "" : "s");
  }

  FaultText& address(std::uintptr_t number) noexcept { return text("0x").in_base(number, 16); }

 private:
  FaultText& in_base(std::uint64_t number, int base) noexcept {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    return text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  void flush() noexcept {
    fault_handler::write_error({buffer_.data(), used_});
    used_ = 0;
  }

  std::array<char, 512> buffer_{};
  std::size_t used_ = 0;
};

}  // namespace freehold
