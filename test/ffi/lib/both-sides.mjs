// Programs in which JavaScript and C allocate from one arena by turns, held against a list of what each has. They run in the
// test itself, in a worker, and in a process whose memory is the engine's.
import assert from 'node:assert/strict';

/**
 * What a step does, and with what: numbers that each kind reads in its own way.
 *
 * @typedef {{ kind: number, size: number, choice: number }} Step
 */

/** Kinds of steps: a number stands for one more of each. */
export const KINDS = 12;

/** A step's sizes: mostly small, sometimes larger than a chunk. */
const sizeOf = ({ size }) => (size % 23 === 0 ? 40_000 + size * 97 : size);

/**
 * Runs a program over a new arena.
 *
 * @param {{ Arena: any }} freehold
 * @param {any} native an addon as native-side.c, set up
 * @param {object} options of the arena
 * @param {readonly Step[]} steps
 */
export function runBothSides({ Arena }, native, options, steps) {
  const arena = new Arena({ initialBytes: 4096, maxChunkBytes: 65_536, ...options });
  const face = native.arenaOf(arena.native)[1];
  assert.equal(face, arena.pointer);
  const [memory] = native.memoryOf(face);
  let blocks = []; // { owner, view or address, size, byte }
  let marks = []; // { mark, blocks }
  let byte = 1;

  const fresh = () => (byte = (byte % 250) + 1);
  const bytesOf = (block) => block.view ?? arena.blockAt(block.address, block.size);
  const add = (block) => {
    blocks.push(block);
    const view = bytesOf(block);
    assert.equal(view.length, block.size);
    if (block.view !== undefined) view.fill(block.byte);
  };
  const take = (step, alignment) => {
    const block = { size: sizeOf(step), byte: fresh() };
    const [status, address] = native.take(face, block.size, alignment, block.byte);
    assert.ok(status <= 2n, `status ${status}`);
    if (status === 0n) add({ ...block, owner: 'c', address });
    return status;
  };
  const endAll = () => {
    blocks = [];
    marks = [];
  };

  for (const step of steps) {
    const before = arena.stats();
    switch (step.kind) {
      case 0:
      case 1: {
        const view = arena.tryAlloc(sizeOf(step));
        if (view === null) break;
        assert.ok(
          view.every((value) => value === 0),
          'a zeroed block is zero',
        );
        add({ owner: 'js', view, size: sizeOf(step), byte: fresh() });
        break;
      }
      case 2: {
        if (take(step, 0) !== 0n) assert.deepEqual(arena.stats(), before);
        break;
      }
      case 3:
        take(step, [1, 8, 64, 4096][step.choice % 4]);
        break;
      case 4:
      case 5: {
        const block = { size: sizeOf(step) + 1, byte: fresh() };
        const [address] = native.resize(memory, 0n, block.size, block.byte);
        if (address !== 0n) add({ ...block, owner: 'library', address });
        break;
      }
      case 6: {
        const index = blocks.findLastIndex(({ owner }) => owner === 'library');
        if (index < 0) break;
        const [block] = blocks.splice(index, 1);
        native.resize(memory, block.address, 0, 0);
        marks = marks.filter((marked) => marked.blocks <= index); // What comes in its place would stand before them.
        break;
      }
      case 7: {
        const index = blocks.findLastIndex(({ owner }) => owner === 'library');
        if (index < 0) break;
        const block = blocks[index];
        const size = sizeOf(step) + 1;
        const [address] = native.resize(memory, block.address, size, block.byte);
        if (address === 0n) break;
        // What a mark covers may have grown behind it, or moved: it is ended with those marks, which no rewind goes back to.
        marks = marks.filter((marked) => marked.blocks <= index);
        blocks.splice(index, 1);
        add({ owner: 'library', address, size, byte: block.byte });
        break;
      }
      case 8: {
        const last = blocks.at(-1);
        if (last?.owner !== 'js' || last.size === 0) break;
        const { bytesUsed } = before;
        arena.free(last.view);
        if (arena.stats().bytesUsed === bytesUsed) break;
        blocks.pop();
        marks = marks.filter((marked) => marked.blocks <= blocks.length);
        break;
      }
      case 9:
        marks.push({ mark: arena.mark(), blocks: blocks.length });
        break;
      case 10: {
        if (marks.length === 0) break;
        marks.length = 1 + (step.choice % marks.length);
        const { mark, blocks: kept } = marks.at(-1);
        const ended = blocks.slice(kept);
        arena.rewind(mark);
        if (options.reset !== 'orphan') blocks.length = kept;
        else
          blocks = blocks.filter(
            (block) => block.owner !== 'js' || block.view.length > 0 || block.size === 0,
          );
        if (options.reset === 'detach')
          for (const { view, size } of ended) if (view && size) assert.equal(view.length, 0);
        break;
      }
      default:
        if (step.choice % 4 !== 0) break;
        arena.reset();
        assert.equal(arena.used, 0);
        endAll();
    }
    const [status, used, reserved, peak, chunks, live, liveBytes] = native.figures(face);
    const stats = arena.stats();
    assert.equal(status, 0n);
    assert.deepEqual([used, reserved, peak, chunks].map(Number), [
      stats.bytesUsed,
      stats.bytesReserved,
      stats.bytesPeak,
      stats.chunks,
    ]);
    assert.ok(stats.bytesUsed <= stats.bytesLimit);
    const mine = blocks.filter(({ owner }) => owner === 'library');
    assert.equal(Number(live), mine.length);
    assert.equal(
      Number(liveBytes),
      mine.reduce((sum, { size }) => sum + Math.ceil(size / 16) * 16, 0),
    );
    const [, , misused, strangers] = native.account(memory);
    assert.deepEqual([misused, strangers], [0n, 0n]);
    for (const block of blocks) {
      const view = bytesOf(block);
      assert.ok(
        view.length === block.size && view.every((value) => value === block.byte),
        'a block keeps its bytes',
      );
    }
  }
  arena.dispose();
  assert.equal(native.figures(face)[0], 8n);
  assert.deepEqual(native.resize(memory, 0n, 16, 0), [0n]);
}
