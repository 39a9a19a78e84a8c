#pragma once

// The compiler must assume that `pointer` is read and that all memory changed: neither an allocation nor a
// write through it can be left out, hoisted or merged with the next one.
inline void consume(void* pointer) {
#if defined(__GNUC__) || defined(__clang__)
  asm volatile("" : : "r"(pointer) : "memory");
#else
  static void* volatile sink;
  sink = pointer;
#endif
}
