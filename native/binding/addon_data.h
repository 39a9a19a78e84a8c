// Everything that one environment owns. There are no globals: a worker has its own, and its end frees it.
#pragma once

#include <memory>

#include "control_blocks.h"
#include "exposed_chunks.h"
#include "foreign_blocks.h"
#include "handles.h"
#include "loans.h"
#include "mailbox.h"
#include "objects.h"
#include "retired_records.h"

namespace freehold::binding {

class ArenaHandle;
class PoolHandle;
class ExposedBlocks;
class RcHandle;
class GuardedHandle;
class LibraryHeap;
class LibraryMemory;

// The arenas that are neither disposed nor collected.
using LiveArenas = LiveSet<ArenaHandle>;
// The same for pools, and for the tables of blocks that stand alone.
using LivePools = LiveSet<PoolHandle>;
using LiveBlocks = LiveSet<ExposedBlocks>;

struct AddonData {
  explicit AddonData(napi_env env) : chunks(std::make_shared<ExposedChunks>(env)) {}
  ~AddonData() { LoanRegistry::of_process().forget(*loans); }
  AddonData(const AddonData&) = delete;
  AddonData& operator=(const AddonData&) = delete;

  std::shared_ptr<ExposedChunks> chunks;
  // Shared with the arenas, which the collector may finalize after the environment's data.
  std::shared_ptr<ControlBlocks> controls = std::make_shared<ControlBlocks>();
  std::shared_ptr<LiveArenas> arenas = std::make_shared<LiveArenas>();
  std::shared_ptr<LivePools> pools = std::make_shared<LivePools>();
  std::shared_ptr<LiveBlocks> blocks = std::make_shared<LiveBlocks>();
  std::shared_ptr<LiveSet<RcHandle>> rc_heaps = std::make_shared<LiveSet<RcHandle>>();
  std::shared_ptr<LiveSet<GuardedHandle>> guarded = std::make_shared<LiveSet<GuardedHandle>>();
  std::shared_ptr<LiveSet<LibraryHeap>> library_heaps = std::make_shared<LiveSet<LibraryHeap>>();
  std::shared_ptr<LiveSet<LibraryMemory>> memories = std::make_shared<LiveSet<LibraryMemory>>();
  // What C may still have pointers to.
  std::shared_ptr<RetiredRecords<fh_memory>> retired_memories = std::make_shared<RetiredRecords<fh_memory>>();
  std::shared_ptr<RetiredRecords<fh_arena>> retired_arenas = std::make_shared<RetiredRecords<fh_arena>>();
  // What libraries and the collector have to tell.
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  std::shared_ptr<LoanBook> loans = std::make_shared<LoanBook>(mailbox);
  std::shared_ptr<ForeignBlocks> foreign = std::make_shared<ForeignBlocks>(chunks, mailbox);
};

}  // namespace freehold::binding
