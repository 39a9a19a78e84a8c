/** One field of a message of protocol buffers: a number, or bytes that are text, a message or packed numbers. */
export type Value = bigint | Uint8Array;

/** The fields of a message by their numbers, in the order in which they stand. Throws where bytes are missing. */
export function fieldsOf(message: Uint8Array): Map<number, Value[]> {
  const fields = new Map<number, Value[]>();
  const reader = new Reader(message);
  while (!reader.done) {
    const tag = Number(reader.number());
    const [number, type] = [tag >> 3, tag & 7];
    if (number === 0 || (type !== 0 && type !== 2)) throw new Error(`a field with the tag ${tag}`);
    const value = type === 0 ? reader.number() : reader.bytes();
    const values = fields.get(number);
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  }
  return fields;
}

/** Numbers that stand one behind the other. */
export function packed(bytes: Uint8Array): bigint[] {
  const reader = new Reader(bytes);
  const numbers: bigint[] = [];
  while (!reader.done) numbers.push(reader.number());
  return numbers;
}

class Reader {
  readonly #message: Uint8Array;
  #offset = 0;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  get done(): boolean {
    return this.#offset === this.#message.length;
  }

  /** Seven bits a byte, the low ones first; all bytes but the last have the highest bit set. */
  number(): bigint {
    for (let value = 0n, shift = 0n; shift < 70n; shift += 7n) {
      if (this.done) break;
      const byte = this.#message[this.#offset++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number that does not end');
  }

  /** As many bytes as the number before them says. */
  bytes(): Uint8Array {
    const length = Number(this.number());
    const begin = this.#offset;
    this.#offset += length;
    if (this.#offset > this.#message.length) throw new Error('bytes that are not there');
    return this.#message.subarray(begin, this.#offset);
  }
}
