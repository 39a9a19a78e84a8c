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

namespace freehold::binding {

// The chunks of an environment, and tables in memory that JavaScript sees.
class PoolSource final : public ChunkSource {
 public:
  PoolSource(napi_env env, std::shared_ptr<ExposedChunks> chunks) noexcept
      : env_(env), chunks_(std::move(chunks)) {}
  ~PoolSource();
  PoolSource(const PoolSource&) = delete;
  PoolSource& operator=(const PoolSource&) = delete;

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    return chunks_->take(minimum, preferred);
  }
  void give(Chunk chunk) noexcept override { chunks_->give(chunk); }
  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override { return chunks_->take_record(bytes); }
  void give_record(void* record) noexcept override { chunks_->give_record(record); }
  [[nodiscard]] void* take_table(std::size_t bytes) noexcept override;
  void give_table(void* table) noexcept override;
  [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override {
    return chunks_->discard(begin, bytes);
  }
  [[nodiscard]] std::size_t alignment() const noexcept override { return chunks_->alignment(); }
  [[nodiscard]] bool splits() const noexcept override { return chunks_->splits(); }

  // The ArrayBuffer of the table that was taken last.
  [[nodiscard]] napi_value table_buffer() const;
  [[nodiscard]] ExposedChunks& chunks() noexcept { return *chunks_; }

 private:
  napi_env env_;
  std::shared_ptr<ExposedChunks> chunks_;
  // The newest table, and the one that it replaces while the pool copies.
  napi_ref newest_ = nullptr;
  napi_ref previous_ = nullptr;
};

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

  PoolSource source_;
  std::shared_ptr<LivePools> live_;
  Pool pool_;
  std::vector<Exposure*> exposures_;
};

// Adds the functions over pools to the addon's exports.
void define_pool_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
