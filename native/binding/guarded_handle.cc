#include "guarded_handle.h"

#include "arguments.h"

namespace freehold::binding {

GuardedHandle::GuardedHandle(const AddonData& data, const GuardedOptions& options)
    : chunks_(data.chunks), live_(data.guarded), memory_(std::make_shared<GuardedMemory>(options)) {
  live_->insert(this);
}

GuardedHandle::~GuardedHandle() { destroy(); }

Napi::Value GuardedHandle::take(Napi::Env env, const GuardedRequest& request) {
  const GuardedIndex index = take_block(request);
  if (index == kNoGuarded) return env.Undefined();
  const auto slot = static_cast<std::size_t>(index);
  const GuardedBlock& block = heap().block(index);
  Slot made{.live = true};
  napi_value buffer = nullptr;
  napi_status status = napi_ok;
  if (block.size == 0) {
    status = napi_create_arraybuffer(env, 0, nullptr, &buffer);
  } else {
    made.chunk = {.base = block.body, .size = block.body_bytes};
    status = chunks_->expose(made.chunk, block.begin, block.size, &buffer, &made.exposure,
                             {.owner = memory_, .which = slot});
  }
  if (status != napi_ok) {
    heap().give(index, kNoSite);
    heap().refuse();
    return env.Undefined();
  }
  if (slot >= slots_.size()) slots_.resize(slot + 1);
  slots_[slot] = made;
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(block.begin));
  Napi::Object result = Napi::Object::New(env);
  define_own(result, "slot", to_number(env, slot));
  define_own(result, "address", Napi::BigInt::New(env, address));
  define_own(result, "buffer", Napi::Value(env, buffer));
  return result;
}

// The engine's own memory has no guards.
GuardedIndex GuardedHandle::take_block(const GuardedRequest& request) noexcept {
  if (chunks_->v8_memory() || full()) {
    heap().refuse();
    return kNoGuarded;
  }
  return heap().take(request);
}

// JavaScript may have lost blocks: it was interrupted before it could name them. What the collector has is
// free.
bool GuardedHandle::full() noexcept {
  if (!heap().full()) return false;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    const Exposure* exposure = slots_[slot].exposure;
    if (exposure != nullptr && exposure->finalized) abandon(slot);
  }
  return heap().full();
}

void GuardedHandle::track(std::size_t slot, napi_value buffer) {
  if (slot < slots_.size() && slots_[slot].exposure != nullptr)
    chunks_->track(*slots_[slot].exposure, buffer);
}

std::optional<std::ptrdiff_t> GuardedHandle::end(std::size_t slot, SiteId site) noexcept {
  if (slot >= slots_.size() || !slots_[slot].live) return std::nullopt;
  chunks_->retire(slots_[slot].exposure);
  memory_->damage.reset();
  memory_->freed_at = site;
  abandon(slot);
  memory_->freed_at = kNoSite;
  return memory_->damage;
}

void GuardedHandle::abandon(std::size_t slot) noexcept {
  if (slot >= slots_.size() || !slots_[slot].live) return;
  const Slot given = slots_[slot];
  slots_[slot] = {};
  if (given.exposure == nullptr) return memory_->take_back(slot, false);
  chunks_->give(given.chunk);
  chunks_->drop(given.exposure);
}

void GuardedHandle::destroy() noexcept {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) abandon(slot);
  slots_.clear();
  memory_.reset();
  live_->erase(this);
}

}  // namespace freehold::binding
