// What a C++ program pays for counting references: std::shared_ptr, timed by std::chrono inside of C++ so
// that no call across the boundary is in the figure. In a process with threads, which node always is, its
// counts are atomic; where libstdc++ is the library, the same programs also run with counts that are not.
#include <napi.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "consume.h"

namespace {

class Stopwatch {
 public:
  [[nodiscard]] double nanoseconds() const {
    const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start_;
    return elapsed.count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

struct Shared {
  template <typename T>
  using Pointer = std::shared_ptr<T>;
  template <typename T>
  static Pointer<T> make() {
    return std::make_shared<T>();
  }
};

#if defined(__GLIBCXX__)
struct Counted {
  template <typename T>
  using Pointer = std::__shared_ptr<T, __gnu_cxx::_S_single>;
  template <typename T>
  static Pointer<T> make() {
    return std::__make_shared<T, __gnu_cxx::_S_single>();
  }
};
#else
using Counted = Shared;
#endif

using Bytes64 = std::array<std::byte, 64>;

// (copies) => nanoseconds per copy and drop of one pointer.
template <typename Kind>
double copies(std::uint32_t count) {
  typename Kind::template Pointer<Bytes64> pointer = Kind::template make<Bytes64>();
  const Stopwatch watch;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto copy = pointer;
    consume(copy.get());
  }
  return watch.nanoseconds() / count;
}

// (objects) => nanoseconds per object of 64 bytes that is made and dropped.
template <typename Kind>
double objects(std::uint32_t count) {
  const Stopwatch watch;
  for (std::uint32_t i = 0; i < count; ++i) consume(Kind::template make<Bytes64>().get());
  return watch.nanoseconds() / count;
}

// binary-trees of the benchmarks game: see bench/lib/rc-trees.mjs, which is the same program.
template <typename Kind>
struct Trees {
  struct Node;
  using Pointer = typename Kind::template Pointer<Node>;
  struct Node {
    Pointer left;
    Pointer right;
  };

  static Pointer bottom_up(std::uint32_t depth) {
    Pointer node = Kind::template make<Node>();
    if (depth > 0) {
      node->left = bottom_up(depth - 1);
      node->right = bottom_up(depth - 1);
    }
    return node;
  }

  static std::uint32_t check(const Pointer& node) {
    return node->left ? 1 + check(node->left) + check(node->right) : 1;
  }

  static void populate(std::uint32_t depth, const Pointer& node) {
    if (depth == 0) return;
    node->left = Kind::template make<Node>();
    node->right = Kind::template make<Node>();
    populate(depth - 1, node->left);
    populate(depth - 1, node->right);
  }

  // Nanoseconds of the program; the sum of its checks.
  static std::array<double, 2> binary_trees(std::uint32_t depth) {
    constexpr std::uint32_t kLeast = 4;
    double sum = 0;
    const Stopwatch watch;
    sum += check(bottom_up(depth + 1));
    const Pointer lasting = bottom_up(depth);
    for (std::uint32_t each = kLeast; each <= depth; each += 2) {
      const std::uint32_t iterations = 1U << (depth - each + kLeast);
      for (std::uint32_t i = 0; i < iterations; ++i) sum += check(bottom_up(each));
    }
    sum += check(lasting);
    return {watch.nanoseconds(), sum};
  }

  // Nanoseconds per node to build, to check and to drop one tree.
  static std::array<double, 3> one(std::uint32_t depth) {
    const double nodes = static_cast<double>((std::uint64_t{2} << depth) - 1);
    const Stopwatch building;
    Pointer tree = bottom_up(depth);
    const double built = building.nanoseconds();
    const Stopwatch checking;
    const std::uint32_t count = check(tree);
    const double checked = checking.nanoseconds();
    const Stopwatch dropping;
    tree.reset();
    const double dropped = dropping.nanoseconds();
    return {built / nodes, count == 0 ? 0 : checked / nodes, dropped / nodes};
  }

  // GCBench: see bench/lib/rc-trees.mjs.
  static double gc_bench(std::uint32_t stretch, std::uint32_t most) {
    constexpr std::uint32_t kLeast = 4;
    constexpr std::size_t kArray = 500'000;
    const Stopwatch watch;
    consume(bottom_up(stretch).get());
    const Pointer lasting = Kind::template make<Node>();
    populate(most, lasting);
    std::vector<double> array(kArray);
    for (std::size_t i = 0; i < kArray / 2; ++i) array[i] = 1.0 / static_cast<double>(i + 1);
    consume(array.data());
    for (std::uint32_t depth = kLeast; depth <= most; depth += 2) {
      const std::uint32_t iterations = 2 * ((2U << stretch) - 1) / ((2U << depth) - 1);
      for (std::uint32_t i = 0; i < iterations; ++i) {
        const Pointer node = Kind::template make<Node>();
        populate(depth, node);
      }
      for (std::uint32_t i = 0; i < iterations; ++i) consume(bottom_up(depth).get());
    }
    return watch.nanoseconds();
  }
};

std::uint32_t number(const Napi::CallbackInfo& info, std::size_t at) {
  return info[at].ToNumber().Uint32Value();
}

template <std::size_t kLength>
Napi::Value list(Napi::Env env, const std::array<double, kLength>& values) {
  Napi::Array result = Napi::Array::New(env, kLength);
  for (std::uint32_t i = 0; i < kLength; ++i) result[i] = Napi::Number::New(env, values[i]);
  return result;
}

template <typename Kind>
Napi::Value Copies(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), copies<Kind>(number(info, 0)));
}

template <typename Kind>
Napi::Value Objects(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), objects<Kind>(number(info, 0)));
}

template <typename Kind>
Napi::Value BinaryTrees(const Napi::CallbackInfo& info) {
  return list(info.Env(), Trees<Kind>::binary_trees(number(info, 0)));
}

template <typename Kind>
Napi::Value OneTree(const Napi::CallbackInfo& info) {
  return list(info.Env(), Trees<Kind>::one(number(info, 0)));
}

template <typename Kind>
Napi::Value GcBench(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Trees<Kind>::gc_bench(number(info, 0), number(info, 1)));
}

template <typename Kind>
Napi::Object Programs(Napi::Env env) {
  Napi::Object programs = Napi::Object::New(env);
  programs.Set("copies", Napi::Function::New<Copies<Kind>>(env, "copies"));
  programs.Set("objects", Napi::Function::New<Objects<Kind>>(env, "objects"));
  programs.Set("binaryTrees", Napi::Function::New<BinaryTrees<Kind>>(env, "binaryTrees"));
  programs.Set("oneTree", Napi::Function::New<OneTree<Kind>>(env, "oneTree"));
  programs.Set("gcBench", Napi::Function::New<GcBench<Kind>>(env, "gcBench"));
  return programs;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("shared", Programs<Shared>(env));
#if defined(__GLIBCXX__)
  exports.Set("counted", Programs<Counted>(env));
#endif
  return exports;
}

}  // namespace

NODE_API_MODULE(shared, Init)
