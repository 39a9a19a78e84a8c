// @ts-check
// A Lua state that may have 1 MiB: a greedy script fails with "not enough memory", the state works on, and so does the process.
// Needs `npm install koffi`, `apt-get install liblua5.4-0`.
import assert from 'node:assert/strict';

import { Heap, memoryStats } from 'freehold';
import koffi from 'koffi';

const lua = koffi.load('liblua5.4.so.0');
const newState = lua.func('uint64_t lua_newstate(uint64_t alloc, uint64_t ud)');
const loadString = lua.func('int luaL_loadstring(uint64_t state, const char *script)');
const call = lua.func(
  'int lua_pcallk(uint64_t state, int arguments, int results, int h, intptr_t c, uint64_t k)',
);
const textAt = lua.func('const char *lua_tolstring(uint64_t state, int index, void *length)');
const setTop = lua.func('void lua_settop(uint64_t state, int index)');
const close = lua.func('void lua_close(uint64_t state)');

const heap = new Heap({ name: 'scripts' });
const callbacks = heap.callbacks({ limitBytes: 1024 * 1024 });
const state = newState(callbacks.lua.alloc, callbacks.lua.ud);

/** @param {string} script */
function run(script) {
  // lua_pcall: out of memory outside of one, Lua would end the process.
  const status = loadString(state, script) || call(state, 0, 1, 0, 0, 0);
  const answer = textAt(state, -1, null);
  setTop(state, 0);
  return status === 0 ? answer : `error ${status}: ${answer}`;
}

console.log(run('local sum = 0 for i = 1, 100 do sum = sum + i end return sum'));
console.log(run('local all = {} for i = 1, 1e9 do all[i] = { i } end'));
const { peakBytes, refused } = callbacks.stats();
assert(peakBytes <= 1024 * 1024 && refused > 0);
console.log(run("return 'the state works on'"));

close(state);
const { liveBlocks, liveBytes } = callbacks.stats();
console.log(`after lua_close: ${liveBlocks} blocks, ${liveBytes} bytes`);
callbacks.dispose(); // throws when a library has forgotten a block
heap.dispose();
console.log(String(memoryStats()));

/* Prints:
5050
error 4: not enough memory
the state works on
after lua_close: 0 blocks, 0 bytes
memory: 0 B in use of 0 B held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B   0 B
manual              0       0     0 B   0 B
arenas              0             0 B   0 B
pools               0       0     0 B   0 B
…
*/
