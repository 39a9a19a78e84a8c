import { type Allocator, type BlockAllocator } from 'freehold';

/** What every allocator class of the package offers. */
export interface Conforming extends BlockAllocator {
  readonly name: string;
  readonly disposed: boolean;
  dispose(): void;
  toJSON(): unknown;
}

/**
 * What an allocator is allowed not to do. Every value but the first of each needs a reason where it is claimed: the
 * suite believes it.
 */
export interface Traits {
  /** Which freed bytes are handed out again: those of every block, or only of the one that was allocated last. */
  readonly reuses: 'every' | 'last';
  /** Which frees are known to be wrong: every one, or those that the last block's end gives away. */
  readonly detects: 'every' | 'last';
  /** Whether a typed array into a block is told from one of array(), whose free may do nothing. */
  readonly knowsArrays: boolean;
  /** What `owns` knows: which blocks are live, or only which memory is held. */
  readonly owns: 'blocks' | 'memory';
  /** The largest block of all that can be had, in bytes. */
  readonly largest: number;
  /** The largest alignment that can be had; more is refused as a limit. */
  readonly largestAlignment: number;
  /** Bytes that can be had altogether, with 16 and the alignment for each block. */
  readonly room: number;
  /** Whether `make({ bytes })` keeps to that. */
  readonly bounded: boolean;
}

/** The strictest: what a manual allocator without limits must do. */
export const STRICT: Traits = {
  reuses: 'every',
  detects: 'every',
  knowsArrays: true,
  owns: 'blocks',
  largest: Infinity,
  largestAlignment: 2 ** 21,
  room: Infinity,
  bounded: true,
};

export interface MakeOptions {
  /** About how many bytes there shall be altogether; as many as the traits say when left out. */
  readonly bytes?: number;
  /** Put between each base and what is built on it. */
  readonly injure?: (base: Conforming) => Conforming;
}

/** A fresh allocator, and what it stands on. */
export interface Specimen {
  readonly allocator: Conforming;
  /** Where the memory comes from in the end; the allocator itself when it is no wrapper. */
  readonly bases: readonly Allocator[];
}

/** Something that the suite is run over. */
export interface Subject {
  readonly title: string;
  readonly traits: Traits;
  /** 1 for all rounds of the cases that repeat themselves; less where much the same is run many times. */
  readonly effort: number;
  make(options?: MakeOptions): Specimen;
}

/** One promise that every allocator keeps. */
export interface Case {
  /** A sentence of the contract. */
  readonly title: string;
  /** Throws when the promise is broken. */
  readonly run: (subject: Subject) => void;
}
