// The checks that the cells of docs/detection.md rely on, and how a build is made that has them no more: a text of a file, exactly once
// there, is replaced, and those of `also` removed. `cells` are patterns of "id, mode": what must fail without it.

const DEBUG = '(debug|guarded|sampled)';
const GUARDED = '(guarded|sampled)';
const none = '';

/** Checks of allocators, in any mode. */
const ALWAYS = [
  {
    check: 'a heap knows which small blocks live',
    file: 'dist/heap.js',
    text: "            if (!Slots.shows(pool, view, index))\n                throw errors.freedBefore(this.#label(), 'this block');\n",
    put: none,
    cells: [
      'double-free/(small|delayed|interleaved|other-view|realloc), default',
      'invalid-free/realloc-freed, default',
      'use-after/usable-size, default',
      'sizes/zero-freed, default',
    ],
  },
  {
    check: 'a heap knows which blocks with a buffer of their own live',
    file: 'dist/heap.js',
    text: "        if (lone.state === 1 /* BlockState.FREED */)\n            throw errors.freedBefore(this.#label(), 'this block');\n",
    put: none,
    cells: [
      'double-free/large.*, ',
      `double-free/(small|delayed|interleaved|reuse|other-view|realloc), ${DEBUG}`,
      `invalid-free/realloc-freed, ${DEBUG}`,
      `use-after/usable-size, ${DEBUG}`,
      `sizes/zero-freed, ${DEBUG}`,
    ],
  },
  {
    check: 'an index of a pool is freed once',
    file: 'dist/pool.js',
    text: '        if (!give(this, index))\n            throw this.#notGiven(index);',
    put: '        give(this, index);',
    cells: ['double-free/index, '],
  },
  {
    check: 'an index of a pool is in use',
    file: 'dist/pool.js',
    text: '        if (!isLive(this, index))\n            throw this.#notInUse(index);\n        const block',
    put: '        const block',
    cells: ['titles/index, '],
  },
  {
    check: 'a handle names one life of a slot',
    file: 'dist/pool.js',
    text: 'if (!isLive(pool, index) || pool.#handle(index) !== handle)',
    put: 'if (!isLive(pool, index))',
    cells: ['double-free/handle, ', 'titles/handle, '],
  },
  {
    check: 'an arena knows how far it is used',
    file: 'dist/arena.js',
    text: 'if (buffer === this.#buffer && byteLength > 0 && offset + byteLength > this.#control[0 /* Word.CURSOR */]) {',
    put: 'if (false) {',
    cells: ['double-free/arena, default'],
  },
  {
    check: 'a page allocator knows which blocks live',
    file: 'dist/page-allocator.js',
    text: '        if (block.state === 1 /* BlockState.FREED */)\n            throw freedBefore(this.#name);\n',
    put: none,
    cells: ['double-free/pages, '],
  },
  {
    check: 'a fixed buffer knows which blocks live',
    file: 'dist/fixed-buffer.js',
    text: '        throw errors.freedBefore(this.#name, byteLengthOf(block));',
    put: '        return byteOffsetOf(block);',
    cells: ['double-free/fixed-buffer, (default|sampled)'],
  },
  {
    check: 'an Rc has handles',
    file: 'dist/rc.js',
    text: '        if (tally.handles === 0)\n            throw errors.releasedBefore(tally.heap.label);\n',
    put: none,
    cells: ['double-free/release, '],
  },
  {
    check: 'a heap knows its own buffers, and its own blocks',
    file: 'dist/heap.js',
    text: '        if (buffer === undefined || ownerOf(buffer) !== this)\n            throw errors.notABlock(this.#label(), view);\n        const pool',
    put: '        const pool',
    also: ['        if (lone === undefined)\n            throw errors.notABlock(this.#label(), view);\n'],
    cells: [
      'invalid-free/(foreign|address|nothing|forged|wrong-heap|wrong-kind|wrong-arena|realloc-foreign|size-foreign), ',
      'titles/thread-(block|worker), ',
    ],
  },
  {
    check: 'a view begins where a small block begins',
    file: 'dist/heap.js',
    text: '            if (index < 0)\n                throw this.#notABlock(view);\n',
    put: none,
    cells: ['invalid-free/(interior|interior-8|region|size-interior), default'],
  },
  {
    check: 'a view begins where a block with a buffer of its own begins',
    file: 'dist/heap.js',
    text: '        if (extentOf(view).byteOffset !== lone.offset)\n            throw errors.notABlock(this.#label(), view);\n',
    put: none,
    cells: [
      `invalid-free/(interior|interior-8|region|size-interior), ${DEBUG}`,
      'invalid-free/interior-large, ',
    ],
  },
  {
    check: 'a heap finds that a buffer was transferred',
    file: 'dist/heap.js',
    text: '        if (!this.#lone.has(lone))\n            throw errors.gone(this.#label());\n',
    put: none,
    cells: ['titles/transfer(-large)?, debug'],
  },
  {
    check: 'a heap knows that it was disposed',
    file: 'dist/heap.js',
    text: '        if (heap.#disposed)\n            throw disposedOf(heap.#label());\n',
    put: none,
    cells: ['invalid-free/after-dispose, '],
  },
  {
    check: 'an arena knows that it was disposed',
    file: 'dist/arena.js',
    text: '        if (handle === null)\n            throw disposedOf(`arena "${value.#settings.name}"`);\n',
    put: none,
    cells: ['titles/disposed, '],
  },
  {
    check: 'a mark is one of this epoch that has not ended',
    file: 'dist/arena.js',
    text: '        if (position === undefined || position.epoch !== this.#epoch || !this.#hasMark(mark))\n            throw errors.staleMark(this.#settings.name);\n',
    put: none,
    cells: ['titles/mark, '],
  },
  {
    check: 'pins hold an arena',
    file: 'dist/arena.js',
    text: '        throw errors.pinned(this.#settings.name, action, pins);',
    put: '        return mode;',
    cells: ['titles/pinned, '],
  },
  {
    check: 'blocks are asked of the newest frame',
    file: 'dist/stack-core.js',
    text: '        throw frame.state === 0 /* FrameState.OPEN */ ? errors.notNewest(name) : errors.frameEnded(name);',
    put: none,
    cells: ['titles/frame, '],
  },
  {
    check: 'an owner that is used has not been moved',
    file: 'dist/ownership/lifecycle.js',
    text: "    if (title.state !== FREE)\n        throw errors.refusal(title.state, 'use');\n",
    put: none,
    cells: ['titles/moved, '],
  },
  {
    check: 'a writer is alone',
    file: 'dist/ownership/lifecycle.js',
    text: "    if (title.state !== FREE)\n        throw errors.refusal(title.state, 'exclusive borrow');\n",
    put: none,
    cells: ['titles/borrowed, '],
  },
  {
    check: 'a receiver is an arena (the language’s own check is left)',
    file: 'dist/arena.js',
    text: "    alloc(byteLength, alignment = DEFAULT_ALIGNMENT) {\n        if (typeof this !== 'object' || this === null || !(#control in this))\n            throw errors.wrongReceiver(this);\n",
    put: '    alloc(byteLength, alignment = DEFAULT_ALIGNMENT) {\n',
    cells: ['titles/(receiver|proxy|thread-allocator), default'],
  },
  {
    check: 'a block is one that an allocator has made',
    file: 'dist/block.js',
    text: '        throw noBlock(member);\n',
    put: none,
    cells: ['titles/prototype, '],
  },
  {
    check: 'sizes are whole numbers in range',
    file: 'dist/validate.js',
    text: "if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)",
    put: 'if (true)',
    cells: ['sizes/(huge|huge-array|negative|fraction|not-a-number), '],
  },
  {
    check: 'alignments are powers of two',
    file: 'dist/validate.js',
    text: '(value & (value - 1)) === 0',
    put: 'true',
    cells: ['sizes/alignment, default'],
  },
  {
    check: 'memory that there is none of is refused (alloc)',
    file: 'dist/heap.js',
    text: '            throw errors.outOfMemory(this.#label(), size);',
    put: '            return new Block(0);',
    cells: ['sizes/huge-memory, '],
  },
  {
    check: 'memory that there is none of is refused (realloc)',
    file: 'dist/heap.js',
    text: '            throw errors.outOfMemory(heap.#label(), size);',
    put: '            return block;',
    cells: ['sizes/huge-realloc, '],
  },
  {
    check: 'alloc() zeroes what a slot had',
    file: 'dist/heap.js',
    text: '                        zero(pool, index, block);\n',
    put: none,
    cells: ['contents/alloc, default'],
  },
  {
    check: 'realloc() zeroes what it adds',
    file: 'dist/heap.js',
    text: '            fill(moved, 0, kept, size);',
    put: '            ;',
    cells: ['contents/grown, default'],
  },
];

