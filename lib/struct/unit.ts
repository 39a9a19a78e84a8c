/* eslint-disable no-empty -- what an access throws is told behind it, in a `throw` of ours */
import type { Codec } from './codec.ts';
import type { Memory } from './memory.ts';
import type { Aim, Region } from './region.ts';

// The code of one layout: the class of its structs, and the accessors of their fields.
//
// All closures of one function share what V8 learns about the objects that they see, and more than four kinds of objects make the
// function slow for all of them: 15 ns for a field instead of 1. So `makeUnit` is compiled anew for each layout (`compile.ts`): it
// must not refer to anything but its parameters and what is global.

/** One field, for {@link makeUnit}. */
export interface UnitField {
  /** Which one it is, from 0. */
  readonly key: number;
  readonly name: string;
  readonly offset: number;
  /** What it is called in messages. */
  readonly label: string;
  readonly codec: Codec;
  /** The kind of a number; `'other'` for what has parts, and numbers of 64 bits that may not be at a multiple of 8. */
  readonly access: string;
}

/** What {@link makeUnit} is given, for it can see nothing else. */
export interface UnitTools {
  readonly Region: typeof Region;
  readonly NO_MEMORY: Memory;
  /** Why a field is not read, or not written. */
  readonly refuse: (receiver: unknown, unit: Unit, field: UnitField, value: unknown) => Error;
  /** Reads and writes fields of any kind: parts, numbers at any offset, bigints that are given as numbers. */
  readonly read: (receiver: unknown, unit: Unit, field: UnitField) => unknown;
  readonly write: (receiver: unknown, unit: Unit, field: UnitField, value: unknown) => void;
}

/** What a layout's structs are. */
export interface UnitShape {
  readonly label: string;
  readonly size: number;
  readonly codec: Codec;
  /** Whether it has numbers of 64 bits. */
  readonly large: boolean;
  readonly fields: readonly UnitField[];
}

/** What the rest of the package does with structs of a layout. */
export interface Unit extends Aim {
  make(memory: Memory, at: number, keep: ArrayBufferView): Region;
  /** Whether a value is a struct of this unit. */
  is(value: unknown): value is Region;
}

interface Accessor {
  get(): unknown;
  set(value: unknown): void;
}

export function makeUnit(tools: UnitTools, shape: UnitShape): Unit {
  const { Region, NO_MEMORY } = tools;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they are static
  const { asIntN, asUintN } = BigInt;
  const { fromCharCode } = String;
  const { large } = shape;
  const read = (receiver: unknown, field: UnitField): unknown => tools.read(receiver, unit, field);
  const refuse = (receiver: unknown, field: UnitField, value?: unknown): Error =>
    tools.refuse(receiver, unit, field, value);
  const write = (receiver: unknown, field: UnitField, value: unknown): void =>
    tools.write(receiver, unit, field, value);

  class Instance extends Region {
    // Begun with what they always are, and not undefined: V8 then loads them without looking what they are, which is half of the
    // cost of a field.
    #view = NO_MEMORY.view;
    // Where in its memory, in bytes; -1 when it has none.
    #at = -1;
    #memory = NO_MEMORY;

    constructor(memory: Memory, at: number, keep: ArrayBufferView) {
      super(unit, keep);
      this.#view = memory.view;
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

    static moveTo(region: Instance, at: number): void {
      region.#at = at;
    }

    static aim(region: Instance, memory: Memory, at: number): void {
      region.#view = memory.view;
      region.#memory = memory;
      region.#at = at;
    }

    // The shape of these is the speed of structs: what a closure sees as a constant, V8 puts into the code of the caller. A wrong
    // receiver throws at the private field, which costs less than to ask. That a struct was destroyed is told by its offset: a
    // view would throw, but code in which it ever did stays slow. And the end of each is a `throw`, because behind a call that
    // returns V8 would load everything again.
    static accessor(field: UnitField): Accessor & ThisType<Instance> {
      const here = field.offset;
      switch (field.access) {
        case 'u8':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getUint8(at + here);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number' && (value & 0xff) === value) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setUint8(at + here, value);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'i8':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getInt8(at + here);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number' && (value << 24) >> 24 === value) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setInt8(at + here, value);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'u16':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getUint16(at + here, true);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number' && (value & 0xffff) === value) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setUint16(at + here, value, true);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'i16':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getInt16(at + here, true);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number' && (value << 16) >> 16 === value) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setInt16(at + here, value, true);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'u32':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getUint32(at + here, true);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number' && value >>> 0 === value) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setUint32(at + here, value, true);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'i32':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getInt32(at + here, true);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number' && (value | 0) === value) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setInt32(at + here, value, true);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'f32':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getFloat32(at + here, true);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number') {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setFloat32(at + here, value, true);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'f64':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getFloat64(at + here, true);
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'number') {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setFloat64(at + here, value, true);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'bool':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return this.#view.getUint8(at + here) !== 0;
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'boolean') {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setUint8(at + here, value ? 1 : 0);
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'char':
          return {
            get() {
              try {
                const at = this.#at;
                if (at >= 0) return fromCharCode(this.#view.getUint8(at + here));
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'string' && value.length === 1 && value.charCodeAt(0) <= 0xff) {
                try {
                  const at = this.#at;
                  if (at >= 0) {
                    this.#view.setUint8(at + here, value.charCodeAt(0));
                    return;
                  }
                } catch {}
              }
              throw refuse(this, field, value);
            },
          };
        case 'u64':
          return {
            get() {
              try {
                const value = this.#memory.u64[(this.#at + here) >> 3] as bigint | undefined;
                if (value !== undefined) return value;
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'bigint' && asUintN(64, value) === value) {
                try {
                  const array = this.#memory.u64;
                  const index = (this.#at + here) >> 3;
                  if (index < array.length) {
                    array[index] = value;
                    return;
                  }
                } catch {}
              }
              write(this, field, value);
            },
          };
        case 'i64':
          return {
            get() {
              try {
                const value = this.#memory.i64[(this.#at + here) >> 3] as bigint | undefined;
                if (value !== undefined) return value;
              } catch {}
              throw refuse(this, field);
            },
            set(value) {
              if (typeof value === 'bigint' && asIntN(64, value) === value) {
                try {
                  const array = this.#memory.i64;
                  const index = (this.#at + here) >> 3;
                  if (index < array.length) {
                    array[index] = value;
                    return;
                  }
                } catch {}
              }
              write(this, field, value);
            },
          };
        default:
          return {
            get() {
              return read(this, field);
            },
            set(value) {
              write(this, field, value);
            },
          };
      }
    }
  }

  const unit: Unit = {
    label: shape.label,
    size: shape.size,
    codec: shape.codec,
    make(memory, at, keep) {
      if (large) memory.openLarge();
      return new Instance(memory, at, keep);
    },
    is: (value): value is Instance => Instance.has(value),
    memoryOf: (region) => Instance.memoryIn(region as never),
    offsetOf: (region) => Instance.offsetIn(region as never),
    aim: (region, memory, at) => Instance.aim(region as never, memory, at),
    moveTo: (region, at) => Instance.moveTo(region as never, at),
  };
  const { prototype } = Instance;
  // The class is not for programs, and a field may have this name.
  Reflect.deleteProperty(prototype, 'constructor');
  for (const field of shape.fields)
    Object.defineProperty(prototype, field.name, { ...Instance.accessor(field), enumerable: true });
  return unit;
}
