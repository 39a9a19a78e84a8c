// Records that pointers in C may still lead to after their end: they are kept for a while, saying that they
// have ended, and the oldest are freed when there are many.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace freehold::binding {

template <typename Record>
class RetiredRecords {
 public:
  void add(std::unique_ptr<Record> record) {
    records_.push_back(std::move(record));
    if (records_.size() > kMost) records_.pop_front();
  }

 private:
  static constexpr std::size_t kMost = 1024;

  std::deque<std::unique_ptr<Record>> records_;
};

}  // namespace freehold::binding