/** Debug mode. */
const DEBUGGING = [
  {
    check: 'a second free of a heap’s block has its history',
    file: 'dist/debug/lone-debug.js',
    text: "    if (error.code === 'ERR_FREEHOLD_DOUBLE_FREE')\n        return faults.freedTwice(record, site);\n",
    put: none,
    cells: [
      `double-free/(small|delayed|interleaved|reuse|other-view|realloc|pages|release), ${DEBUG}`,
      'double-free/large.*, (debug|guarded)',
      `invalid-free/realloc-freed, ${DEBUG}`,
      `sizes/zero-freed, ${DEBUG}`,
    ],
  },
  {
    check: 'a second free of an arena’s or a fixed buffer’s block is found, with its history',
    file: 'dist/debug/cover.js',
    text: '    else if (record.fate !== 0 /* Fate.LIVE */)\n        raise(faults.freedTwice(record, site));\n',
    put: none,
    cells: [`double-free/arena, ${DEBUG}`, 'double-free/fixed-buffer, (debug|guarded)'],
  },
  {
    check: 'a second free of an index has its history',
    file: 'dist/debug/pool-debug.js',
    text: '            raise(faults.freedTwice(found.record, site));\n',
    put: none,
    cells: [`double-free/index, ${DEBUG}`],
  },
  {
    check: 'the allocator that a block is from is named',
    file: 'dist/debug/lone-debug.js',
    text: '    if (cover.book !== bookOf(allocator))\n        raise(faults.wrongAllocator(record, labelOf(allocator)));\n    else\n',
    put: none,
    cells: [`invalid-free/wrong-.*, ${DEBUG}`],
  },
  {
    check: 'a view of a part of a block leads to its history',
    file: 'dist/debug/lone-debug.js',
    text: '    return faults.told(error, record);\n',
    put: '    return error;\n',
    cells: [
      `invalid-free/(interior|interior-8|region), ${DEBUG}`,
      'invalid-free/interior-large, (debug|guarded)',
    ],
  },
  {
    check: 'a dead block complains',
    file: 'dist/debug/cover.js',
    text: '    Reflect.setPrototypeOf(block, dead);\n',
    put: none,
    cells: [
      `use-after/(read|write|reuse|read-isolated|address|realloc|realloc-zero|reset|reset-write|reset-reuse|rewind|dispose|pool|release|frame), ${DEBUG}`,
      'use-after/(read-large|write-large|reuse-large|realloc-shrink|fixed-buffer), (debug|guarded)',
    ],
  },
  {
    check: 'the views of a dead block are ended',
    file: 'dist/debug/cover.js',
    text: '    const kept = takeAway(buffer);',
    put: '    const kept = undefined;',
    cells: ['use-after/(index|length|other-view|struct), debug'],
  },
  {
    check: 'the views of a dead block are ended, between guard pages',
    file: 'dist/debug/guarded-blocks.js',
    text: '        if (!detach(block.buffer)) {',
    put: '        if (true) {',
    cells: [`use-after/(index|length|other-view|struct), ${GUARDED}`],
  },
  {
    check: 'canaries are looked at',
    file: 'dist/debug/cover.js',
    text: '    const distance = changedCanary(buffer, offset, record.bytes);',
    put: '    const distance = null;',
    cells: [
      'beside/(over|under)-(1|32), debug',
      'beyond/(over|under)-(1|8|32)(-large)?, debug',
      'beyond/(over-1-odd|over-shrunk|front-write|zero-write), debug',
    ],
  },
  {
    check: 'freed memory is looked at',
    file: 'dist/debug/memory.js',
    text: '    return index < 0 ? changedCanary(buffer, offset, byteLength) : index;',
    put: '    return null;',
    cells: [
      'dangling/(write|reuse|write-large|reset|rewind|realloc), debug',
      'in-flight/(reset|free|read), debug',
      'hardening/free-list, debug',
    ],
  },
  {
    check: 'freed memory is looked at when the process ends',
    file: 'dist/debug/at-exit.js',
    text: '        lookIntoQuarantine();\n',
    put: none,
    cells: [
      'dangling/(write|write-large|reset|rewind|realloc), debug',
      'in-flight/(reset|free|read), debug',
      'hardening/free-list, debug',
    ],
  },
  {
    check: 'new memory is filled',
    file: 'dist/debug/memory.js',
    text: '    fill(block, UNDEFINED);\n',
    put: none,
    cells: ['contents/uninitialised(-large)?, (debug|guarded)', 'contents/uninitialised, sampled'],
  },
  {
    check: 'freed memory is filled',
    file: 'dist/debug/memory.js',
    text: '    fill(new Uint8Array(buffer, offset, byteLength), FREED);\n',
    put: none,
    cells: ['contents/freed, debug'],
  },
  {
    check: 'live blocks are told at exit',
    file: 'dist/debug/at-exit.js',
    text: '        tell(report);\n',
    put: none,
    cells: ['leaks/(exit|cycle), (debug|guarded)'],
  },
  {
    check: 'live blocks are told at dispose',
    file: 'dist/debug/lone-debug.js',
    text: '        if (left !== null)\n            tell(left);\n',
    put: none,
    cells: [`leaks/disposed, ${DEBUG}`],
  },
  {
    check: 'allocators that are collected with live blocks are heard of',
    file: 'dist/debug/cover.js',
    text: '        onDropped(ledger);\n',
    put: '        ledger.ended = "no";\n',
    cells: [`leaks/dropped, ${DEBUG}`],
  },
  {
    check: 'cycles are looked for',
    file: 'dist/debug/leaks.js',
    text: '    const cyclic = inCycles(ledgers);',
    put: '    const cyclic = new Set();',
    cells: ['leaks/cycle, (debug|guarded)'],
  },
];

