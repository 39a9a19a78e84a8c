// The choices of random programs, from libFuzzer's input.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>

namespace freehold::test {

class FuzzedChoices {
 public:
  FuzzedChoices(const std::uint8_t* data, std::size_t size) : data_(data, size) {}
  [[nodiscard]] bool more() { return data_.remaining_bytes() > 0; }
  std::size_t pick(std::size_t least, std::size_t most) { return data_.ConsumeIntegralInRange(least, most); }

 private:
  FuzzedDataProvider data_;
};

}  // namespace freehold::test
