export { addressOf } from './address-of.ts';
export type { Allocator, AllocatorStats } from './allocator.ts';
export type {
  ArenaOptions,
  DisposeOptions,
  ResetMode,
  ResetOptions,
  Retain,
  WhenPinned,
} from './arena-options.ts';
export type { ArenaStats } from './arena-stats.ts';
export { Arena } from './arena.ts';
export { AutomaticAllocator } from './automatic-allocator.ts';
export { type AutoOptions, auto, keep, withAuto } from './automatic.ts';
export { BlockAllocator } from './block-allocator.ts';
export { Block } from './block.ts';
export { CowArray, type ElementOf } from './collections/cow-array.ts';
export { Interner, type InternerOptions } from './collections/interner.ts';
export {
  List,
  type ListInput,
  type ListOptions,
  type ListValue,
  type NestedInput,
  type PlainValue,
} from './collections/list.ts';
export type { CollectionOptions } from './collections/options.ts';
export { RcString } from './collections/rc-string.ts';
export { StringBuilder, type StringBuilderOptions } from './collections/string-builder.ts';
export { type Decoded, Value, type ValueKind, ValueRef } from './collections/value.ts';
export { checkQuarantine } from './debug/check.ts';
export { type DebugStats, debugStats } from './debug/debug-stats.ts';
export type { GuardedFigures } from './debug/guarded-blocks.ts';
export { LeaksError, expectNoLeaks } from './debug/expect-no-leaks.ts';
export { FaultError } from './debug/faults.ts';
export { type HeapProfileOptions, heapProfile } from './debug/heap-profile.ts';
export { type LeakReport, type LeakSite, leaks } from './debug/leaks.ts';
export type { DebugOptions } from './debug/settings.ts';
export { allocate, allocateAligned, defaultHeap, free, reallocate } from './default-heap.ts';
export { defaultRcHeap } from './default-rc-heap.ts';
export { FreeholdError, type FreeholdErrorCode } from './errors.ts';
export { api, include } from './ffi/addons.ts';
export type { CallbackOptions } from './ffi/callback-options.ts';
export {
  AllocatorCallbacks,
  type CallbackStats,
  type ContextFunctions,
  type LibraryBlock,
  type PlainFunctions,
} from './ffi/callbacks.ts';
export { FixedBuffer, type FixedBufferOptions, type FixedBufferStats } from './fixed-buffer.ts';
export type { AllocOptions, HeapOptions } from './heap-options.ts';
export type { HeapStats } from './heap-stats.ts';
export { Heap } from './heap.ts';
export { ArenaMark } from './mark.ts';
export {
  type BlockKindStats,
  type KindStats,
  type MemoryStats,
  memoryStats,
  trimChunkCache,
} from './memory-stats.ts';
export { AsyncDeferred } from './ownership/async-deferred.ts';
export { AsyncOwned } from './ownership/async-owned.ts';
export { AsyncScope } from './ownership/async-scope.ts';
export { borrow, borrowMut } from './ownership/borrow.ts';
export { BorrowedMut } from './ownership/borrowed-mut.ts';
export { Borrowed } from './ownership/borrowed.ts';
export { defer, deferAsync } from './ownership/defer.ts';
export { Deferred } from './ownership/deferred.ts';
export { drop, give } from './ownership/drop.ts';
export { own, ownAsync, owned } from './ownership/own.ts';
export { Owned } from './ownership/owned.ts';
export type { Owner, OwnershipReport, OwnershipState } from './ownership/owner.ts';
export type { ReadonlyBlock, ReadonlyBytes, ReadonlyView, Shared } from './ownership/readonly-block.ts';
export {
  type Ownable,
  type OwnedResult,
  type WithOwner,
  returnsOwnership,
} from './ownership/returns-ownership.ts';
export type { ScopeOptions, ScopeReport, ScopeState } from './ownership/scope-options.ts';
export { Scope, scoped } from './ownership/scope.ts';
export {
  type OwnerPositions,
  type TakesOwnershipDecorator,
  takesOwnership,
} from './ownership/takes-ownership.ts';
export {
  PageAllocator,
  type PageAllocatorOptions,
  type PageAllocatorStats,
  pageAllocator,
} from './page-allocator.ts';
export { Pin } from './pin.ts';
export type { PoolOptions } from './pool-options.ts';
export type { PoolStats } from './pool-stats.ts';
export { Pool } from './pool.ts';
export type { CollectOptions, DisposedBlock, RcAllocOptions, RcHeapOptions } from './rc-options.ts';
export type { RcCycle } from './rc-inspection.ts';
export type { RcHeapStats } from './rc-stats.ts';
export { RcHeap } from './rc-heap.ts';
export { Rc } from './rc.ts';
export { StackFrame } from './stack-frame.ts';
export { Stack, type StackOptions, type StackStats } from './stack.ts';
export { currentAllocator, currentStrategy } from './strategy/ambient.ts';
export { type MethodDecoratorOf, arenaMemory, autoMemory, manualMemory } from './strategy/decorators.ts';
export {
  arenaNames,
  createArena,
  destroyArena,
  getArena,
  hasArena,
  resetArena,
} from './strategy/named-arenas.ts';
export type { AmbientOptions } from './strategy/ambient-options.ts';
export { type Configuration, type Strategy, configure } from './strategy/strategies.ts';
export { withAllocator } from './strategy/with-allocator.ts';
export { type ArenaScopeOptions, trimScopes, withArena } from './strategy/with-arena.ts';
export { type ManualScopeOptions, withManual } from './strategy/with-manual.ts';
export { type ArrayType, arrayOf } from './struct/array-type.ts';
export { type Bytes, bytes } from './struct/bytes.ts';
export { type CString, cString } from './struct/c-string.ts';
export { create } from './struct/create.ts';
export type { FieldType, InputOf, ValueOf } from './struct/field-type.ts';
export type { Fields, LayoutOptions, PlacedField } from './struct/fields.ts';
export { type Init, type Layout, type Plain, type Struct, struct, union } from './struct/layout.ts';
export { assign, blockOf, destroy, isAlive, toObject } from './struct/operations.ts';
export {
  type Scalar,
  bool,
  char,
  f32,
  f64,
  i16,
  i32,
  i64,
  i8,
  isize,
  pointer,
  u16,
  u32,
  u64,
  u8,
  usize,
} from './struct/scalar.ts';
export { type FieldPath, type ScalarType, type Sized, alignOf, offsetOf, sizeOf } from './struct/sizes.ts';
export type { StructArray } from './struct/struct-array.ts';
export type { TypedArray, TypedArrayConstructor } from './typed-arrays.ts';
export { Weak } from './weak.ts';
export {
  type FailureCheck,
  type FailureCheckOptions,
  checkAllAllocationFailures,
} from './wrappers/check-failures.ts';
export {
  FailingAllocator,
  type FailingOptions,
  type FailingStats,
  type InducedFailure,
  failing,
} from './wrappers/failing.ts';
export { FallbackAllocator, type FallbackStats, fallback } from './wrappers/fallback.ts';
export { type Leak, LeakError } from './wrappers/leaks.ts';
export { LimitedAllocator, type LimitedStats, limited } from './wrappers/limited.ts';
export type { LogEvent, LogSink } from './wrappers/log.ts';
export { LoggingAllocator, logging } from './wrappers/logging.ts';
export type { WrapperOptions } from './wrappers/options.ts';
export type { SizeCount } from './wrappers/size-histogram.ts';
export { testingAllocator } from './wrappers/testing-allocator.ts';
export {
  TrackingAllocator,
  type TrackingOptions,
  type TrackingStats,
  tracking,
} from './wrappers/tracking.ts';
export { Wrapper } from './wrappers/wrapper.ts';
export type { WrapperStats } from './wrappers/layer.ts';

import './debug/from-environment.ts';
