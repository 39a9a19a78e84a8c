#include "foreign_blocks.h"

#include "arguments.h"

namespace freehold::binding {

Napi::Value ForeignBlocks::take(Napi::Env env, std::byte* address, std::size_t bytes) {
  if (chunks_->v8_memory()) return env.Undefined();
  const bool reused = !free_.empty();
  const std::size_t index = reused ? free_.back() : slots_.size();
  if (!reused) slots_.emplace_back();
  Chunk chunk{.base = address, .size = bytes};
  napi_value buffer = nullptr;
  Exposure* exposure = nullptr;
  const napi_status status = chunks_->expose(chunk, address, bytes, &buffer, &exposure,
                                             {.owner = shared_from_this(), .which = index, .foreign = true});
  if (status != napi_ok) {
    if (!reused) slots_.pop_back();
    return status == napi_no_external_buffers_allowed ? env.Undefined() : env.Null();
  }
  if (reused) free_.pop_back();
  slots_[index] = {.address = address, .bytes = bytes, .exposure = exposure};
  ++count_;
  bytes_ += bytes;
  // Left to the collector from the beginning.
  chunks_->give(chunk);
  chunks_->drop(exposure);
  Napi::Object result = Napi::Object::New(env);
  define_own(result, "index", to_number(env, index));
  define_own(result, "buffer", Napi::Value(env, buffer));
  return result;
}

void ForeignBlocks::track(std::size_t index, napi_value buffer) {
  const Slot* slot = live(index);
  if (slot != nullptr) chunks_->track(*slot->exposure, buffer);
}

void ForeignBlocks::arm(std::size_t index, FreeFunction function) noexcept {
  Slot* slot = live(index);
  if (slot != nullptr) slot->function = function;
}

void ForeignBlocks::end(std::size_t index) noexcept {
  Slot* slot = live(index);
  if (slot == nullptr) return;
  slot->ending = true;
  chunks_->retire(slot->exposure);
}

void ForeignBlocks::take_back(std::size_t which, bool escaped) noexcept {
  if (live(which) == nullptr) return;
  const Slot given = slots_[which];
  slots_[which] = {};
  --count_;
  bytes_ -= given.bytes;
  if (given.ending) {
    free_.push_back(which);
  } else {
    ended_.push_back(which);
    mailbox_->wake();
  }
  // Last: it may do anything, also come back here.
  if (!escaped && given.function != nullptr) given.function(given.address);
}

std::vector<std::size_t> ForeignBlocks::take_ended() {
  std::vector<std::size_t> ended;
  ended.swap(ended_);
  free_.insert(free_.end(), ended.begin(), ended.end());
  return ended;
}

}  // namespace freehold::binding
