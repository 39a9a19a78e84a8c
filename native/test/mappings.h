// What the system says about the program's mappings (Linux).
#pragma once

#include <cstdio>
#include <cstring>

namespace freehold::test {

// What the system says that a program may do at an address ("rw-p", or "" when nothing is mapped there).
// Asking is better than touching: no test has to survive a fault.
inline void access_at(const void* address, char (&access)[8]) {
  access[0] = '\0';
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long long begin = 0;
    unsigned long long end = 0;
    char found[8] = "";
    if (std::sscanf(line, "%llx-%llx %7s", &begin, &end, found) != 3) continue;
    const auto wanted = reinterpret_cast<unsigned long long>(address);
    if (wanted < begin || wanted >= end) continue;
    std::strcpy(access, found);
    break;
  }
  std::fclose(maps);
}

}  // namespace freehold::test
