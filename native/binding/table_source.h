// The chunks of an environment, and tables in memory that JavaScript sees: what pools and reference-counted
// heaps are built on. Each table is an ArrayBuffer of the engine's own, which no program can reach.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "exposed_chunks.h"

namespace freehold::binding {

class TableSource final : public ChunkSource {
 public:
  TableSource(napi_env env, std::shared_ptr<ExposedChunks> chunks) noexcept
      : env_(env), chunks_(std::move(chunks)) {}
  ~TableSource();
  TableSource(const TableSource&) = delete;
  TableSource& operator=(const TableSource&) = delete;

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    return chunks_->take(minimum, preferred);
  }
  [[nodiscard]] Chunk take_closely(std::size_t bytes) noexcept override {
    return chunks_->take_closely(bytes);
  }
  void give(Chunk chunk) noexcept override {
    ++chunks_given_;
    chunks_->give(chunk);
  }
  [[nodiscard]] void* take_record(std::size_t bytes) noexcept override { return chunks_->take_record(bytes); }
  void give_record(void* record) noexcept override { chunks_->give_record(record); }
  [[nodiscard]] void* take_table(std::size_t bytes) noexcept override;
  void give_table(void* table) noexcept override;
  [[nodiscard]] bool discard(std::byte* begin, std::size_t bytes) noexcept override {
    return chunks_->discard(begin, bytes);
  }
  [[nodiscard]] std::size_t alignment() const noexcept override { return chunks_->alignment(); }
  [[nodiscard]] bool splits() const noexcept override { return chunks_->splits(); }

  // `words` words of a table that was taken and not given back, from an offset in bytes on; undefined for
  // none.
  [[nodiscard]] Napi::Value view(const void* table, std::size_t words, std::size_t offset = 0) const;

  // How many chunks have come back, ever.
  [[nodiscard]] std::size_t chunks_given() const noexcept { return chunks_given_; }
  [[nodiscard]] ExposedChunks& chunks() noexcept { return *chunks_; }
  // For whoever outlives this source.
  [[nodiscard]] std::shared_ptr<ExposedChunks> shared_chunks() const noexcept { return chunks_; }

 private:
  struct Table {
    void* base;
    napi_ref buffer;
  };

  napi_env env_;
  std::shared_ptr<ExposedChunks> chunks_;
  std::vector<Table> tables_;  // a few
  std::size_t chunks_given_ = 0;
};

}  // namespace freehold::binding
