import { checkAlignment, checkFlag, checkName, readOptions } from './validate.ts';

/** How a heap works. */
export interface HeapOptions {
  /** Gives every block pages and an ArrayBuffer of its own, so that views die when their block is freed. Default: false. */
  isolate?: boolean;
  /** A name for messages and figures. Default: `'heap'`. */
  name?: string;
}

/** How one block of a heap is made. */
export interface AllocOptions {
  /** What its address is a multiple of: a power of two up to 2 MiB. Default: 16. */
  alignment?: number;
  /** Pages and an ArrayBuffer of its own, so that its views die when it is freed. Default: as the heap was made. */
  isolate?: boolean;
}

/** The settings of a new heap. */
export function readHeapOptions(options: HeapOptions | undefined): Required<HeapOptions> {
  const { isolate = false, name = 'heap' } = readOptions(options, ['isolate', 'name'], 'Heap');
  return { isolate: checkFlag(isolate, 'isolate'), name: checkName(name) };
}

/** A block that stands alone, and is like any other else: known by its identity, so that debug mode need not have it read each time. */
export const ALONE: Required<AllocOptions> = Object.freeze({ alignment: 16, isolate: true });

/** The options of one allocation, which may be the alignment alone. */
export function readAllocOptions(
  how: number | AllocOptions | undefined,
  isolateByDefault: boolean,
): Required<AllocOptions> {
  if (how === ALONE) return ALONE;
  if (typeof how !== 'object' || how === null) {
    return { alignment: how === undefined ? 16 : checkAlignment(how), isolate: isolateByDefault };
  }
  const { alignment = 16, isolate = isolateByDefault } = readOptions(how, ['alignment', 'isolate'], 'alloc');
  return { alignment: checkAlignment(alignment), isolate: checkFlag(isolate, 'isolate') };
}
