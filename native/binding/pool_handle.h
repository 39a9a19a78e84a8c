// A core pool as a JavaScript handle. JavaScript runs the fast path over the pool's tables, which lie in an
// ArrayBuffer of the engine's own that no program can reach, and says with each call how full it left the
// stack of free slots. Slabs are shown like an arena's segments: one ArrayBuffer each, by index.
#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <vector>

#include "addon_data.h"
#include "pool.h"
#include "table_source.h"

namespace freehold::binding {

class PoolHandle {
 public:
  PoolHandle(Napi::Env env, const AddonData& data, const PoolOptions& options)
      : source_(env, data.chunks), live_(data.pools), pool_(source_, options) {
    live_->insert(this);
  }
  ~PoolHandle();
  PoolHandle(const PoolHandle&) = delete;
  PoolHandle& operator=(const PoolHandle&) = delete;

  // One more slab: what has changed then, the tables with it when they have moved; or a Status as a number.
  [[nodiscard]] Napi::Value grow(Napi::Env env);

  void retire(std::size_t slab);
  void track(std::size_t slab, napi_value buffer);
  // Gives slabs back: to the collector what was not retired.
  void release(std::span<const std::size_t> slabs);
  // Gives all memory back and leaves the list of live pools.
  void destroy();

  [[nodiscard]] Pool& pool() noexcept { return pool_; }

 private:
  [[nodiscard]] napi_value add_slab(Napi::Env env);

  TableSource source_;
  std::shared_ptr<LivePools> live_;
  Pool pool_;
  std::vector<Exposure*> exposures_;
};

// Adds the functions over pools to the addon's exports.
void define_pool_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
