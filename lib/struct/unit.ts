import type { Codec } from './codec.ts';
import type { Memory } from './memory.ts';
import type { Aim, Region } from './region.ts';
import type { ScalarCodec } from './scalar-codecs.ts';

// The code of one layout: the class of its structs, and the accessors of their fields.
//
// All closures of one function share what V8 learns about the objects that they see, and more than four kinds of objects make the
// function slow for all of them. So `makeUnit` is compiled anew for each layout (`compile.ts`): it must not refer to anything but
// its parameters and what is global.

/** What {@link makeUnit} is given, for it can see nothing else. */
export interface UnitTools {
  readonly Region: typeof Region;
  readonly NO_MEMORY: Memory;
  /** Why a field cannot be reached: the receiver is no struct of this layout, or has no memory. */
  readonly refuse: (receiver: unknown, label: string) => Error;
}

/** One field, for {@link makeUnit}. */
export interface UnitField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** What it is called in messages. */
  readonly label: string;
  readonly codec: Codec;
  /** The same codec for a field of one value; null for others. */
  readonly scalar: ScalarCodec | null;
}

/** What the rest of the package does with structs of a layout. */
export interface Unit extends Aim {
  make(memory: Memory, at: number, keep: ArrayBufferView): Region;
  /** Whether a value is a struct of this layout. */
  is(value: unknown): value is Region;
  /** Moves a struct that has no parts. */
  moveTo(region: Region, at: number): void;
}

interface Accessor {
  get(): unknown;
  set(value: unknown): void;
}

export function makeUnit(
  tools: UnitTools,
  whole: Codec,
  label: string,
  byteLength: number,
  fields: readonly UnitField[],
): Unit {
  const { Region, NO_MEMORY, refuse } = tools;

  class Instance extends Region {
    #memory: Memory;
    #at: number;

    constructor(memory: Memory, at: number, keep: ArrayBufferView) {
      super(whole, label, byteLength, unit, keep);
      this.#memory = memory;
      this.#at = at;
    }

    static has(value: unknown): value is Instance {
      return typeof value === 'object' && value !== null && #memory in value;
    }

    static memoryIn(region: Instance): Memory {
      return region.#memory;
    }

    static offsetIn(region: Instance): number {
      return region.#at;
    }

    static aim(region: Instance, memory: Memory, at: number): void {
      region.#memory = memory;
      region.#at = at;
    }

    static moveTo(region: Instance, at: number): void {
      region.#at = at;
    }

    // The shape of these two is the speed of structs. What a closure sees as a constant V8 puts into the code of the caller: also
    // the functions, so that nothing is called. The comparison is for memory that has ended; DataView would throw, but code in
    // which it ever did stays slow.
    static scalar(field: UnitField, { get, set, fits, convert }: ScalarCodec): Accessor {
      const { offset, label, size } = field;
      const [read, write, isFit, make, here, end] = [get, set, fits, convert, offset, offset + size];
      return {
        get() {
          if (!Instance.has(this)) throw refuse(this, label);
          const memory = this.#memory;
          const at = this.#at;
          if (at + end > memory.bytes.length) throw refuse(this, label);
          return read(memory.view, at + here, true);
        },
        set(value) {
          if (!Instance.has(this)) throw refuse(this, label);
          const fitting = isFit(value) ? value : make(value, label);
          const memory = this.#memory;
          const at = this.#at;
          if (at + end > memory.bytes.length) throw refuse(this, label);
          write(memory.view, at + here, fitting as never, true);
        },
      };
    }

    static part({ codec, offset, size, label }: UnitField, key: number): Accessor {
      return {
        get() {
          if (!Instance.has(this)) throw refuse(this, label);
          const memory = this.#memory;
          const at = this.#at + offset;
          if (memory === NO_MEMORY || at + size > memory.bytes.length) throw refuse(this, label);
          return codec.read(this, key, memory, at);
        },
        set(value) {
          if (!Instance.has(this)) throw refuse(this, label);
          Region.write(this, codec, offset, value, label);
        },
      };
    }
  }

  const unit: Unit = {
    make: (memory, at, keep) => new Instance(memory, at, keep),
    is: (value): value is Instance => Instance.has(value),
    memoryOf: (region) => Instance.memoryIn(region as Instance),
    offsetOf: (region) => Instance.offsetIn(region as Instance),
    aim: (region, memory, at) => Instance.aim(region as Instance, memory, at),
    moveTo: (region, at) => Instance.moveTo(region as Instance, at),
  };
  const { prototype } = Instance;
  // The class is not for programs, and a field may have this name.
  Reflect.deleteProperty(prototype, 'constructor');
  for (let key = 0; key < fields.length; key++) {
    const field = fields[key];
    const accessor = field.scalar === null ? Instance.part(field, key) : Instance.scalar(field, field.scalar);
    Object.defineProperty(prototype, field.name, { ...accessor, enumerable: true, configurable: false });
  }
  return unit;
}
