#include "pool_handle.h"

#include <utility>

#include "arguments.h"

namespace freehold::binding {

PoolHandle::~PoolHandle() { destroy(); }

Napi::Value PoolHandle::grow(Napi::Env env) {
  const void* table = pool_.table();
  napi_value buffer = add_slab(env);
  const bool moved = pool_.table() != table;
  if (buffer == nullptr && !moved) return status_value(env, Status::out_of_memory);
  Napi::Object result = Napi::Object::New(env);
  const std::size_t slab = pool_.newest_slab();
  define_own(result, "buffer", buffer == nullptr ? env.Undefined() : Napi::Value(env, buffer));
  define_own(result, "slab", to_number(env, slab));
  define_own(result, "offset", to_number(env, pool_.slab_offset(slab)));
  define_own(result, "dirty", to_number(env, pool_.slab_chunk(slab).dirty));
  const std::size_t slots = moved ? pool_.table_slots() : 0;
  const auto table_at = [&](std::size_t offset) -> Napi::Value {
    return moved ? source_.view(pool_.table(), slots, offset) : env.Undefined();
  };
  define_own(result, "words", table_at(0));
  define_own(result, "stack", table_at(slots * sizeof(std::uint32_t)));
  return result;
}

// The ArrayBuffer of one more slab; nullptr when there is none.
napi_value PoolHandle::add_slab(Napi::Env env) {
  if (!pool_.grow()) return nullptr;
  const std::size_t slab = pool_.newest_slab();
  Chunk& chunk = pool_.slab_chunk(slab);
  napi_value buffer = nullptr;
  Exposure* exposure = nullptr;
  const napi_status status = source_.chunks().expose(chunk, chunk.base, chunk.size, &buffer, &exposure);
  if (status != napi_ok) {
    static_cast<void>(pool_.release_slab(slab));
    // The engine takes no memory from outside: its own serves from now on.
    return status == napi_no_external_buffers_allowed ? add_slab(env) : nullptr;
  }
  if (exposures_.size() <= slab) exposures_.resize(slab + 1);
  exposures_[slab] = exposure;
  return buffer;
}

void PoolHandle::retire(std::size_t slab) {
  if (slab < exposures_.size()) source_.chunks().retire(exposures_[slab]);
}

void PoolHandle::track(std::size_t slab, napi_value buffer) {
  if (slab < exposures_.size() && exposures_[slab] != nullptr)
    source_.chunks().track(*exposures_[slab], buffer);
}

void PoolHandle::release(std::span<const std::size_t> slabs) {
  pool_.release_slabs(slabs);
  for (const std::size_t slab : slabs) {
    if (slab < exposures_.size()) source_.chunks().drop(std::exchange(exposures_[slab], nullptr));
  }
}

void PoolHandle::destroy() {
  // What JavaScript still sees, and was not retired, is orphaned when the pool gives its slabs back.
  pool_.release_all();
  for (Exposure*& exposure : exposures_) source_.chunks().drop(std::exchange(exposure, nullptr));
  live_->erase(this);
}

}  // namespace freehold::binding
