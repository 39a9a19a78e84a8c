// Everything that one environment owns. There are no globals: a worker has its own, and its end frees it.
#pragma once

#include <memory>

#include "control_blocks.h"
#include "exposed_chunks.h"

namespace freehold::binding {

struct AddonData {
  explicit AddonData(napi_env env) : chunks(std::make_shared<ExposedChunks>(env)) {}

  std::shared_ptr<ExposedChunks> chunks;
  // Shared with the arenas, which the collector may finalize after the environment's data.
  std::shared_ptr<ControlBlocks> controls = std::make_shared<ControlBlocks>();
};

}  // namespace freehold::binding
