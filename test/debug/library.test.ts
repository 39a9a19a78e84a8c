import { expect, test } from 'vitest';

import { Arena, Heap, leaks } from '../../lib/index.ts';
import { configureDebug } from '../../lib/debug/debug.ts';
import { library } from '../ffi/lib/c-functions.ts';

configureDebug({ onLeak: 'ignore' });

test('what a library has not freed is listed with who gave it the functions', () => {
  using heap = new Heap({ name: 'for a library' });
  const callbacks = heap.callbacks();
  const { malloc, free } = library(callbacks);
  const block = malloc(100);
  malloc(50);
  const { status, sites } = leaks();
  expect(status).toBe('leak');
  const found = sites.find(({ kind }) => kind === 'library');
  expect(found).toMatchObject({ allocator: 'for a library', blocks: 2 });
  expect(found?.bytes).toBeGreaterThanOrEqual(150);
  expect(found?.site).toMatch(/library\.test\.ts/);
  free(block);
  expect(leaks().sites.find(({ kind }) => kind === 'library')?.blocks).toBe(1);
  callbacks.dispose({ force: true });
  expect(leaks().sites.some(({ kind }) => kind === 'library')).toBe(false);
});

test('what a library has in an arena is dropped with it, and no leak', () => {
  using arena = new Arena();
  library(arena.callbacks()).malloc(100);
  expect(leaks().sites.some(({ kind }) => kind === 'library')).toBe(false);
});
