// fh_pool: a core pool behind freehold.h.
#include "objects.h"

using namespace freehold;
using namespace freehold::c_api;

fh_status fh_pool_create(const fh_pool_options* options, fh_pool** pool) noexcept {
  if (pool == nullptr) return FH_INVALID;
  *pool = nullptr;
  if (options == nullptr) return FH_INVALID;
  PoolOptions settings{.block_bytes = options->block_bytes};
  settings.alignment = or_default(options->alignment, settings.alignment);
  settings.slab_bytes = or_default(options->slab_bytes, settings.slab_bytes);
  settings.max_blocks = or_default(options->max_blocks, settings.max_blocks);
  auto* made = new OwnedPool(settings);
  if (made == nullptr) return FH_OUT_OF_MEMORY;
  if (!made->made.valid()) {
    delete made;
    return FH_INVALID;
  }
  *pool = made;
  return FH_OK;
}

fh_status fh_pool_destroy(fh_pool* pool) noexcept {
  if (pool == nullptr) return FH_OK;
  const fh_status status = check(pool);
  if (status == FH_OK) delete static_cast<OwnedPool*>(pool);
  return status;
}

fh_status fh_pool_alloc(fh_pool* pool, uint32_t* index, void** block) noexcept {
  put(index, FH_NO_INDEX);
  if (block == nullptr) return FH_INVALID;
  *block = nullptr;
  const fh_status status = check(pool);
  if (status != FH_OK) return status;
  const BlockIndex made = pool->pool->allocate();
  if (made == kNoBlock) return FH_OUT_OF_MEMORY;
  put(index, static_cast<std::uint32_t>(made));
  *block = pool->pool->address(made);
  return FH_OK;
}

fh_status fh_pool_free(fh_pool* pool, void* block) noexcept {
  const fh_status status = check(pool);
  if (status != FH_OK || block == nullptr) return status;
  return to_fh(pool->pool->free(pool->pool->find(block)));
}

fh_status fh_pool_free_index(fh_pool* pool, uint32_t index) noexcept {
  const fh_status status = check(pool);
  return status == FH_OK ? to_fh(pool->pool->free(BlockIndex{index})) : status;
}

void* fh_pool_address(fh_pool* pool, uint32_t index) noexcept {
  if (check(pool) != FH_OK || !pool->pool->is_live(BlockIndex{index})) return nullptr;
  return pool->pool->address(BlockIndex{index});
}

fh_status fh_pool_trim(fh_pool* pool, size_t* bytes) noexcept {
  put(bytes, std::size_t{0});
  const fh_status status = check(pool);
  if (status != FH_OK) return status;
  static_cast<void>(pool->pool->trim());
  put(bytes, static_cast<OwnedPool*>(pool)->pages.trim());
  return FH_OK;
}

fh_status fh_pool_get_stats(fh_pool* pool, fh_pool_stats* stats) noexcept {
  if (stats == nullptr) return FH_INVALID;
  *stats = {};
  const fh_status status = check(pool);
  if (status != FH_OK) return status;
  *stats = {.block_bytes = pool->pool->block_bytes(),
            .live_blocks = pool->pool->live(),
            .capacity = pool->pool->capacity(),
            .reserved = pool->pool->reserved(),
            .metadata = pool->pool->metadata()};
  return FH_OK;
}
