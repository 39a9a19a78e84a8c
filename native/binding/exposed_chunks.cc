#include "exposed_chunks.h"

#include <algorithm>
#include <new>
#include <utility>

#include "checked.h"
#include "loans.h"

namespace freehold::binding {
namespace {

// The tag of chunks that the engine owns: they are never given to the pages.
char engine_memory_tag;
// The tag of pages for one block, until they are exposed.
char alone_tag;

bool is_lent(const Chunk& chunk) noexcept {
  return LoanRegistry::of_process().is_lent(chunk.base, chunk.size);
}

}  // namespace

// Runs inside of a finalizer, where the environment still stands: Node leaves references to those who made
// them.
ExposedChunks::~ExposedChunks() {
  if (array_buffer_ != nullptr) static_cast<void>(napi_delete_reference(env_, array_buffer_));
}

void ExposedChunks::configure(bool worker, bool v8_memory, bool renewed) {
  worker_ = worker;
  renewed_ = renewed;
  v8_memory_ = v8_memory;
  // A class that the program puts in its place later would run inside of the core, where nothing may.
  napi_value global = nullptr;
  napi_value constructor = nullptr;
  if (array_buffer_ == nullptr && napi_get_global(env_, &global) == napi_ok &&
      napi_get_named_property(env_, global, "ArrayBuffer", &constructor) == napi_ok) {
    static_cast<void>(napi_create_reference(env_, constructor, 1, &array_buffer_));
  }
}

Chunk ExposedChunks::take(std::size_t minimum, std::size_t preferred) noexcept {
  if (v8_memory_) {
    if (Chunk chunk = take_engine_memory(preferred > minimum ? preferred : minimum)) return chunk;
    return take_engine_memory(minimum);
  }
  return pages_.take(minimum, preferred);
}

// `new ArrayBuffer(bytes)`: unlike the C function it throws instead of ending the process when there is no
// memory.
napi_value ExposedChunks::new_engine_buffer(std::size_t bytes, std::byte** base) const noexcept {
  napi_value constructor = nullptr;
  napi_value length = nullptr;
  napi_value buffer = nullptr;
  void* data = nullptr;
  std::size_t size = 0;
  const bool made = array_buffer_ != nullptr &&
                    napi_get_reference_value(env_, array_buffer_, &constructor) == napi_ok &&
                    napi_create_double(env_, static_cast<double>(bytes), &length) == napi_ok &&
                    napi_new_instance(env_, constructor, 1, &length, &buffer) == napi_ok &&
                    napi_get_arraybuffer_info(env_, buffer, &data, &size) == napi_ok;
  if (!made || data == nullptr || size < bytes) {
    napi_value error = nullptr;
    bool pending = false;
    if (napi_is_exception_pending(env_, &pending) == napi_ok && pending) {
      napi_get_and_clear_last_exception(env_, &error);
    }
    return nullptr;
  }
  *base = static_cast<std::byte*>(data);
  return buffer;
}

Chunk ExposedChunks::take_engine_memory(std::size_t bytes) noexcept {
  std::byte* base = nullptr;
  napi_value buffer = new_engine_buffer(bytes, &base);
  if (buffer == nullptr) return {};
  engine_buffer_ = buffer;
  return {.base = base, .size = bytes, .tag = &engine_memory_tag};
}

ExposedChunks::Alone ExposedChunks::take_alone(std::size_t bytes, std::size_t alignment, Guard guard,
                                               Origin origin) noexcept {
  std::size_t size = 0;
  if (v8_memory_) {
    const std::size_t skip = alignment > this->alignment() ? alignment : 0;
    if (!checked_round_up(std::max<std::size_t>(bytes, 1), pages_.alignment(), size) ||
        !checked_add(size, skip, size))
      return {};
    const Chunk chunk = take_engine_memory(size);
    return {.chunk = chunk, .begin = chunk.base, .usable = chunk.size, .committed = chunk.size};
  }
  if (origin == Origin::cache && guard == Guard::none && alignment <= pages_.alignment()) {
    const Chunk chunk = pages_.take(std::max<std::size_t>(bytes, 1), 0);
    return {.chunk = chunk, .begin = chunk.base, .usable = chunk.size, .committed = chunk.size};
  }
  const GuardedPages pages = pages_.take_guarded(bytes, alignment, guard);
  if (!pages) return {};
  Chunk chunk = PageChunks::whole(pages);
  chunk.tag = &alone_tag;
  chunk.dirty = 0;
  return {.chunk = chunk, .begin = pages.begin, .usable = pages.usable, .committed = pages.committed};
}

bool ExposedChunks::discard(std::byte* begin, std::size_t bytes) noexcept {
  return !v8_memory_ && pages_.discard(begin, bytes);
}

void ExposedChunks::give(Chunk chunk) noexcept {
  if (chunk.tag == &engine_memory_tag) return;
  if (chunk.tag == &alone_tag) return pages_.release(chunk);
  auto* exposed = static_cast<ExposedChunk*>(chunk.tag);
  if (exposed == nullptr) return pages_.give(chunk);
  exposed->chunk.dirty = exposed->moved ? chunk.size : chunk.dirty;
  if (exposed->stores == 0) {
    give_pages(*exposed);
    delete exposed;
    return;
  }
  exposed->orphaned = true;
  exposed->chunk.dirty = exposed->chunk.size;  // its views stay writable
  if (exposed->owned.foreign) return;
  orphaned_bytes_ += chunk.size;
  ++orphaned_chunks_;
}

void ExposedChunks::give_pages(const ExposedChunk& exposed) noexcept {
  const bool escaped = exposed.escaped || (ending_ && !worker_);
  if (const OwnedPages& owned = exposed.owned; owned.owner != nullptr)
    return owned.owner->take_back(owned.which, escaped);
  if (escaped) return pages_.abandon(exposed.chunk);
  if (exposed.alone) return pages_.release(exposed.chunk);
  pages_.give(exposed.chunk);
}

napi_status ExposedChunks::expose(Chunk& chunk, std::byte* base, std::size_t bytes, napi_value* buffer,
                                  Exposure** exposure, OwnedPages owned) {
  *exposure = nullptr;
  if (chunk.tag == &engine_memory_tag) {
    *buffer = engine_buffer_;
    return napi_ok;
  }
  const bool alone = chunk.tag == &alone_tag;
  auto* exposed = alone ? nullptr : static_cast<ExposedChunk*>(chunk.tag);
  const bool first = exposed == nullptr;
  if (first)
    exposed = new (std::nothrow) ExposedChunk{.chunk = chunk, .owned = std::move(owned), .alone = alone};
  auto* made = new (std::nothrow) Exposure{.chunks = shared_from_this(), .chunk = exposed};
  if (exposed == nullptr || made == nullptr) {
    delete made;
    if (first) delete exposed;
    return napi_generic_failure;
  }
  const napi_status status =
      napi_create_external_arraybuffer(env_, base, bytes, &ExposedChunks::finalize, made, buffer);
  if (status != napi_ok) {
    if (status == napi_no_external_buffers_allowed) v8_memory_ = true;
    if (first) delete exposed;
    made->chunk = nullptr;
    made->held = false;
    // Node fails in this way also after it has made the store, which it will finalize.
    if (status != napi_generic_failure) delete made;
    return status;
  }
  chunk.tag = exposed;
  exposed->chunk.tag = exposed;
  ++exposed->stores;
  link(made);
  // A worker that is terminated now never comes to the track() of whoever asked: most of the time until then
  // is spent here.
  track(*made, *buffer);
  if (worker_ && !renewed_) place_sentinel();
  // Terminated meanwhile: no program will ever see the ArrayBuffer, nor could there be a sentinel.
  if (worker_ && !can_run_javascript()) made->safe = true;
  *exposure = made;
  return napi_ok;
}

void ExposedChunks::retire(Exposure* exposure) noexcept {
  if (exposure == nullptr || exposure->chunk == nullptr) return;
  ExposedChunk* chunk = exposure->chunk;
  exposure->chunk = nullptr;
  forget_reference(*exposure);
  if (!exposure->finalized) store_gone(chunk);
}

void ExposedChunks::drop(Exposure* exposure) noexcept {
  if (exposure == nullptr) return;
  exposure->held = false;
  if (exposure->finalized) {
    forget_reference(*exposure);
    delete exposure;
    return;
  }
  // From here on the collector decides: a strong reference would keep it from ever doing so.
  if (exposure->buffer != nullptr) {
    std::uint32_t count = 0;
    napi_reference_unref(env_, exposure->buffer, &count);
  }
}

void ExposedChunks::track(Exposure& exposure, napi_value buffer) {
  if (!worker_ || exposure.chunk == nullptr || is_tracked(exposure, buffer)) return;
  forget_reference(exposure);
  const std::uint32_t count = exposure.held ? 1 : 0;
  if (napi_create_reference(env_, buffer, count, &exposure.buffer) != napi_ok) exposure.buffer = nullptr;
}

bool ExposedChunks::is_tracked(const Exposure& exposure, napi_value buffer) const noexcept {
  napi_value tracked = nullptr;
  bool same = false;
  return exposure.buffer != nullptr && napi_get_reference_value(env_, exposure.buffer, &tracked) == napi_ok &&
         tracked != nullptr && napi_strict_equals(env_, tracked, buffer, &same) == napi_ok && same;
}

void ExposedChunks::forget_reference(Exposure& exposure) noexcept {
  if (exposure.buffer == nullptr) return;
  napi_delete_reference(env_, exposure.buffer);
  exposure.buffer = nullptr;
}

void ExposedChunks::store_gone(ExposedChunk* chunk) noexcept {
  if (--chunk->stores > 0 || !chunk->orphaned) return;
  if (!chunk->owned.foreign) {
    orphaned_bytes_ -= chunk->chunk.size;
    --orphaned_chunks_;
  }
  give_pages(*chunk);
  delete chunk;
}

// Node's word that a store is gone; at the end of the environment also for stores that are not.
void ExposedChunks::finalize(napi_env, void*, void* hint) {
  auto* exposure = static_cast<Exposure*>(hint);
  const std::shared_ptr<ExposedChunks> self = exposure->chunks;
  exposure->finalized = true;
  self->notice_end();
  self->unlink(exposure);
  if (exposure->chunk != nullptr) {
    ExposedChunk* chunk = exposure->chunk;
    exposure->chunk = nullptr;
    chunk->moved = true;
    if (self->ending_ && !exposure->safe) chunk->escaped = true;
    self->store_gone(chunk);
  }
  if (exposure->held) return;
  self->forget_reference(*exposure);
  delete exposure;
}

void ExposedChunks::notice_end() noexcept {
  if (ending_ || can_run_javascript()) return;
  ending_ = true;
  if (!worker_) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  for (Exposure* exposure = exposures_; exposure != nullptr; exposure = exposure->next) {
    napi_value buffer = nullptr;
    bool detached = true;
    if (exposure->buffer == nullptr || exposure->safe) continue;
    // Of an ArrayBuffer that was collected nobody knows whether its memory had been moved before: it is taken
    // for escaped.
    if (napi_get_reference_value(env_, exposure->buffer, &buffer) != napi_ok || buffer == nullptr) continue;
    const bool attached = napi_is_detached_arraybuffer(env_, buffer, &detached) == napi_ok && !detached;
    // What a library has been lent it may use on any thread, for longer than this one lives.
    exposure->safe = attached && exposure->chunk != nullptr && !is_lent(exposure->chunk->chunk);
  }
  napi_close_handle_scope(env_, scope);
}

// Any function of Node-API that might run JavaScript says so; this one does nothing else.
bool ExposedChunks::can_run_javascript() const noexcept {
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return false;
  napi_value nothing = nullptr;
  bool same = false;
  const bool can = napi_get_undefined(env_, &nothing) == napi_ok &&
                   napi_strict_equals(env_, nothing, nothing, &same) == napi_ok;
  napi_close_handle_scope(env_, scope);
  return can;
}

// An ArrayBuffer of no use but to be the newest that Node knows. When it cannot be made, the newest segment
// is taken for escaped.
void ExposedChunks::place_sentinel() noexcept {
  struct Sentinel {
    std::shared_ptr<ExposedChunks> chunks;
    char byte;
  };
  auto* sentinel = new (std::nothrow) Sentinel{.chunks = shared_from_this(), .byte = 0};
  if (sentinel == nullptr) return;
  const auto gone = [](napi_env, void*, void* hint) {
    auto* self = static_cast<Sentinel*>(hint);
    self->chunks->notice_end();
    delete self;
  };
  napi_value buffer = nullptr;
  const napi_status status =
      napi_create_external_arraybuffer(env_, &sentinel->byte, 1, gone, sentinel, &buffer);
  if (status != napi_ok && status != napi_generic_failure) delete sentinel;
}

void ExposedChunks::link(Exposure* exposure) noexcept {
  exposure->next = exposures_;
  if (exposures_ != nullptr) exposures_->previous = exposure;
  exposures_ = exposure;
}

void ExposedChunks::unlink(Exposure* exposure) noexcept {
  if (exposure->previous != nullptr) exposure->previous->next = exposure->next;
  if (exposure->next != nullptr) exposure->next->previous = exposure->previous;
  if (exposures_ == exposure) exposures_ = exposure->next;
}

}  // namespace freehold::binding
