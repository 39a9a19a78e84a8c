#include "guarded_pages.h"

#include <algorithm>
#include <cstdint>

#include "checked.h"
#include "pages.h"

namespace freehold {

GuardedPages map_guarded(std::size_t bytes, std::size_t alignment, Guard guard) noexcept {
  const std::size_t page = pages::page_size();
  const std::size_t guards = guard == Guard::none ? 0 : page;
  // Mappings begin at a page: what a larger alignment may have to skip.
  const std::size_t skip = std::max(alignment, page) - page;
  std::size_t needed = 0;
  std::size_t body = 0;
  std::size_t total = 0;
  if (!is_power_of_two(alignment) || !checked_round_up(std::max<std::size_t>(bytes, 1), alignment, needed))
    return {};
  if (!checked_round_up(needed, page, body) || !checked_add(body, skip, total) ||
      !checked_add(total, 2 * guards, total))
    return {};

  if (total == body) {
    auto* whole = static_cast<std::byte*>(pages::map(body));
    return {.mapping = whole, .mapped = body, .committed = body, .begin = whole, .usable = body};
  }
  auto* mapping = static_cast<std::byte*>(pages::reserve(total));
  if (mapping == nullptr) return {};
  // From the first page that is aligned, behind the front guard. `body` is a multiple of the alignment where
  // that is more than a page, so that its end is as aligned as its beginning.
  std::byte* first = mapping + guards;
  first += padding_to(reinterpret_cast<std::uintptr_t>(first), std::max(alignment, page));
  if (!pages::commit(first, body)) {
    pages::unmap(mapping, total);
    return {};
  }
  const bool at_rear = guard == Guard::rear;
  return {.mapping = mapping,
          .mapped = total,
          .committed = body,
          .begin = at_rear ? first + (body - needed) : first,
          .usable = at_rear ? needed : body};
}

}  // namespace freehold
