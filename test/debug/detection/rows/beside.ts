import { type Group, later, prevented, rowsOf, undetected, withStacks } from './row.ts';

const row = rowsOf('beside');

const changed = undetected('a byte beside the block has changed');
const outside = prevented('its buffer does not reach there');
const canary = (place: string, how: string) =>
  later(
    'free',
    'CORRUPTION',
    withStacks(
      `${place} a block (64 bytes, heap "heap") was written to while it lived: an ${how}flow`,
      'allocated',
    ),
  );

export const beside: Group = {
  file: 'beside',
  title: 'Beyond a block',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('index', 'write by index', 'Heap', [prevented('there is no such element')]),
    row('method', 'writeUInt8()', 'Heap', [prevented('ERR_OUT_OF_RANGE')]),
    row('read', 'readUInt8()', 'Heap', [prevented('ERR_OUT_OF_RANGE')]),
    row('set', 'set() of more bytes', 'Heap', [prevented('RangeError')]),
    row('copy', 'copy() of more bytes', 'Heap', [prevented('what fits is copied')]),
    row('fill', 'fill() of more bytes', 'Heap', [prevented('ERR_OUT_OF_RANGE')]),
    row('text', 'write() of a longer text', 'Heap', [prevented('what fits is written')]),
    row('over-1', 'through `block.buffer`, 1 byte behind', 'Heap', [
      changed,
      canary('byte 1 behind the end of', 'over'),
      outside,
    ]),
    row('over-32', 'through `block.buffer`, 32 bytes behind', 'Heap', [
      changed,
      canary('byte 32 behind the end of', 'over'),
      outside,
    ]),
    row('over-1m', 'through `block.buffer`, 1 MiB behind', 'Arena', [changed, outside]),
    row('under-1', 'through `block.buffer`, 1 byte before', 'Heap', [
      changed,
      canary('byte 1 before', 'under'),
      outside,
    ]),
    row('under-32', 'through `block.buffer`, 32 bytes before', 'Heap', [
      changed,
      canary('byte 32 before', 'under'),
      outside,
    ]),
    row('under-1m', 'through `block.buffer`, 1 MiB before', 'Arena', [changed, outside]),
  ],
};
