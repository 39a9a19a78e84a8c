// What a C program pays for the same work: malloc and free of this process' C library, timed by std::chrono
// inside of C++ so that no call across the boundary is in the figure.
#include <napi.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "consume.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace {

constexpr std::size_t kPage = 4096;

class Stopwatch {
 public:
  [[nodiscard]] double nanoseconds() const {
    const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start_;
    return elapsed.count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// One byte of each page, as the peers in JavaScript do.
void touch(void* block, std::size_t size) {
  auto* bytes = static_cast<volatile char*>(block);
  for (std::size_t at = 0; at < size; at += kPage) bytes[at] = 1;
}

template <typename Number>
const Number* array_of(const Napi::Value& value) {
  return value.As<Napi::TypedArrayOf<Number>>().Data();
}

// (size, pairs) => nanoseconds per malloc and free of one block.
Napi::Value pairs(const Napi::CallbackInfo& info) {
  const auto size = static_cast<std::size_t>(info[0].ToNumber().Int64Value());
  const std::uint32_t count = info[1].ToNumber().Uint32Value();
  const Stopwatch watch;
  for (std::uint32_t i = 0; i < count; ++i) {
    void* block = std::malloc(size);
    consume(block);
    std::free(block);
  }
  return Napi::Number::New(info.Env(), watch.nanoseconds() / count);
}

// (size, length, bursts) => nanoseconds per malloc and free where `length` blocks are taken and then given
// back.
Napi::Value bursts(const Napi::CallbackInfo& info) {
  const auto size = static_cast<std::size_t>(info[0].ToNumber().Int64Value());
  std::vector<void*> blocks(info[1].ToNumber().Uint32Value());
  const std::uint32_t count = info[2].ToNumber().Uint32Value();
  const Stopwatch watch;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (void*& block : blocks) block = std::malloc(size);
    for (void* block : blocks) std::free(block);
    consume(blocks.data());
  }
  const double elapsed = watch.nanoseconds();
  return Napi::Number::New(info.Env(),
                           elapsed / (static_cast<double>(count) * static_cast<double>(blocks.size())));
}

// (sizes, live, victims, rounds, keep) => nanoseconds per free and malloc. `live` blocks are there before the
// clock starts; then, `rounds` times over, the block of each victim gives way to one of the next size
// (sizes.length: a power of two). To keep means to leave the blocks as they are for a look at the process'
// memory, with every page of them written.
Napi::Value replace(const Napi::CallbackInfo& info) {
  const auto* sizes = array_of<std::uint32_t>(info[0]);
  const std::size_t mask = info[0].As<Napi::Uint32Array>().ElementLength() - 1;
  const std::uint32_t live = info[1].ToNumber().Uint32Value();
  const auto* victims = array_of<std::uint32_t>(info[2]);
  const std::size_t count = info[2].As<Napi::Uint32Array>().ElementLength();
  const std::uint32_t rounds = info[3].ToNumber().Uint32Value();
  const bool keep = info[4].ToBoolean();

  std::vector<void*> blocks(live);
  std::size_t next = 0;
  for (void*& block : blocks) {
    const std::size_t size = sizes[next++ & mask];
    block = std::malloc(size);
    touch(block, size);
  }
  const Stopwatch watch;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < count; ++i) {
      void*& block = blocks[victims[i]];
      std::free(block);
      const std::size_t size = sizes[next++ & mask];
      block = std::malloc(size);
      touch(block, keep ? size : 1);
    }
  }
  const double elapsed = watch.nanoseconds();
  if (!keep) {
    for (void* block : blocks) std::free(block);
  }
  return Napi::Number::New(info.Env(), elapsed / (static_cast<double>(rounds) * static_cast<double>(count)));
}

// (events, slots, passes) => nanoseconds per malloc and free of a trace, see bench/lib/trace.mjs: an
// allocation is a size and the slot that the block goes to, a free is ~slot.
Napi::Value replay(const Napi::CallbackInfo& info) {
  const auto* events = array_of<std::int32_t>(info[0]);
  const std::size_t count = info[0].As<Napi::Int32Array>().ElementLength();
  std::vector<void*> blocks(info[1].ToNumber().Uint32Value());
  const std::uint32_t passes = info[2].ToNumber().Uint32Value();

  double allocations = 0;
  const Stopwatch watch;
  for (std::uint32_t pass = 0; pass < passes; ++pass) {
    for (std::size_t i = 0; i < count; ++i) {
      if (events[i] < 0) {
        std::free(blocks[static_cast<std::size_t>(~events[i])]);
      } else {
        const auto size = static_cast<std::size_t>(events[i]);
        void* block = std::malloc(size);
        touch(block, size);
        blocks[static_cast<std::size_t>(events[++i])] = block;
        ++allocations;
      }
    }
  }
  return Napi::Number::New(info.Env(), watch.nanoseconds() / allocations);
}

// (buffer) => the bytes of the pages of an ArrayBuffer that are in memory; all of them where the system does
// not tell.
Napi::Value resident(const Napi::CallbackInfo& info) {
  auto buffer = info[0].As<Napi::ArrayBuffer>();
  std::size_t bytes = buffer.ByteLength();
#if defined(__linux__)
  const auto begin = reinterpret_cast<std::uintptr_t>(buffer.Data()) & ~(kPage - 1);
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(buffer.Data()) + bytes;
  std::vector<unsigned char> pages((end - begin + kPage - 1) / kPage);
  if (mincore(reinterpret_cast<void*>(begin), end - begin, pages.data()) == 0) {
    bytes = 0;
    for (const unsigned char page : pages) bytes += (page & 1) * kPage;
  }
#endif
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("pairs", Napi::Function::New<pairs>(env, "pairs"));
  exports.Set("bursts", Napi::Function::New<bursts>(env, "bursts"));
  exports.Set("replace", Napi::Function::New<replace>(env, "replace"));
  exports.Set("resident", Napi::Function::New<resident>(env, "resident"));
  exports.Set("replay", Napi::Function::New<replay>(env, "replay"));
  return exports;
}

}  // namespace

NODE_API_MODULE(malloc_limit, Init)
