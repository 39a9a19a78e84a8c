// Reading arguments. The facade has checked them; these make sure that nothing at all can reach the core
// unchecked.
#pragma once

#include <napi.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "arena.h"

namespace freehold::binding {

// A whole number of bytes from 0 to 2^53-1. Anything else reads as `otherwise`.
[[nodiscard]] inline std::size_t read_size(const Napi::Value& value, std::size_t otherwise) {
  if (!value.IsNumber()) return otherwise;
  constexpr double kLargest = 9007199254740991.0;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= kLargest && number == std::floor(number))) return otherwise;
  return static_cast<std::size_t>(number);
}

// The same where infinity means "no limit".
[[nodiscard]] inline std::size_t read_limit(const Napi::Value& value) { return read_size(value, SIZE_MAX); }

[[nodiscard]] inline bool read_flag(const Napi::Value& value) {
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

[[nodiscard]] inline Napi::Value status_value(Napi::Env env, Status status) {
  return Napi::Number::New(env, static_cast<double>(status));
}

[[nodiscard]] inline Napi::Value to_number(Napi::Env env, std::size_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

// An address as a BigInt; and back, 0 for anything that is none of this process.
[[nodiscard]] inline Napi::Value to_address(Napi::Env env, std::uintptr_t address) {
  return Napi::BigInt::New(env, static_cast<std::uint64_t>(address));
}
[[nodiscard]] inline Napi::Value to_address(Napi::Env env, const void* address) {
  return to_address(env, reinterpret_cast<std::uintptr_t>(address));
}
[[nodiscard]] inline std::uintptr_t read_address(const Napi::Value& value) {
  std::uint64_t number = 0;
  bool lossless = false;
  if (!value.IsBigInt() || napi_get_value_bigint_uint64(value.Env(), value, &number, &lossless) != napi_ok ||
      !lossless || number > UINTPTR_MAX)
    return 0;
  return static_cast<std::uintptr_t>(number);
}

// Gives an object a property of its own. A mere set would run what a program has put on the prototypes: a
// setter of that name, or of that index.
inline void define_own(Napi::Object object, const char* name, const Napi::Value& value) {
  object.DefineProperty(Napi::PropertyDescriptor::Value(name, value, napi_default_jsproperty));
}

// The same for an element of a list.
inline void define_own(Napi::Array list, std::size_t index, const Napi::Value& value) {
  define_own(list, std::to_string(index).c_str(), value);
}

// A list of what `convert(env, element)` makes of each.
template <typename List, typename Convert>
[[nodiscard]] Napi::Value to_list(Napi::Env env, const List& list, Convert convert) {
  Napi::Array result = Napi::Array::New(env, list.size());
  for (std::size_t index = 0; index < list.size(); ++index)
    define_own(result, index, convert(env, list[index]));
  return result;
}

template <std::size_t kLength>
[[nodiscard]] Napi::Value to_array(Napi::Env env, const std::array<std::size_t, kLength>& values) {
  return to_list(env, values, to_number);
}

}  // namespace freehold::binding
