#include "arena_handle.h"

#include <memory>
#include <new>
#include <utility>

#include "arguments.h"

namespace freehold::binding {

Napi::Value ArenaHandle::create(Napi::Env env, const ArenaOptions& options) {
  auto* data = env.GetInstanceData<AddonData>();
  const ControlBlocks::Slot slot = data->controls->take(env);
  if (slot.control == nullptr) return env.Undefined();
  auto* handle = new (std::nothrow) ArenaHandle(*data, slot, options);
  if (handle == nullptr) data->controls->give(slot);
  return own(env, handle);
}

ArenaHandle::~ArenaHandle() {
  destroy();
  controls_->give(slot_);
}

void ArenaHandle::destroy() {
  // What JavaScript still sees, and was not retired, is orphaned when the arena gives its chunks back.
  static_cast<void>(arena_.reset({.policy = Retain::Policy::none}, Arena::Keep::nothing));
  drop_from(0);
  live_->erase(this);
  end_face();
}

void ArenaHandle::end_face() {
  if (face_ == nullptr) return;
  face_->arena = nullptr;
  retired_->add(std::move(face_));
}

fh_arena* ArenaHandle::face() {
  if (face_ != nullptr) return face_.get();
  face_ = std::make_unique<fh_arena>();
  if (face_ == nullptr) return nullptr;
  face_->arena = &arena_;
  face_->borrowed = true;
  return face_.get();
}

Napi::Value ArenaHandle::catch_up(Napi::Env env) {
  arena_.catch_up();
  Napi::Array shown = Napi::Array::New(env);
  std::uint32_t length = 0;
  while (exposures_.size() < arena_.segments()) {
    const Arena::Extent extent = arena_.extent(exposures_.size());
    napi_value buffer = nullptr;
    Exposure* exposure = nullptr;
    const bool made = chunks_->expose(*extent.chunk, extent.base, extent.size, &buffer, &exposure) == napi_ok;
    exposures_.push_back(made ? exposure : nullptr);
    const Napi::Value value = made ? Napi::Value(env, buffer) : env.Undefined();
    define_own(shown, length++, value);
    define_own(shown, length++, Napi::Boolean::New(env, extent.dedicated));
  }
  return shown;
}

ArenaHandle* ArenaHandle::from(const Napi::Value& value) {
  return find_live(*value.Env().GetInstanceData<AddonData>()->arenas, value);
}

Napi::Value ArenaHandle::refill(Napi::Env env, std::size_t size, std::size_t alignment, Placement placement) {
  if (arena_.is_ahead()) return status_value(env, Status::invalid);  // JavaScript must catch up first
  const Arena::Mark before = arena_.mark();
  const Arena::Refill made = arena_.refill(size, alignment, placement);
  if (made.status != Status::ok || arena_.segments() == before.segments)
    return status_value(env, made.status);
  if (!made.dedicated) slot_.control->placed = kNoRoom;
  napi_value buffer = nullptr;
  Exposure* exposure = nullptr;
  const napi_status status =
      chunks_->expose(arena_.newest_chunk(), arena_.newest_base(), arena_.newest_size(), &buffer, &exposure);
  if (status != napi_ok) {
    static_cast<void>(arena_.rewind(before));
    // The engine takes no memory from outside: its own serves from now on.
    if (status == napi_no_external_buffers_allowed) return refill(env, size, alignment, placement);
    return status_value(env, Status::out_of_memory);
  }
  exposures_.push_back(exposure);
  return {env, buffer};
}

Napi::Value ArenaHandle::rewrap(Napi::Env env, std::size_t index, const Napi::ArrayBuffer& buffer) {
  if (index >= exposures_.size()) return env.Undefined();
  bool detached = true;
  if (napi_is_detached_arraybuffer(env, buffer, &detached) != napi_ok || detached) return env.Undefined();
  Exposure* old = exposures_[index];
  if (old == nullptr || old->chunk == nullptr) return env.Undefined();
  std::byte* base = nullptr;
  std::size_t bytes = 0;
  void* data = nullptr;
  if (napi_get_arraybuffer_info(env, buffer, &data, &bytes) != napi_ok) return env.Undefined();
  base = static_cast<std::byte*>(data);
  if (napi_detach_arraybuffer(env, buffer) != napi_ok) return env.Undefined();

  Chunk chunk = old->chunk->chunk;
  napi_value fresh = nullptr;
  Exposure* exposure = nullptr;
  if (chunks_->expose(chunk, base, bytes, &fresh, &exposure) != napi_ok) return env.Undefined();
  chunks_->retire(old);
  chunks_->drop(old);
  exposures_[index] = exposure;
  return {env, fresh};
}

void ArenaHandle::retire(std::size_t index) {
  if (index < exposures_.size()) chunks_->retire(exposures_[index]);
}

void ArenaHandle::track(std::size_t index, const Napi::ArrayBuffer& buffer) {
  if (index < exposures_.size() && exposures_[index] != nullptr) chunks_->track(*exposures_[index], buffer);
}

bool ArenaHandle::reset(Retain retain, Arena::Keep keep) {
  const bool kept = arena_.reset(retain, keep);
  drop_from(kept ? 1 : 0);
  return kept;
}

Status ArenaHandle::rewind(const Arena::Mark& mark) {
  const Status status = arena_.rewind(mark);
  if (status == Status::ok) drop_from(mark.segments);
  return status;
}

// Forgets the exposures of the segments that the arena gave back.
void ArenaHandle::drop_from(std::size_t count) {
  while (exposures_.size() > count) {
    chunks_->drop(exposures_.back());
    exposures_.pop_back();
  }
}

}  // namespace freehold::binding
