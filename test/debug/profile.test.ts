import { Arena, Heap, Pool, configure, heapProfile } from 'freehold';
import { Profile } from 'pprof-format';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

interface Node {
  readonly callFrame: { readonly functionName: string };
  readonly selfSize: number;
  readonly children: readonly Node[];
}

function sizeOf(node: Node, name: string): number {
  const own = node.callFrame.functionName === name ? node.selfSize : 0;
  return node.children.reduce((sum, child) => sum + sizeOf(child, name), own);
}

test('heapProfile has the live bytes of each place, and with profile: true all that were allocated', async () => {
  configure({ debug: { profile: true, onLeak: 'ignore' } });
  using heap = new Heap();
  using pool = new Pool({ blockBytes: 64 });
  using arena = new Arena();
  const inHeap = () => heap.alloc(1000);
  const inPool = () => pool.alloc();
  const inArena = () => arena.alloc(10);
  for (let i = 0; i < 5; i++) inHeap();
  for (let i = 0; i < 7; i++) pool.free(inPool());
  inArena();

  const { head } = JSON.parse((await heapProfile({ format: 'heapprofile' })).toString()) as { head: Node };
  expect(sizeOf(head, 'inHeap')).toBe(5000);
  expect(sizeOf(head, 'inPool')).toBe(0);
  expect(sizeOf(head, 'inArena')).toBe(10);
  const total = await heapProfile({ format: 'heapprofile', count: 'total' });
  expect(sizeOf((JSON.parse(total.toString()) as { head: Node }).head, 'inPool')).toBe(7 * 64);

  const pprof = Profile.decode(gunzipSync(await heapProfile()));
  const text = (index: number | bigint) => pprof.stringTable.strings[Number(index)];
  const types = pprof.sampleType.map(({ type }) => text(type));
  const functions = new Map(pprof.function.map((each) => [Number(each.id), text(each.name)]));
  const locations = new Map(
    pprof.location.map((each) => [Number(each.id), functions.get(Number(each.line[0].functionId))]),
  );
  const sample = pprof.sample.find((each) => locations.get(Number(each.locationId[0])) === 'inPool');
  expect(Object.fromEntries(types.map((type, index) => [type, Number(sample?.value[index])]))).toEqual({
    inuse_objects: 0,
    inuse_space: 0,
    alloc_objects: 7,
    alloc_space: 448,
  });
});

test('options that are not known are an error', async () => {
  await expect(heapProfile({ format: 'svg' } as never)).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_FREEHOLD_INVALID_ARGUMENT' }),
  );
});

test('samples stand for as many blocks as were not looked at', async () => {
  configure({ debug: { record: 'sampled', sampleEvery: 20, onLeak: 'ignore' } });
  using heap = new Heap();
  const sampled = () => heap.alloc(100);
  for (let i = 0; i < 20_000; i++) sampled();
  const { head } = JSON.parse((await heapProfile({ format: 'heapprofile' })).toString()) as { head: Node };
  // 1,000 samples are expected; five standard deviations are 160.
  expect(Math.abs(sizeOf(head, 'sampled') / 2_000_000 - 1)).toBeLessThan(0.16);
});
