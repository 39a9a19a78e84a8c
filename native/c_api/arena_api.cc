// fh_arena: a core arena behind freehold.h.
#include <cstring>

#include "objects.h"

using namespace freehold;
using namespace freehold::c_api;

namespace {

constexpr std::size_t kDefaultAlignment = 16;

fh_status allocate(fh_arena* arena, std::size_t size, std::size_t alignment, void** block) noexcept {
  if (block == nullptr) return FH_INVALID;
  *block = nullptr;
  const fh_status status = check_live(arena);
  if (status != FH_OK) return status;
  void* made = nullptr;
  const Status why = arena->arena->try_allocate(size, or_default(alignment, kDefaultAlignment), made);
  *block = why == Status::ok ? made : nullptr;
  return to_fh(why);
}

// Only the owner ends blocks: JavaScript has views of its own.
fh_status check_owned(const fh_arena* arena) noexcept {
  const fh_status status = check_live(arena);
  return status == FH_OK && arena->borrowed ? FH_BORROWED : status;
}

}  // namespace

fh_status fh_arena_create(const fh_arena_options* options, fh_arena** arena) noexcept {
  if (arena == nullptr) return FH_INVALID;
  *arena = nullptr;
  ArenaOptions settings;
  if (options != nullptr) {
    settings.initial_bytes = or_default(options->initial_bytes, settings.initial_bytes);
    settings.max_chunk_bytes = or_default(options->max_chunk_bytes, settings.max_chunk_bytes);
    settings.limit = or_default(options->limit, settings.limit);
  }
  *arena = new OwnedArena(settings);
  return *arena == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

fh_status fh_arena_destroy(fh_arena* arena) noexcept {
  if (arena == nullptr) return FH_OK;
  const fh_status status = check_owned(arena);
  if (status == FH_OK) delete static_cast<OwnedArena*>(arena);
  return status;
}

fh_status fh_arena_alloc(fh_arena* arena, size_t size, size_t alignment, void** block) noexcept {
  return allocate(arena, size, alignment, block);
}

fh_status fh_arena_alloc_zero(fh_arena* arena, size_t size, size_t alignment, void** block) noexcept {
  const fh_status status = allocate(arena, size, alignment, block);
  if (status == FH_OK) std::memset(*block, 0, size);
  return status;
}

fh_status fh_arena_copy(fh_arena* arena, const void* bytes, size_t size, void** block) noexcept {
  if (block != nullptr) *block = nullptr;
  if (bytes == nullptr && size > 0) return FH_INVALID;
  const fh_status status = allocate(arena, size, 1, block);
  if (status == FH_OK && size > 0) std::memcpy(*block, bytes, size);
  return status;
}

fh_status fh_arena_mark(fh_arena* arena, fh_mark* mark) noexcept {
  if (mark == nullptr) return FH_INVALID;
  *mark = {};
  const fh_status status = check_owned(arena);
  if (status != FH_OK) return status;
  const std::size_t serial = static_cast<OwnedArena*>(arena)->marks.push();
  if (serial == 0) return FH_OUT_OF_MEMORY;
  const Arena::Mark made = arena->arena->mark();
  *mark = {.segments = made.segments, .current = made.current, .cursor = made.cursor, .serial = serial};
  return FH_OK;
}

fh_status fh_arena_rewind(fh_arena* arena, const fh_mark* mark) noexcept {
  const fh_status status = mark == nullptr ? FH_INVALID : check_owned(arena);
  if (status != FH_OK) return status;
  MarkStack& marks = static_cast<OwnedArena*>(arena)->marks;
  if (!marks.has(mark->serial)) return FH_INVALID;
  const Status done =
      arena->arena->rewind({.segments = mark->segments, .current = mark->current, .cursor = mark->cursor});
  if (done == Status::ok) marks.drop_behind(mark->serial);
  return to_fh(done);
}

fh_status fh_arena_reset(fh_arena* arena) noexcept {
  const fh_status status = check_owned(arena);
  if (status != FH_OK) return status;
  static_cast<void>(arena->arena->reset());
  static_cast<OwnedArena*>(arena)->marks.clear();
  return FH_OK;
}

fh_status fh_arena_trim(fh_arena* arena, size_t* bytes) noexcept {
  put(bytes, std::size_t{0});
  const fh_status status = check_owned(arena);
  if (status != FH_OK) return status;
  put(bytes, arena->arena->trim() + static_cast<OwnedArena*>(arena)->pages.trim());
  return FH_OK;
}

fh_status fh_arena_set_limit(fh_arena* arena, size_t limit) noexcept {
  const fh_status status = check_owned(arena);
  if (status == FH_OK) arena->arena->set_limit(limit);
  return status;
}

int fh_arena_owns(fh_arena* arena, const void* address) noexcept {
  return check_live(arena) == FH_OK && arena->arena->owns(address) ? 1 : 0;
}

fh_status fh_arena_get_stats(fh_arena* arena, fh_arena_stats* stats) noexcept {
  if (stats == nullptr) return FH_INVALID;
  *stats = {};
  const fh_status status = check_live(arena);
  if (status != FH_OK) return status;
  const Arena& figures = *arena->arena;
  *stats = {.used = figures.used(),
            .reserved = figures.reserved(),
            .peak = figures.peak(),
            .chunks = figures.chunks(),
            .live_blocks = figures.sized_blocks(),
            .live_bytes = figures.sized_total()};
  return FH_OK;
}
