// Chunks that JavaScript sees: each segment is wrapped in one ArrayBuffer, and the chunk's pages are not
// touched by us again before every ArrayBuffer over them is known to be dead.
//
// An ArrayBuffer ends in one of three ways. We detach it (it is *retired*, and the chunk may be used again at
// once). Or the collector frees its store (Node calls finalize()). Or it escapes: the program transferred the
// memory to another ArrayBuffer, perhaps on another thread. A chunk that is given back while a store lives is
// *orphaned*: it belongs to the collector from then on and is given back when the last store is gone.
//
// When an environment ends, Node finalizes every store, also one that lives on in another thread. Only a
// worker needs to know which: it keeps a reference to each ArrayBuffer (track()) and looks at the first
// finalizer whether it is still attached. Memory that may have escaped is never unmapped. The main thread's
// environment ends with the process and unmaps nothing.
//
// Node goes from the newest ArrayBuffer that an addon made to the oldest, before any cleanup hook, and
// detaches each before it calls the finalizer. That matters where the ArrayBuffer that we gave Node is the
// one that programs see (Node 20, which cannot move memory to another): there a sentinel is made after each,
// so that the first finalizer is the sentinel's.
#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>

#include "page_chunks.h"

namespace freehold::binding {

class ExposedChunks;

// Whose pages a chunk names when they are not this source's own. It is told once no ArrayBuffer is over them
// any more, also long after it has given the chunk up.
class PageOwner {
 public:
  // `escaped`: they may be in use elsewhere for good, and must never be used again.
  virtual void take_back(std::size_t which, bool escaped) noexcept = 0;

 protected:
  ~PageOwner() = default;
};

// Which pages of which owner; the source's own when there is none.
struct OwnedPages {
  std::shared_ptr<PageOwner> owner;
  std::size_t which = 0;
  bool foreign = false;  // not of this process's allocators: never counted as orphaned
};

// What all the ArrayBuffers over one chunk share.
struct ExposedChunk {
  Chunk chunk;
  OwnedPages owned;
  std::size_t stores = 0;  // neither retired nor finalized
  bool alone = false;      // pages for one block: not for the cache
  bool orphaned = false;
  bool moved = false;    // a store died that was not retired: the program had it, and wrote where it liked
  bool escaped = false;  // at the end of the environment: not to be unmapped
};

// One ArrayBuffer over a segment, or its successor over the same store.
struct Exposure {
  std::shared_ptr<ExposedChunks> chunks;
  ExposedChunk* chunk = nullptr;  // null once retired
  napi_ref buffer = nullptr;      // strong while owned by an arena, weak when orphaned; workers only
  bool finalized = false;
  bool held = true;   // an arena's list names it
  bool safe = false;  // at the end of the environment: still attached, and not lent to a library
  Exposure* previous = nullptr;
  Exposure* next = nullptr;
};

// The chunk source of an environment's arenas.
class ExposedChunks final : public ChunkSource, public std::enable_shared_from_this<ExposedChunks> {
 public:
  explicit ExposedChunks(napi_env env) noexcept : env_(env) {}
  ~ExposedChunks();
  ExposedChunks(const ExposedChunks&) = delete;
  ExposedChunks& operator=(const ExposedChunks&) = delete;

