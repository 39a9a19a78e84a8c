// Code that somebody else holds a pointer to must not be unloaded: a worker's end closes the addon, which no
// other thread may have loaded. Implemented once per platform.
#pragma once

namespace freehold {

// From now on the library that this code is in stays loaded until the process ends.
void stay_loaded() noexcept;

}  // namespace freehold
