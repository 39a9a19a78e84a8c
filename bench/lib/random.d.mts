export function randomFrom(seed: number): () => number;
export function victimsOf(live: number, count: number, seed?: number): Uint32Array;
export function sizesBetween(smallest: number, largest: number, count: number, seed?: number): Uint32Array;
