import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { byteLengthOf } from '../captured.ts';
import { checkSize } from '../validate.ts';
import { checkAllocator } from '../wrappers/options.ts';
import { arrayAim } from './array-codec.ts';
import * as errors from './errors.ts';
import { FieldType } from './field-type.ts';
import type { Fields } from './fields.ts';
import { type Init, Layout, type Struct } from './layout.ts';
import { memoryOf, offsetIn } from './memory.ts';
import { Plan } from './plan.ts';
import { Region } from './region.ts';
import { StructArray } from './struct-array.ts';

/** The most that an array may take, in bytes: a little less than 2 GiB. */
const LARGEST_ARRAY = 2 ** 31 - 8192;

/** What every allocator of ours aligns to without being asked, in bytes. */
const USUAL_ALIGNMENT = 8;

/**
 * A struct in a block of its own, zeroed but for what `init` gives. The caller owns it, and gives it back with {@link destroy} or
 * `using`; an arena or a stack ends it with the rest.
 *
 * @throws as the allocator's `alloc`; `ERR_FREEHOLD_INVALID_ARGUMENT` for values and names of `init` that do not fit, and
 * `ERR_FREEHOLD_INVALID_SIZE` for text that is too long. No block is taken then.
 *
 * @example
 * ```ts
 * import { Arena, create, struct, u16, u32 } from 'freehold';
 * import assert from 'node:assert';
 *
 * const session = struct({ id: u32, hits: u16 });
 * using arena = new Arena();
 * const s = create(arena, session, { id: 7 });
 * s.hits++;
 * assert.deepEqual({ id: s.id, hits: s.hits }, { id: 7, hits: 1 });
 * assert.throws(() => (s.hits = 65536), { code: 'ERR_FREEHOLD_INVALID_ARGUMENT' });
 * ```
 */
export function create<F extends Fields>(allocator: Allocator, layout: Layout<F>, init?: Init<F>): Struct<F> {
  checkSource(allocator);
  if (!Layout.is(layout)) throw errors.notAType('the layout of a struct', layout);
  let plan: Plan | null = null;
  if (init !== undefined) {
    plan = Plan.begin();
    FieldType.codecOf(layout).plan(plan, 0, init, Layout.shapeOf(layout).name);
  }
  const block = take(allocator, layout.size, layout.alignment);
  const memory = memoryOf(block);
  const at = offsetIn(memory, block);
  const made = Layout.make(layout, memory, at, block);
  Region.own(made, block, allocator);
  if (plan !== null) plan.run(memory, at);
  return made as unknown as Struct<F>;
}

/** What {@link Layout.array} does. */
export function createArray<T extends FieldType>(
  allocator: Allocator,
  element: T,
  length: number,
): StructArray<T> {
  checkSource(allocator);
  const count = checkSize(length, 'the length of an array');
  const byteLength = checkArraySize(count * element.size);
  const label = `${element.toString()}[${count}]`;
  const block = take(allocator, byteLength, element.alignment);
  const memory = memoryOf(block);
  const at = offsetIn(memory, block);
  const made = new StructArray(arrayAim(element, count, label), element, count, memory, at, block);
  Region.own(made, block, allocator);
  return made;
}

/** What is used of an allocator; all of it is looked at, 150 ns, only to say what is missing. */
function checkSource(allocator: Allocator): void {
  if (
    typeof allocator !== 'object' ||
    allocator === null ||
    typeof allocator.alloc !== 'function' ||
    typeof allocator.free !== 'function'
  )
    checkAllocator(allocator, 'the allocator of a struct');
}

/** Offsets within an array are small integers. */
function checkArraySize(byteLength: number): number {
  if (byteLength <= LARGEST_ARRAY) return byteLength;
  throw errors.tooLargeArray(LARGEST_ARRAY, byteLength);
}

/** A zeroed block; refuses what an allocator that is not ours gives instead of one. */
function take(allocator: Allocator, byteLength: number, alignment: number): Block {
  const block: unknown =
    alignment <= USUAL_ALIGNMENT ? allocator.alloc(byteLength) : allocator.alloc(byteLength, alignment);
  if (block instanceof Block && byteLengthOf(block) >= byteLength) return block;
  throw errors.noBlock(byteLength, block);
}