const SIGNALS = [
  `beyond/(over-1|over-8|over-32|over-1m|under-1m|front-write|front-read|read|string|stray), ${GUARDED}`,
  'beyond/(over-1-large|over-8-large|over-32-large|over-shrunk|read-large), guarded',
];
const DEAD_SIGNALS = [
  `dangling/(write|reuse|read|reset|reset-read|rewind|realloc|realloc-read), ${GUARDED}`,
  'dangling/(write-large|read-large), guarded',
  `in-flight/(reset|free), ${GUARDED}`,
  `contents/freed, ${GUARDED}`,
  `hardening/free-list, ${GUARDED}`,
];
const ZERO_SIGNALS = [`beyond/zero-(write|read), ${GUARDED}`];

/** Guard pages, by JavaScript. */
const GUARDING = [
  {
    check: 'blocks stand between guard pages',
    file: 'dist/debug/guards.js',
    text: '    const block = stock.take(byteLength, alignment, rear, id, ledger.label);',
    put: '    const block = null;',
    cells: [
      ...SIGNALS,
      ...DEAD_SIGNALS,
      'beside/(over|under)-(1|32), guarded',
      'beside/over-(1|32), sampled',
      `in-flight/read, ${GUARDED}`,
    ],
  },
  {
    check: 'blocks of no bytes stand at a guard page',
    file: 'dist/debug/guards.js',
    text: '    const block = stock.take(1, 1, true, named(stock, site), ledger.label);',
    put: '    const block = null;',
    cells: ZERO_SIGNALS,
  },
  {
    check: 'the report has the stacks',
    file: 'dist/debug/guards.js',
    text: 'stock.nameSite(known.id, known.toString());',
    put: 'undefined;',
    cells: [...SIGNALS, ...DEAD_SIGNALS, ...ZERO_SIGNALS],
  },
];

