#include "table_source.h"

#include <algorithm>

namespace freehold::binding {

TableSource::~TableSource() {
  for (const Table& table : tables_) napi_delete_reference(env_, table.buffer);
}

void* TableSource::take_table(std::size_t bytes) noexcept {
  std::byte* base = nullptr;
  napi_value buffer = chunks_->new_engine_buffer(bytes, &base);
  napi_ref reference = nullptr;
  if (buffer == nullptr || napi_create_reference(env_, buffer, 1, &reference) != napi_ok) return nullptr;
  tables_.push_back({base, reference});
  return base;
}

void TableSource::give_table(void* table) noexcept {
  const auto found = std::ranges::find(tables_, table, &Table::base);
  if (found == tables_.end()) return;
  napi_delete_reference(env_, found->buffer);
  tables_.erase(found);
}

Napi::Value TableSource::view(const void* table, std::size_t words, std::size_t offset) const {
  const auto found = std::ranges::find(tables_, table, &Table::base);
  napi_value buffer = nullptr;
  napi_value view = nullptr;
  if (found == tables_.end() || napi_get_reference_value(env_, found->buffer, &buffer) != napi_ok ||
      napi_create_typedarray(env_, napi_int32_array, words, buffer, offset, &view) != napi_ok)
    return Napi::Env(env_).Undefined();
  return {env_, view};
}

}  // namespace freehold::binding
