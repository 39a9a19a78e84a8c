// What the functions that C libraries call have in common: who asks, what it costs of the limit, and the
// account.
#pragma once

#include <cstddef>

#include "objects.h"

namespace freehold::c_api {

[[nodiscard]] fh_memory* make_memory(fh_arena* arena, fh_heap* heap,
                                     const fh_memory_options* options) noexcept;

// The context of each is a fh_memory.
[[nodiscard]] void* take(void* context, std::size_t size) noexcept;  // aligned to 16
[[nodiscard]] void* take_aligned(void* context, std::size_t size, std::size_t alignment) noexcept;
[[nodiscard]] void* resize(void* context, void* block, std::size_t size) noexcept;
void give(void* context, void* block) noexcept;
[[nodiscard]] std::size_t bytes_of(void* context, const void* block) noexcept;

// Brings the account up to date: a reset of the arena has ended its blocks.
void settle(fh_memory& memory) noexcept;

}  // namespace freehold::c_api
