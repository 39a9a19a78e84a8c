import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { open, mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer as collect } from 'node:stream/consumers';
import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Arena, Block } from 'freehold';
import { refusal } from './lib/codes.ts';
import { runChild } from './lib/child.ts';

function member(name: string | symbol): (receiver: unknown) => unknown {
  const { get, value } = Object.getOwnPropertyDescriptor(Block.prototype, name) as PropertyDescriptor;
  return (receiver) => Reflect.apply((get ?? value) as () => unknown, receiver, []);
}

describe('a block is a Buffer', () => {
  test('for everybody who asks', () => {
    const block = new Arena().alloc(8);
    expect(Buffer.isBuffer(block)).toBe(true);
    expect(block).toBeInstanceOf(Buffer);
    expect(block).toBeInstanceOf(Uint8Array);
    expect(block).toBeInstanceOf(Block);
    expect(ArrayBuffer.isView(block)).toBe(true);
  });

  test('with every method of Buffers', () => {
    const block = new Arena().alloc(16);
    block.writeUInt32BE(0xcafebabe, 4);
    expect(block.readUInt32BE(4)).toBe(0xcafebabe);
    expect(block.toString('hex')).toBe('00000000cafebabe0000000000000000');
    expect(block.equals(Buffer.from('00000000cafebabe0000000000000000', 'hex'))).toBe(true);
    expect(Buffer.concat([block, block]).length).toBe(32);
    expect(JSON.stringify(new Arena().alloc(2))).toBe('{"type":"Buffer","data":[0,0]}');
  });

  test('for fs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'block-'));
    try {
      const arena = new Arena();
      const path = join(folder, 'file');
      const file = await open(path, 'w+');
      const { bytesWritten } = await file.write(arena.string('written from a block'));
      const { bytesRead, buffer } = await file.read(arena.alloc(64), 0, 64, 0);
      await file.close();
      expect([bytesWritten, bytesRead]).toEqual([20, 20]);
      expect(buffer.toString('utf8', 0, bytesRead)).toBe('written from a block');
      expect(await readFile(path, 'utf8')).toBe('written from a block');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('for zlib and crypto', () => {
    const arena = new Arena();
    const block = randomFillSync(arena.alloc(4096));
    expect(inflateSync(deflateSync(block)).equals(block)).toBe(true);
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(hash(block)).toBe(hash(Buffer.from(block)));
  });

  test('for net', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.end(new Arena().string('echo'));
    expect((await collect(socket)).toString()).toBe('echo');
    server.close();
  });
});

describe('what is made of a block', () => {
  test('by map, filter and subarray is an ordinary Buffer', () => {
    const block = new Arena().alloc(8);
    const made = [block.map((byte) => byte + 1), block.filter(() => true), block.subarray(2)];
    for (const each of made) {
      expect(Buffer.isBuffer(each)).toBe(true);
      expect(each).not.toBeInstanceOf(Block);
    }
    expect(made.map((each) => each.length)).toEqual([8, 8, 6]);
    expect(made.map((each) => each.buffer === block.buffer)).toEqual([false, false, true]);
  });

  test('warns of nothing', async () => {
    await runChild(`
      import { Arena } from 'freehold';
      const block = new Arena().alloc(8);
      block.map((byte) => byte); block.filter(Boolean); block.slice(1); block.subarray(1);
    `);
  });

  test('by subarray ends with the block', () => {
    const arena = new Arena();
    const block = arena.alloc(8).fill(1);
    const [part, view] = [block.subarray(2, 4), new DataView(block.buffer)];
    expect([...part]).toEqual([1, 1]);
    arena.reset();
    expect(part.length).toBe(0);
    expect(() => view.byteLength).toThrow(TypeError);
  });
});

describe('address', () => {
  test('counts bytes within one chunk', () => {
    const arena = new Arena();
    const [a, b] = [arena.alloc(16), arena.alloc(1)];
    expect(typeof a.address).toBe('bigint');
    expect(a.address).toBeGreaterThan(0n);
    expect(b.address - a.address).toBe(16n);
  });

  test('is that of the memory: aligned as was asked for', () => {
    const arena = new Arena();
    for (const alignment of [16, 64, 4096, 65536]) {
      arena.alloc(1);
      expect(arena.alloc(8, alignment).address % BigInt(alignment)).toBe(0n);
    }
  });

  test('of a zero-length block is where it stands', () => {
    const arena = new Arena();
    const before = arena.alloc(16);
    expect(arena.alloc(0).address).toBe(before.address + 16n);
  });

  test('of a block that was ended is refused', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    arena.reset();
    refusal(() => block.address, 'ERR_FREEHOLD_USE_AFTER_FREE');
    refusal(() => block.pin(), 'ERR_FREEHOLD_USE_AFTER_FREE');
  });
});

describe('allocator', () => {
  test('is the arena, also when the block was ended', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    expect(block.allocator).toBe(arena);
    arena.dispose();
    expect(block.allocator).toBe(arena);
  });
});

describe('disposal of a block', () => {
  test('frees it', () => {
    const arena = new Arena();
    arena.alloc(16);
    const block = arena.alloc(100);
    block[Symbol.dispose]();
    expect(arena.used).toBe(16);
  });

  test('does nothing when its memory is not the arena\u2019s any more', () => {
    for (const mode of ['detach', 'orphan', 'reuse'] as const) {
      for (const end of ['reset', 'dispose'] as const) {
        const arena = new Arena({ retain: 'none' });
        const block = arena.alloc(8);
        arena[end]({ mode });
        block[Symbol.dispose]();
        expect(arena.used).toBe(0);
      }
    }
  });
});

describe('members of Block on what no allocator made', () => {
  const receivers = [
    Block.prototype,
    {},
    null,
    1,
    new Uint8Array(8),
    Buffer.alloc(8),
    new Block(new ArrayBuffer(8), 0, 8),
  ];
  test.each(['address', 'allocator', 'pin', Symbol.dispose])('%s is refused', (name) => {
    for (const receiver of receivers) {
      refusal(() => member(name)(receiver), 'ERR_FREEHOLD_INVALID_RECEIVER');
    }
  });

  test('a foreign view over a block\u2019s memory is no block', () => {
    const { buffer } = new Arena().alloc(8);
    refusal(() => member('address')(new Uint8Array(buffer)), 'ERR_FREEHOLD_INVALID_RECEIVER');
  });
});
