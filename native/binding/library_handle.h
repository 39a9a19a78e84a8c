// Memory for C libraries as JavaScript handles: a heap of the core's that is found by addresses, and malloc
// and its kin over it or over an arena (c_api/objects.h). Each is an external value.
//
// C keeps pointers to what these own. A memory that JavaScript has ended says so for a while longer
// (RetiredRecords). At the end of the main thread's environment, which the process follows, they are left as
// they are: libraries may have something to free even then.
#pragma once

#include <napi.h>

#include <memory>

#include "addon_data.h"
#include "arena_handle.h"
#include "heap.h"
#include "objects.h"

namespace freehold::binding {

// A heap for C callers on the pages of an environment.
class LibraryHeap {
 public:
  explicit LibraryHeap(const AddonData& data)
      : chunks_(data.chunks), live_(data.library_heaps), heap_(data.chunks->pages()) {
    face_.heap = &heap_;
    live_->insert(this);
  }
  ~LibraryHeap() { live_->erase(this); }
  LibraryHeap(const LibraryHeap&) = delete;
  LibraryHeap& operator=(const LibraryHeap&) = delete;

  [[nodiscard]] static LibraryHeap* from(const Napi::Value& value);

  [[nodiscard]] fh_heap& face() noexcept { return face_; }
  [[nodiscard]] Heap& heap() noexcept { return heap_; }

 private:
  std::shared_ptr<ExposedChunks> chunks_;
  std::shared_ptr<LiveSet<LibraryHeap>> live_;
  Heap heap_;
  fh_heap face_;
};

// malloc and its kin over one of the two.
class LibraryMemory {
 public:
  LibraryMemory(const AddonData& data, fh_memory* memory)
      : retired_(data.retired_memories), live_(data.memories), memory_(memory) {
    live_->insert(this);
  }
  ~LibraryMemory() { end(); }
  LibraryMemory(const LibraryMemory&) = delete;
  LibraryMemory& operator=(const LibraryMemory&) = delete;

  [[nodiscard]] static LibraryMemory* from(const Napi::Value& value);

  // From now on it has no memory to give, and frees nothing.
  void end();

  [[nodiscard]] fh_memory& memory() noexcept { return *memory_; }

 private:
  std::shared_ptr<RetiredRecords<fh_memory>> retired_;
  std::shared_ptr<LiveSet<LibraryMemory>> live_;
  std::unique_ptr<fh_memory> memory_;
};

// Adds the functions over them, and what addons ask for, to the addon's exports.
void define_library_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
