// What JavaScript makes of the addon: fields are blocks of the arena, which no one has copied.
const { api } = require('freehold');

const csv = require('./build/Release/csv.node');

csv.setup(api);

/** Bytes of a field of csv.c: a pointer and a length. */
const FIELD_BYTES = 16;

const NOTHING = Buffer.alloc(0);

/**
 * The fields of a line, as blocks of `arena`: valid until its reset.
 *
 * @param {import('freehold').Arena} arena
 * @param {Buffer} line
 */
exports.split = function split(arena, line) {
  const [address, count] = csv.split(arena.native, line);
  const fields = arena.blockAt(address, count * FIELD_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const at = index * FIELD_BYTES;
    const length = Number(fields.readBigUInt64LE(at + 8));
    // A field without text may stand where the memory ends.
    return length === 0 ? NOTHING : arena.blockAt(fields.readBigUInt64LE(at), length);
  });
};

/** Bytes of an arena that are in use, as C sees them. */
exports.used = (arena) => csv.used(arena.native);
