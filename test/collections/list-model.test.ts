import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { List, type ListInput, RcHeap, RcString } from 'freehold';
import { grounds } from './lib/allocators.ts';

/** What a list must be: an array, in which other lists stand for themselves. */
interface Model {
  readonly list: List;
  readonly elements: Expected[];
}
type Expected = number | boolean | null | string | Model;

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), list: fc.nat(3), value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pushString' as const), list: fc.nat(3), value }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pushList' as const), list: fc.nat(3), to: fc.nat(3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('set' as const), list: fc.nat(3), at: fc.nat(20), value }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('setList' as const),
      list: fc.nat(3),
      at: fc.nat(20),
      to: fc.nat(3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pop' as const), list: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), list: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fill' as const), list: fc.nat(3), value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const), list: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('collect' as const), maxPauseMs: fc.constantFrom(0, Infinity) }),
  },
);

function check(actual: unknown, expected: Expected): void {
  if (typeof expected !== 'object' || expected === null) {
    if (typeof expected === 'string') assert(actual instanceof RcString);
    assert(Object.is(typeof expected === 'string' ? String(actual) : actual, expected));
  } else assert((actual as List).isSame(expected.list));
}

function release(actual: unknown): void {
  if (actual instanceof RcString || actual instanceof List) actual.release();
}

function compare({ list, elements }: Model): void {
  assert.equal(list.length, elements.length);
  let index = 0;
  for (const element of list) check(element, elements[index++]);
  assert.equal(index, elements.length);
}

describe.each(grounds)('over %s', (_name, make) => {
  test('no program makes a list differ from an array, and nothing is left of it', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (program) => {
        const ground = make();
        const { allocator } = ground;
        // The objects that programs use, and as many that are only there to see the same.
        const models: Model[] = Array.from({ length: 4 }, () => ({
          list: List.create({ allocator }),
          elements: [],
        }));
        const mirrors = models.map(({ list }) => list.share());
        for (const each of program) {
          if (each.kind === 'collect') {
            // One that stops at once is under way in what follows.
            if (allocator instanceof RcHeap) allocator.collect({ maxPauseMs: each.maxPauseMs });
            continue;
          }
          const model = models[each.list];
          const { list, elements } = model;
          const put = (input: ListInput, expected: Expected, at?: number): void => {
            if (at === undefined) assert.equal(list.push(input), elements.push(expected));
            else if (at < elements.length) {
              list.set(at, input);
              elements[at] = expected;
            }
          };
          if (each.kind === 'push') put(each.value, each.value);
          else if (each.kind === 'pushString') {
            const string = RcString.from(String(each.value), { allocator });
            put(string, String(each.value));
            string.release();
          } else if (each.kind === 'pushList') put(models[each.to].list, models[each.to]);
          else if (each.kind === 'set') put(each.value, each.value, each.at);
          else if (each.kind === 'setList') put(models[each.to].list, models[each.to], each.at);
          else if (each.kind === 'fill') for (let more = 0; more < 9; more++) put(each.value, each.value);
          else if (each.kind === 'pop') {
            const popped = list.pop();
            if (elements.length === 0) assert.equal(popped, undefined);
            else check(popped, elements.pop()!);
            release(popped);
          } else if (each.kind === 'clear') {
            list.clear();
            elements.length = 0;
          } else if (models.every((other) => !other.elements.includes(model))) {
            list.release();
            mirrors[each.list].release();
            models[each.list] = { list: List.create({ allocator }), elements: [] };
            mirrors[each.list] = models[each.list].list.share();
          }
        }
        for (const [index, model] of models.entries()) {
          compare(model);
          compare({ ...model, list: mirrors[index] });
        }
        // Without an RcHeap nothing finds cycles.
        if (!(allocator instanceof RcHeap)) for (const { list } of models) list.clear();
        for (const list of [...mirrors, ...models.map((model) => model.list)]) list.release();
        ground.assertEmpty();
        allocator[Symbol.dispose]();
      }),
      { numRuns: 60 },
    );
  });
});
