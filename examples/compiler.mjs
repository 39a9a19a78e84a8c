// @ts-check
// A compiler of arithmetic, whose phases need memory for different times: each has the strategy that fits it.
//   lex       tokens in an arena that ends when they were parsed
//   parse     the tree in an arena that ends when it was compiled
//   optimize  expressions that refer to each other, freed by themselves when the last that needs them is replaced
//   lower     bytecode on a heap, which the caller owns and frees
//   run       operands in a frame of a stack, which ends with the call
import assert from 'node:assert/strict';

import { Heap, Interner, RcHeap, Stack, auto, memoryStats, withArena } from 'freehold';

const code = new Heap({ name: 'code' });
const expressions = new RcHeap({ name: 'expressions' });
const names = new Interner({ allocator: expressions, keep: true });
const stack = new Stack({ bytes: 4096 });

const [NUMBER, NAME, ADD, SUBTRACT, MULTIPLY] = [0, 1, 2, 3, 4];
const OPERATORS = '+-*';
const [OPEN, CLOSE, END] = [0x28, 0x29, 0x10000]; // what else a token can be: a character, or the end

/** @typedef {import('freehold').Rc} Rc  An expression: byte 0 its kind, bytes 8 to 15 its number or name; two references. */
/** @typedef {{ nodes: Float64Array, root: number, count: number }} Tree  Four words a node: kind, value, left, right. */

/**
 * Two words a token: its kind, and its number or the handle of its name.
 *
 * @param {import('freehold').Arena} arena
 * @param {string} text
 */
function lex(arena, text) {
  const tokens = arena.array(Float64Array, 2 * (text.length + 1));
  let end = 0;
  for (const [token] of text.matchAll(/[\d.]+|\w+|\S/g)) {
    if (/^[\d.]/.test(token)) {
      tokens.set([NUMBER, Number(token)], end);
    } else if (/^\w/.test(token)) {
      // Equal names are one block: from here on a name is the number of that, its handle.
      const name = names.intern(token);
      tokens.set([NAME, name.handle], end);
      name.release(); // the interner keeps it
    } else {
      const operator = OPERATORS.indexOf(token);
      tokens[end] = operator < 0 ? Math.max(token.charCodeAt(0), 0x20) : ADD + operator;
    }
    end += 2;
  }
  tokens[end] = END;
  return tokens.subarray(0, end + 2);
}

/**
 * The tree of tokens, which is valid as long as the arena. The tokens are not needed any more.
 *
 * @param {import('freehold').Arena} arena
 * @param {Float64Array} tokens
 * @returns {Tree}
 */
function parse(arena, tokens) {
  const nodes = arena.array(Float64Array, 2 * tokens.length); // there are never more nodes than tokens
  let next = 0;
  let count = 0;
  /** @type {(kind: number, value: number, left: number, right: number) => number} */
  const node = (kind, value, left, right) => {
    nodes.set([kind, value, left, right], 4 * count);
    return count++;
  };
  /** @param {number} kind */
  const expect = (kind) => {
    if (tokens[2 * next++] !== kind) throw new SyntaxError(`token ${next} is not what must stand there`);
  };
  const factor = () => {
    if (tokens[2 * next] <= NAME) return node(tokens[2 * next], tokens[2 * next++ + 1], 0, 0);
    expect(OPEN);
    const inner = sum();
    expect(CLOSE);
    return inner;
  };
  /** @type {(first: number, last: number, operand: () => number) => number} */
  const chain = (first, last, operand) => {
    let left = operand();
    while (tokens[2 * next] >= first && tokens[2 * next] <= last)
      left = node(tokens[2 * next++], 0, left, operand());
    return left;
  };
  const product = () => chain(MULTIPLY, MULTIPLY, factor);
  /** @type {() => number} */
  const sum = () => chain(ADD, SUBTRACT, product);
  const root = sum();
  expect(END);
  return { nodes, root, count };
}

/**
 * The expression of a tree, simplified, which the caller owns. What was replaced on the way is free when this returns, and
 * so is everything when it throws.
 *
 * @param {Tree} tree
 */
