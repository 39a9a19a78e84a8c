#include "exposed_blocks.h"

#include <new>

#include "arguments.h"
#include "checked.h"
#include "control.h"
#include "handles.h"

namespace freehold::binding {

Napi::Value ExposedBlocks::create(Napi::Env env) {
  return own(env, new (std::nothrow) ExposedBlocks(*env.GetInstanceData<AddonData>()));
}

ExposedBlocks::~ExposedBlocks() { destroy(); }

void ExposedBlocks::destroy() {
  for (std::size_t index = 0; index < slots_.size(); ++index) give(index);
  slots_.clear();
  live_->erase(this);
}

ExposedBlocks* ExposedBlocks::from(const Napi::Value& value) {
  return find_live(*value.Env().GetInstanceData<AddonData>()->blocks, value);
}

Napi::Value ExposedBlocks::take(Napi::Env env, std::size_t index, std::size_t bytes, std::size_t alignment,
                                Guard guard, ExposedChunks::Origin origin) {
  if (index >= slots_.size() + kGrowth) return status_value(env, Status::invalid);
  if (index >= slots_.size()) slots_.resize(index + 1);
  give(index);
  ExposedChunks::Alone made = chunks_->take_alone(bytes, alignment, guard, origin);
  if (!made.chunk) return status_value(env, Status::out_of_memory);
  napi_value buffer = nullptr;
  Exposure* exposure = nullptr;
  const napi_status status = chunks_->expose(made.chunk, made.begin, made.usable, &buffer, &exposure);
  if (status != napi_ok) {
    chunks_->give(made.chunk);
    // The engine takes no memory from outside: its own serves from now on.
    if (status == napi_no_external_buffers_allowed) return take(env, index, bytes, alignment, guard, origin);
    return status_value(env, Status::out_of_memory);
  }
  slots_[index] = {.chunk = made.chunk, .exposure = exposure, .committed = made.committed};
  ++count_;
  committed_ += made.committed;
  return {env, buffer};
}

void ExposedBlocks::retire(std::size_t index) noexcept {
  if (const Slot* slot = slot_at(index)) chunks_->retire(slot->exposure);
}

void ExposedBlocks::track(std::size_t index, napi_value buffer) {
  const Slot* slot = slot_at(index);
  if (slot != nullptr && slot->exposure != nullptr) chunks_->track(*slot->exposure, buffer);
}

void ExposedBlocks::give(std::size_t index) noexcept {
  Slot* slot = slot_at(index);
  if (slot == nullptr || !slot->chunk) return;
  const Slot given = *slot;
  *slot = {};
  --count_;
  committed_ -= given.committed;
  Chunk chunk = given.chunk;
  chunk.dirty = chunk.size;
  chunks_->give(chunk);
  chunks_->drop(given.exposure);
}

std::size_t ExposedBlocks::dirty(std::size_t index) const noexcept {
  return index < slots_.size() ? slots_[index].chunk.dirty : 0;
}

namespace {

Napi::Value invalid_handle(Napi::Env env) {
  Napi::TypeError::New(env, "not a handle of a table of blocks").ThrowAsJavaScriptException();
  return env.Undefined();
}

// () => handle, or undefined when there is no memory
Napi::Value create_blocks(const Napi::CallbackInfo& info) { return ExposedBlocks::create(info.Env()); }

// (handle, index, bytes, alignment, guard, cached) => ArrayBuffer | Status
Napi::Value take_block(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr) return invalid_handle(env);
  const std::size_t index = read_size(info[1], SIZE_MAX);
  const std::size_t bytes = read_size(info[2], SIZE_MAX);
  const std::size_t alignment = read_size(info[3], 0);
  const std::size_t guard = read_size(info[4], 0);
  if (!is_power_of_two(alignment) || alignment > kMaxAlignment || guard > 2)
    return status_value(env, Status::invalid);
  return table->take(env, index, bytes, alignment, static_cast<Guard>(guard),
                     read_flag(info[5]) ? ExposedChunks::Origin::cache : ExposedChunks::Origin::system);
}

// (handle, index)
void retire_block(const Napi::CallbackInfo& info) {
  ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr) return void(invalid_handle(info.Env()));
  table->retire(read_size(info[1], SIZE_MAX));
}

// (handle, index, buffer)
void track_block(const Napi::CallbackInfo& info) {
  ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr || !info[2].IsArrayBuffer()) return void(invalid_handle(info.Env()));
  table->track(read_size(info[1], SIZE_MAX), info[2]);
}

// (handle, index)
void give_block(const Napi::CallbackInfo& info) {
  ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr) return void(invalid_handle(info.Env()));
  table->give(read_size(info[1], SIZE_MAX));
}

// (handle, index) => bytes at the front of the block's memory that may not be zero
Napi::Value block_dirty(const Napi::CallbackInfo& info) {
  const ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr) return invalid_handle(info.Env());
  return to_number(info.Env(), table->dirty(read_size(info[1], SIZE_MAX)));
}

// (handle) => [blocks, bytes of memory behind them]
Napi::Value block_figures(const Napi::CallbackInfo& info) {
  const ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr) return invalid_handle(info.Env());
  return to_array(info.Env(), std::array{table->count(), table->committed()});
}

// (handle): ends the table now instead of when the handle is collected
void destroy_blocks(const Napi::CallbackInfo& info) {
  ExposedBlocks* table = ExposedBlocks::from(info[0]);
  if (table == nullptr) return void(invalid_handle(info.Env()));
  table->destroy();
}

}  // namespace

void define_block_functions(Napi::Env env, Napi::Object exports) {
  exports["createBlocks"] = Napi::Function::New<create_blocks>(env);
  exports["takeBlock"] = Napi::Function::New<take_block>(env);
  exports["retireBlock"] = Napi::Function::New<retire_block>(env);
  exports["trackBlock"] = Napi::Function::New<track_block>(env);
  exports["giveBlock"] = Napi::Function::New<give_block>(env);
  exports["blockDirty"] = Napi::Function::New<block_dirty>(env);
  exports["blockFigures"] = Napi::Function::New<block_figures>(env);
  exports["destroyBlocks"] = Napi::Function::New<destroy_blocks>(env);
}

}  // namespace freehold::binding