  // In a worker stores are tracked; with `v8_memory` chunks are ArrayBuffers of the engine's own; `renewed`
  // says that JavaScript moves each store to another ArrayBuffer, which Node does not know.
  void configure(bool worker, bool v8_memory, bool renewed);

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override;
  [[nodiscard]] Chunk take_closely(std::size_t bytes) noexcept override {
    return v8_memory_ ? take_engine_memory(bytes) : pages_.take_closely(bytes);
  }
  void give(Chunk chunk) noexcept override;
  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override { return pages_.take_record(bytes); }
  void give_record(void* record) noexcept override { pages_.give_record(record); }
  [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override;
  [[nodiscard]] std::size_t alignment() const noexcept override {
    return v8_memory_ ? 16 : pages_.alignment();
  }
  [[nodiscard]] bool splits() const noexcept override { return !v8_memory_; }

  // Memory for one block that stands alone, in whole pages or up to the rear guard. From the cache it
  // may be more, and used before: `chunk.dirty` says how far. Over engine memory there are no guards, and
  // room to align in.
  struct Alone {
    Chunk chunk;
    std::byte* begin = nullptr;
    std::size_t usable = 0;
    std::size_t committed = 0;
  };
  enum class Origin { cache, system };
  [[nodiscard]] Alone take_alone(std::size_t bytes, std::size_t alignment, Guard guard,
                                 Origin origin) noexcept;

  // Wraps `bytes` at `base`, which lie in `chunk`. `exposure` receives what to retire later, null over engine
  // memory. napi_no_external_buffers_allowed turns this source to engine memory for good.
  // Pages that are `owned` by another are never given to this source's own.
  [[nodiscard]] napi_status expose(Chunk& chunk, std::byte* base, std::size_t bytes, napi_value* buffer,
                                   Exposure** exposure, OwnedPages owned = {});

  // The ArrayBuffer was detached by us: its store is dead.
  void retire(Exposure* exposure) noexcept;

  // The arena forgets the exposure, retired or not.
  void drop(Exposure* exposure) noexcept;

  // Names the ArrayBuffer that is over the store now, where it is another than expose() has made; without
  // keeping it when the exposure was dropped. Does nothing outside of workers.
  void track(Exposure& exposure, napi_value buffer);

  // A zeroed ArrayBuffer of the engine's own, with its memory; null when there is none. Unlike Node-API's own
  // function it never ends the process. Runs no JavaScript of the program's.
  [[nodiscard]] napi_value new_engine_buffer(std::size_t bytes, std::byte** base) const noexcept;

  // The pages behind the chunks, for memory that JavaScript never sees.
  [[nodiscard]] PageChunks& pages() noexcept { return pages_; }
  [[nodiscard]] bool is_worker() const noexcept { return worker_; }

  // Bytes given back to the system.
  std::size_t trim() noexcept { return pages_.trim(); }

  [[nodiscard]] const PageChunks::Counters& counters() const noexcept { return pages_.counters(); }
  [[nodiscard]] std::size_t orphaned_bytes() const noexcept { return orphaned_bytes_; }
  [[nodiscard]] std::size_t orphaned_chunks() const noexcept { return orphaned_chunks_; }
  [[nodiscard]] bool v8_memory() const noexcept { return v8_memory_; }

 private:
  static void finalize(napi_env env, void* base, void* hint);
  void store_gone(ExposedChunk* chunk) noexcept;
  void give_pages(const ExposedChunk& exposed) noexcept;
  [[nodiscard]] bool is_tracked(const Exposure& exposure, napi_value buffer) const noexcept;
  void forget_reference(Exposure& exposure) noexcept;
  void link(Exposure* exposure) noexcept;
  void unlink(Exposure* exposure) noexcept;
  // At the first finalizer of an ending environment: which stores have not escaped.
  void notice_end() noexcept;
  [[nodiscard]] bool can_run_javascript() const noexcept;
  void place_sentinel() noexcept;
  [[nodiscard]] Chunk take_engine_memory(std::size_t bytes) noexcept;

  napi_env env_;
  PageChunks pages_;
  Exposure* exposures_ = nullptr;
  napi_ref array_buffer_ = nullptr;     // the engine's class
  napi_value engine_buffer_ = nullptr;  // the ArrayBuffer of the chunk taken last, within one call
  std::size_t orphaned_bytes_ = 0;
  std::size_t orphaned_chunks_ = 0;
  bool worker_ = true;  // the careful way until configure() says otherwise
  bool v8_memory_ = false;
  bool renewed_ = false;
  bool ending_ = false;
};

}  // namespace freehold::binding