function optimize({ nodes, root }) {
  return auto(
    (memory) => {
      /** @type {(kind: number, value: number) => Rc} */
      const leaf = (kind, value) => {
        const expression = memory.alloc(16);
        expression[0] = kind;
        expression.writeDoubleLE(value, 8);
        return expression;
      };
      /** @type {(kind: number, left: Rc, right: Rc) => Rc} */
      const simplified = (kind, left, right) => {
        const [a, b] = [left, right].map((side) => (side[0] === NUMBER ? side.readDoubleLE(8) : NaN));
        if (!Number.isNaN(a + b))
          return leaf(NUMBER, kind === ADD ? a + b : kind === SUBTRACT ? a - b : a * b);
        if (kind === MULTIPLY ? b === 1 : b === 0) return left;
        if (kind === MULTIPLY ? a === 1 : kind === ADD && a === 0) return right;
        const expression = memory.alloc(16, { refs: 2 });
        expression[0] = kind;
        expression.setRef(0, left); // the two live as long as it does
        expression.setRef(1, right);
        return expression;
      };
      /** @type {(at: number) => Rc} */
      const from = (at) => {
        const [kind, value, left, right] = nodes.subarray(4 * at, 4 * at + 4);
        return kind <= NAME ? leaf(kind, value) : simplified(kind, from(left), from(right));
      };
      return from(root);
    },
    { heap: expressions },
  );
}

/**
 * Bytecode for a machine with a stack, which the caller frees: an instruction is a byte, of leaves with 8 bytes of operand.
 *
 * @param {Rc} expression
 */
function lower(expression) {
  let output = code.alloc(64);
  let end = 0;
  /** @param {Rc} from */
  const emit = (from) => {
    for (let side = 0; side < from.refSlots; side++) {
      const operand = /** @type {Rc} */ (from.getRef(side));
      emit(operand);
      operand.release();
    }
    if (end + 9 > output.length) output = code.realloc(output, 2 * output.length);
    output[end++] = from[0];
    if (from[0] <= NAME) end += from.copy(output, end, 8, 16);
  };
  emit(expression);
  return code.realloc(output, end); // as large as it is
}

/**
 * @param {Buffer} program
 * @param {Record<string, number>} variables
 */
function run(program, variables) {
  const byHandle = new Map(
    Object.entries(variables).map(([name, value]) => {
      const interned = names.intern(name);
      const { handle } = interned;
      interned.release();
      return [handle, value];
    }),
  );
  return stack.scope(() => {
    const operands = stack.array(Float64Array, program.length); // more than it can need
    let top = -1;
    for (let at = 0; at < program.length;) {
      const kind = program[at++];
      if (kind <= NAME) {
        const value = program.readDoubleLE(at);
        at += 8;
        operands[++top] = kind === NUMBER ? value : (byHandle.get(value) ?? NaN);
      } else {
        const right = operands[top--];
        operands[top] =
          kind === ADD
            ? operands[top] + right
            : kind === SUBTRACT
              ? operands[top] - right
              : operands[top] * right;
      }
    }
    return operands[top];
  });
}

/** The whole way. @param {string} text */
function compile(text) {
  return withArena((arena) => {
    const tree = withArena((scratch) => parse(arena, lex(scratch, text)));
    const before = expressions.stats().blocks;
    const expression = optimize(tree);
    const nodes = `${tree.count} nodes, ${expressions.stats().blocks - before} after optimizing`;
    try {
      const program = lower(expression); // of the heap: the end of the arena is nothing to it
      return { program, summary: `${nodes}, ${program.length} bytes of code` };
    } finally {
      expression.release();
    }
  });
}

const variables = { price: 20, count: 3 };
/** @type {[string, number][]} */
const programs = [
  ['1 + 2 * 3', 7],
  ['(price - 0 * 8) * (1 + 2 * 3) + price * 1', 160],
  ['count * (price + count) - (2 - 1)', 68],
];
for (const [text, expected] of programs) {
  const { program, summary } = compile(text);
  const result = run(program, variables);
  console.log(`${text} = ${result}`);
  console.log(`  ${summary}`);
  assert.equal(result, expected);
  code.free(program);
}
assert.throws(() => compile('1 + (2'), SyntaxError);
console.log(`${names.size} names: ${expressions.stats().blocks} blocks that live`);
for (const memory of [names, expressions, code, stack]) memory.dispose();
console.log(String(memoryStats()));

/* Prints:
1 + 2 * 3 = 7
  5 nodes, 1 after optimizing, 9 bytes of code
(price - 0 * 8) * (1 + 2 * 3) + price * 1 = 160
  15 nodes, 5 after optimizing, 29 bytes of code
count * (price + count) - (2 - 1) = 68
  9 nodes, 7 after optimizing, 39 bytes of code
2 names: 2 blocks that live
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use     held
automatic           0       0     0 B        …
manual              0       0     0 B        …
arenas              2             0 B        …
pools               0       0     0 B        …
…
*/
