/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- that the compiler refuses them is what is tested */
// The rules that the compiler keeps. `npm run typecheck` reads this file, which is never run: an `@ts-expect-error` above a line
// that compiles is an error, and so is a type that is not what `expectTypeOf` says.
import {
  Pool,
  RcHeap,
  borrow,
  borrowMut,
  create,
  drop,
  f64,
  give,
  own,
  ownAsync,
  owned,
  returnsOwnership,
  struct,
  takesOwnership,
  type AsyncOwned,
  type Block,
  type Borrowed,
  type BorrowedMut,
  type Owned,
  type Owner,
  type OwnerPositions,
  type Rc,
  type ReadonlyBlock,
  type Shared,
  type WithOwner,
} from 'freehold';
import { writeSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';

declare const block: Owned<Block>;
declare const later: AsyncOwned<AsyncDisposable>;
declare const reader: Borrowed<Block>;
declare const writer: BorrowedMut<Block>;

describe('the compiler', () => {
  test('knows what own() has been given, a type made of several too', () => {
    const point = own(create(new Pool({ blockBytes: 16 }), struct({ x: f64, y: f64 })));
    expectTypeOf(point.value.x).toEqualTypeOf<number>();
    expectTypeOf(own({ name: 'x', [Symbol.dispose]: () => undefined }).value.name).toEqualTypeOf<string>();
  });

  test('keeps owners, readers and writers apart', () => {
    const takesOwner = (_: Owned<Block>) => undefined;
    const takesReader = (_: Borrowed<Block>) => undefined;
    const takesWriter = (_: BorrowedMut<Block>) => undefined;
    takesOwner(block);
    takesReader(reader);
    takesWriter(writer);
    // @ts-expect-error an owner is no reader
    takesReader(block);
    // @ts-expect-error an owner is no writer
    takesWriter(block);
    // @ts-expect-error a reader is no owner
    takesOwner(reader);
    // @ts-expect-error a writer is no owner
    takesOwner(writer);
    // @ts-expect-error a writer is no reader
    takesReader(writer);
    // @ts-expect-error a reader is no writer
    takesWriter(reader);
    // @ts-expect-error a block has no owner of itself
    takesOwner(block.value);
    // @ts-expect-error what ends asynchronously does not end at once
    takesOwner(later);
    // @ts-expect-error an owner of another resource
    takesOwner(own({ [Symbol.dispose]: () => undefined }));
  });

  test('lets a block be read through a shared borrow, and not written, freed or given away', () => {
    const bytes = reader.value;
    expectTypeOf(bytes).toEqualTypeOf<Shared<Block>>();
    expectTypeOf(bytes[0]).toEqualTypeOf<number>();
    expectTypeOf(bytes.length).toEqualTypeOf<number>();
    expectTypeOf(bytes.toString('utf8')).toEqualTypeOf<string>();
    expectTypeOf(bytes.readUInt32LE(0)).toEqualTypeOf<number>();
    writeSync(1, bytes); // what node reads
    // @ts-expect-error a byte is not written
    bytes[0] = 1;
    // @ts-expect-error nor is it filled
    bytes.fill(1);
    // @ts-expect-error nor is it set
    bytes.set([1]);
    // @ts-expect-error nor written as a number
    bytes.writeUInt32LE(1, 0);
    // @ts-expect-error nor through a part of it
    bytes.subarray(1)[0] = 1;
    // @ts-expect-error nor is it freed
    bytes[Symbol.dispose]();
    // @ts-expect-error nor handed to what takes a block
    ((_: Block) => undefined)(bytes);
    // @ts-expect-error nor is it owned
    own(bytes);
    writer.value[0] = 1;
    writer.value.fill(1);
    expectTypeOf(writer.value).toEqualTypeOf<Block>();
    expectTypeOf<Shared<Date>>().toEqualTypeOf<Date>();
    expectTypeOf<Shared<Block>>().toEqualTypeOf<ReadonlyBlock>();
    // @ts-expect-error nor is a count of it changed
    (undefined as unknown as Shared<Rc>).release();
  });

  test('knows which handles end at once', () => {
    const both = { [Symbol.dispose]: () => undefined, [Symbol.asyncDispose]: async () => undefined };
    expectTypeOf(own(both)).toEqualTypeOf<Owned<typeof both>>();
    expectTypeOf(ownAsync(both)).toEqualTypeOf<AsyncOwned<typeof both>>();
    expectTypeOf(own(5 as number, (_) => undefined)).toEqualTypeOf<Owned<number>>();
    expectTypeOf(ownAsync(5 as number, async (_) => undefined)).toEqualTypeOf<AsyncOwned<number>>();
    // @ts-expect-error what ends asynchronously has no dispose()
    later.dispose();
    // @ts-expect-error nor is it held by `using`
    using wrong = later;
    expectTypeOf(wrong).not.toBeAny();
    // @ts-expect-error no end at all
    own({});
    // @ts-expect-error a handle is no resource
    own(block);
    // @ts-expect-error nor is a borrow
    own(reader);
    // @ts-expect-error nor a writer's
    ownAsync(writer);
  });

  test('knows what allocators hand out', () => {
    expectTypeOf(owned(new Pool({ blockBytes: 64 }))).toEqualTypeOf<Owned<Block>>();
    expectTypeOf(owned(new RcHeap(), 64)).toEqualTypeOf<Owned<Rc>>();
    // @ts-expect-error a heap has blocks of any length
    owned(new RcHeap());
    // @ts-expect-error a length is no allocator
    owned(64);
  });

  test('gives functions their borrow, and their result back', () => {
    expectTypeOf(borrow(block, (it) => it.value.length)).toEqualTypeOf<number>();
    expectTypeOf(borrowMut(block, async (it) => it.value.fill(1))).toEqualTypeOf<Promise<Block>>();
    borrow(later, (it) => it.value);
    // @ts-expect-error a reader's function takes a Borrowed
    borrow(block, (it: BorrowedMut<Block>) => it);
    // @ts-expect-error a block has no owner of itself
    borrow(block.value, () => undefined);
  });

  test('does not know the members of a handle after drop and give', () => {
    const dropped: Owned<Block> = block;
    expectTypeOf(dropped.value).toEqualTypeOf<Block>();
    drop(dropped);
    // @ts-expect-error it was ended
    expect(dropped.value);
    const given: Owned<Block> = block;
    give(given, (it) => {
      expectTypeOf(it).toEqualTypeOf<Owned<Block>>();
    });
    // @ts-expect-error it was moved
    given.move();
    const lent: AsyncOwned<AsyncDisposable> = later;
    give(lent, (it) => it.release());
    // @ts-expect-error it was moved
    expect(lent.state);
    // @ts-expect-error what ends asynchronously is not dropped
    drop(later);
    // @ts-expect-error a borrow is not dropped
    drop(reader);
  });

  test('says in the types of functions who owns what', () => {
    expectTypeOf<WithOwner<Block>>().toEqualTypeOf<Owned<Block>>();
    expectTypeOf<WithOwner<Block | null>>().toEqualTypeOf<Owned<Block> | null>();
    expectTypeOf<WithOwner<Promise<Block>>>().toEqualTypeOf<Promise<Owned<Block>>>();
    expectTypeOf<WithOwner<Owned<Block>>>().toEqualTypeOf<Owned<Block>>();
    expectTypeOf<WithOwner<AsyncDisposable>>().toEqualTypeOf<AsyncOwned<AsyncDisposable>>();
    const make = returnsOwnership((_: number): Block => block.value);
    expectTypeOf(make).parameters.toEqualTypeOf<[number]>();
    expectTypeOf(make).returns.toEqualTypeOf<Owned<Block>>();
    // @ts-expect-error a number cannot be owned
    returnsOwnership(() => 5);

    expectTypeOf<OwnerPositions<[Owned<Block>, number, Owner<Block>]>>().toEqualTypeOf<0 | 2>();
    expectTypeOf<OwnerPositions<[a: number, b?: Owned<Block>]>>().toEqualTypeOf<1>();
    const send = takesOwnership((_: Owned<Block>, __: string) => 5, 0);
    expectTypeOf(send).parameters.toEqualTypeOf<[Owned<Block>, string]>();
    expectTypeOf(send(block, 'x')).toEqualTypeOf<number>();
    // @ts-expect-error a string is not taken
    takesOwnership((_: Owned<Block>, __: string) => 5, 1);
    // @ts-expect-error there is no third
    takesOwnership((_: Owned<Block>, __: string) => 5, 2);
    // @ts-expect-error a borrow is not taken
    takesOwnership((_: Borrowed<Block>) => 5, 0);
    // @ts-expect-error nothing is taken
    takesOwnership((_: Owned<Block>) => 5);
    // @ts-expect-error what is taken is given as a handle
    send(block.value, 'x');
  });

  test('checks the methods that have a decorator', () => {
    class Queue {
      @takesOwnership(0)
      push(_: Owned<Block>): void {}

      // @ts-expect-error a number is not taken
      @takesOwnership(1)
      count(_: Owned<Block>, __: number): void {}

      @returnsOwnership
      shift(): Owned<Block> | undefined {
        return undefined;
      }

      @returnsOwnership
      async next(): Promise<Owned<Block> | null> {
        return null;
      }

      // @ts-expect-error its result has no owner
      @returnsOwnership
      peek(): Block {
        return block.value;
      }
    }
    expect(Queue);
  });
});
