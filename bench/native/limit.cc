// What a C++ program pays for the same work: std::pmr::monotonic_buffer_resource over one chunk, released
// when the chunk is used up, timed by std::chrono inside of C++ so that no call across the boundary is in the
// figure.
#include <napi.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <memory_resource>

#include "consume.h"

namespace {

constexpr std::size_t kAlignment = 16;  // the default of Arena

// The resource is a local of known type, so its virtual do_allocate is called directly and inlined: the best
// case for C++. Behind a `memory_resource*`, as most programs have it, it is slower.
template <typename Use>
double nanoseconds_per_block(std::size_t size, std::size_t chunk_bytes, std::uint32_t chunks, Use use) {
  const std::size_t stride = (size + kAlignment - 1) / kAlignment * kAlignment;
  const std::size_t blocks = chunk_bytes / stride;
  const auto chunk = std::make_unique<std::byte[]>(chunk_bytes + kAlignment);
  std::pmr::monotonic_buffer_resource resource(chunk.get(), chunk_bytes + kAlignment,
                                               std::pmr::null_memory_resource());
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < chunks; ++i) {
    for (std::size_t k = 0; k < blocks; ++k) {
      void* block = resource.allocate(size, kAlignment);
      use(block, size);
      consume(block);
    }
    resource.release();
  }
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count() / (static_cast<double>(chunks) * static_cast<double>(blocks));
}

using Work = double (*)(std::size_t, std::size_t, std::uint32_t);

double bump(std::size_t size, std::size_t chunk_bytes, std::uint32_t chunks) {
  return nanoseconds_per_block(size, chunk_bytes, chunks, [](void*, std::size_t) {});
}

double touch(std::size_t size, std::size_t chunk_bytes, std::uint32_t chunks) {
  return nanoseconds_per_block(size, chunk_bytes, chunks,
                               [](void* block, std::size_t) { *static_cast<char*>(block) = 1; });
}

double zero(std::size_t size, std::size_t chunk_bytes, std::uint32_t chunks) {
  return nanoseconds_per_block(size, chunk_bytes, chunks,
                               [](void* block, std::size_t bytes) { std::memset(block, 0, bytes); });
}

// (size, chunkBytes, chunks) => nanoseconds per block. A bench-only call: its one caller passes valid
// numbers.
template <Work work>
Napi::Value Run(const Napi::CallbackInfo& info) {
  const auto size = static_cast<std::size_t>(info[0].ToNumber().Int64Value());
  const auto chunk_bytes = static_cast<std::size_t>(info[1].ToNumber().Int64Value());
  const std::uint32_t chunks = info[2].ToNumber().Uint32Value();
  return Napi::Number::New(info.Env(), work(size, chunk_bytes, chunks));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("bump", Napi::Function::New<Run<bump>>(env, "bump"));
  exports.Set("touch", Napi::Function::New<Run<touch>>(env, "touch"));
  exports.Set("zero", Napi::Function::New<Run<zero>>(env, "zero"));
  return exports;
}

}  // namespace

NODE_API_MODULE(limit, Init)
