// @ts-check
// A TypeScript project of about 20,000 lines for bench/eslint/lint.mjs: modules of a server that import each other, half of which
// work with memory of freehold.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {number} i */
const plainModule = (i) => `
export interface Order${i} {
  readonly id: number;
  readonly customer: string;
  readonly items: readonly { readonly name: string; readonly price: number; readonly count: number }[];
  readonly paid?: Date;
}

export type Verdict${i} = { ok: true; total: number } | { ok: false; reason: string };

export class Orders${i} {
  readonly #orders = new Map<number, Order${i}>();

  add(order: Order${i}): this {
    if (this.#orders.has(order.id)) throw new RangeError(\`there is an order \${order.id}\`);
    this.#orders.set(order.id, order);
    return this;
  }

  total(id: number): Verdict${i} {
    const order = this.#orders.get(id);
    if (order === undefined) return { ok: false, reason: \`no order \${id}\` };
    let total = 0;
    for (const { price, count } of order.items) {
      if (count <= 0) continue;
      total += price * count;
    }
    return order.paid === undefined ? { ok: true, total } : { ok: false, reason: 'paid already' };
  }

  async settle(pay: (total: number) => Promise<boolean>): Promise<number> {
    let settled = 0;
    for (const { id } of this.#orders.values()) {
      const verdict = this.total(id);
      if (!verdict.ok) continue;
      try {
        if (await pay(verdict.total)) settled++;
      } catch (error) {
        throw new Error(\`cannot settle order \${id}\`, { cause: error });
      }
    }
    return settled;
  }

  byCustomer(): Map<string, Order${i}[]> {
    const found = new Map<string, Order${i}[]>();
    for (const order of this.#orders.values()) {
      const known = found.get(order.customer);
      if (known === undefined) found.set(order.customer, [order]);
      else known.push(order);
    }
    return found;
  }
}

export const expensive${i} = (orders: readonly Order${i}[], limit: number): string[] =>
  orders
    .filter(({ items }) => items.reduce((sum, { price, count }) => sum + price * count, 0) > limit)
    .map(({ customer }) => customer.toUpperCase())
    .sort();
`;

/** @param {number} i */
const memoryModule = (
  i,
) => `import { Heap, Pool, owned, type Allocator, type Block, type Owned } from 'freehold';
import { Orders${i - 1}, type Order${i - 1} } from './module-${i - 1}.ts';

const heap = new Heap({ name: 'orders ${i}' });
const packets = new Pool({ blockBytes: 1500, name: 'packets ${i}' });

export function encode${i}(order: Order${i - 1}, allocator: Allocator): Block {
  const text = JSON.stringify(order);
  const block = allocator.alloc(4 + Buffer.byteLength(text));
  block.writeUInt32BE(order.id);
  block.write(text, 4);
  return block;
}

export function checksum${i}(order: Order${i - 1}): number {
  using block = encode${i}(order, heap);
  let sum = 0;
  for (let at = 0; at < block.length; at++) sum = (sum * 31 + block.readUInt8(at)) | 0;
  return sum;
}

export function packet${i}(text: string): Owned<Block> {
  using made = owned(packets, 1500);
  made.value.write(text);
  return made.move();
}

export class Outbox${i} implements Disposable {
  readonly #orders = new Orders${i - 1}();
  readonly #waiting: Owned<Block>[] = [];
  #scratch: Block | null = null;

  post(order: Order${i - 1}): void {
    this.#orders.add(order);
    const letter = packet${i}(order.customer);
    if (letter.value.length < 4) {
      letter.dispose();
      throw new RangeError('too short');
    }
    this.#waiting.push(letter);
  }

  scratch(bytes: number): Block {
    if (this.#scratch !== null && this.#scratch.length < bytes) {
      heap.free(this.#scratch);
      this.#scratch = null;
    }
    this.#scratch ??= heap.alloc(bytes);
    return this.#scratch;
  }

  async flush(send: (bytes: Uint8Array) => Promise<void>): Promise<number> {
    let sent = 0;
    for (let letter = this.#waiting.shift(); letter !== undefined; letter = this.#waiting.shift()) {
      try {
        await send(letter.value);
        sent++;
      } finally {
        letter.dispose();
      }
    }
    return sent;
  }

  [Symbol.dispose](): void {
    for (const letter of this.#waiting.splice(0)) letter.dispose();
    if (this.#scratch !== null) heap.free(this.#scratch);
  }
}
`;

/**
 * Writes the project.
 *
 * @param {string} folder
 * @param {number} lines
 * @param {string} root the folder of freehold
 * @returns {number} how many lines it has
 */
export function writeProject(folder, lines, root) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let written = 0;
  for (let i = 0; written < lines; i++) {
    const text = i % 2 === 0 ? plainModule(i) : memoryModule(i);
    writeFileSync(join(folder, `module-${i}.ts`), text);
    written += text.split('\n').length - 1;
  }
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    paths: { freehold: [join(root, 'dist', 'index.d.ts')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }, null, 2));
  return written;
}
