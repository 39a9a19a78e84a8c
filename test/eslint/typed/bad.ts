// The values come from another file: only types and tags say whose they are.
import { give, keep, make, makeLater, raw } from './factory.ts';

export function leak(): number {
  const page = make(); // no-leak
  return page.value.length;
}

export async function leakLater(): Promise<number> {
  const page = await makeLater(); // no-leak
  return page.value.length;
}

export function useAfterTaker(): number {
  const page = make();
  keep(page);
  return page.value.length; // no-use-after-free
}

export function drop(): void {
  make(); // require-ownership
}

export function leakRaw(): number {
  const block = raw(); // no-leak
  return block.length;
}

export function useAfterGive(): void {
  const block = raw();
  give(block);
  block.fill(1); // no-use-after-free
}
