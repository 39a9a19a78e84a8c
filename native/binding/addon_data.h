// Everything that one environment owns. There are no globals: a worker has its own, and its end frees it.
#pragma once

#include <memory>

#include "control_blocks.h"
#include "exposed_chunks.h"
#include "handles.h"

namespace freehold::binding {

class ArenaHandle;
class PoolHandle;
class ExposedBlocks;
class RcHandle;
class GuardedHandle;

// The arenas that are neither disposed nor collected.
using LiveArenas = LiveSet<ArenaHandle>;
// The same for pools, and for the tables of blocks that stand alone.
using LivePools = LiveSet<PoolHandle>;
using LiveBlocks = LiveSet<ExposedBlocks>;

struct AddonData {
  explicit AddonData(napi_env env) : chunks(std::make_shared<ExposedChunks>(env)) {}

  std::shared_ptr<ExposedChunks> chunks;
  // Shared with the arenas, which the collector may finalize after the environment's data.
  std::shared_ptr<ControlBlocks> controls = std::make_shared<ControlBlocks>();
  std::shared_ptr<LiveArenas> arenas = std::make_shared<LiveArenas>();
  std::shared_ptr<LivePools> pools = std::make_shared<LivePools>();
  std::shared_ptr<LiveBlocks> blocks = std::make_shared<LiveBlocks>();
  std::shared_ptr<LiveSet<RcHandle>> rc_heaps = std::make_shared<LiveSet<RcHandle>>();
  std::shared_ptr<LiveSet<GuardedHandle>> guarded = std::make_shared<LiveSet<GuardedHandle>>();
};

}  // namespace freehold::binding