const SLACK = [`beyond/(over-1-odd|under-1|under-32), ${GUARDED}`, 'beyond/under-(1|32)-large, guarded'];

/** Guard pages, in the addon: each is built. */
const NATIVE = [
  {
    check: 'the handler of faults looks whose address it is',
    file: 'native/core/fault_handler_posix.cc',
    text: '  if (info->si_code > 0 && FaultRegistry::knows(address)) {',
    put: '  if (info->si_code > 0 && address == 1) {',
    cells: [...SIGNALS, ...DEAD_SIGNALS, ...ZERO_SIGNALS],
  },
  {
    check: 'the pages around a block are inaccessible',
    file: 'native/core/guarded_heap.cc',
    text: '    if (!pages::commit(block.body, block.body_bytes)) {',
    put: '    if (!pages::commit(block.territory, block.territory_bytes)) {',
    cells: [...SIGNALS, ...ZERO_SIGNALS],
  },
  {
    check: 'the pages of a freed block are inaccessible',
    file: 'native/core/guarded_heap.cc',
    text: '  if (block.body_bytes == 0 || pages::decommit(block.territory, block.territory_bytes)) return;',
    put: '  if (block.body_bytes < block.territory_bytes) return;',
    cells: [...DEAD_SIGNALS, `in-flight/read, ${GUARDED}`],
  },
  {
    check: 'the rest of a block’s page is looked at',
    file: 'native/core/guarded_heap.cc',
    text: '  if (block.body_bytes == 0) return std::nullopt;\n  const auto is_damaged',
    put: '  if (block.begin != nullptr) return std::nullopt;\n  const auto is_damaged',
    cells: SLACK,
  },
];

export const checks = [...ALWAYS, ...DEBUGGING, ...GUARDING, ...NATIVE];
