/** What may be asked of a block that is dead, and has an answer: it has no length, and no memory. The lint lets these pass too. */
export const HARMLESS: readonly string[] = [
  'constructor',
  'length',
  'byteLength',
  'byteOffset',
  'buffer',
  'parent',
  'offset',
  'allocator',
  'inspect',
  'toJSON',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
];
