// Memory that is not ours: a C library has made it, and JavaScript sees it in an ArrayBuffer of its own.
//
// The collector may end such a block as soon as nothing reaches its memory, in any thread that it was moved
// to; the program may end it before. Either way a function of the library is called then, once, where there
// is one: a native one here, one of the program's by JavaScript, which asks for what has ended(). At the end
// of a worker the native ones are called, but never for memory that may have escaped; at the end of the
// process none are.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "exposed_chunks.h"
#include "mailbox.h"

namespace freehold::binding {

class ForeignBlocks final : public PageOwner, public std::enable_shared_from_this<ForeignBlocks> {
 public:
  using FreeFunction = void (*)(void*);

  ForeignBlocks(std::shared_ptr<ExposedChunks> chunks, std::shared_ptr<Mailbox> mailbox) noexcept
      : chunks_(std::move(chunks)), mailbox_(std::move(mailbox)) {}

  // Shows `bytes` at an address as { index, buffer }; undefined where the engine takes no memory from
  // outside, and null when it has no memory for it. Nothing is freed before arm().
  [[nodiscard]] Napi::Value take(Napi::Env env, std::byte* address, std::size_t bytes);
  // Names the ArrayBuffer that shows it now.
  void track(std::size_t index, napi_value buffer);
  // Says what frees it from now on.
  void arm(std::size_t index, FreeFunction function) noexcept;
  // Its ArrayBuffer was detached by us: frees it.
  void end(std::size_t index) noexcept;
  // The blocks that the collector has ended since the last call. Their indices are used again.
  [[nodiscard]] std::vector<std::size_t> take_ended();

  void take_back(std::size_t which, bool escaped) noexcept override;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Slot {
    std::byte* address = nullptr;  // null when it is free, or has ended
    std::size_t bytes = 0;
    FreeFunction function = nullptr;
    Exposure* exposure = nullptr;  // gone with its store
    bool ending = false;           // by the program
  };

  [[nodiscard]] Slot* live(std::size_t index) noexcept {
    return index < slots_.size() && slots_[index].address != nullptr ? &slots_[index] : nullptr;
  }

  const std::shared_ptr<ExposedChunks> chunks_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::vector<std::size_t> ended_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace freehold::binding
