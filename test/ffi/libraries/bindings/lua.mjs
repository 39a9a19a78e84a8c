// Lua 5.4 through koffi: what the tests need of it.
import koffi from 'koffi';

const SONAME = 'liblua5.4.so.0';
const library = koffi.load(SONAME);

export const LUA_OK = 0;
export const LUA_ERRMEM = 4;

export const newState = library.func('uint64_t lua_newstate(uint64_t alloc, uint64_t ud)');
export const closeState = library.func('void lua_close(uint64_t state)');
const loadString = library.func('int luaL_loadstring(uint64_t state, const char *text)');
const call = library.func(
  'int lua_pcallk(uint64_t state, int arguments, int results, int handler, intptr_t context, uint64_t k)',
);
const pushFunction = library.func('void lua_pushcclosure(uint64_t state, uint64_t function, int values)');
const setTop = library.func('void lua_settop(uint64_t state, int index)');
const text = library.func('const char *lua_tolstring(uint64_t state, int index, void *length)');

const libc = koffi.load('libc.so.6');
const openLibrary = libc.func('uint64_t dlopen(const char *name, int flags)');
const symbol = libc.func('uint64_t dlsym(uint64_t library, const char *name)');
const RTLD_NOW = 2;
const handle = openLibrary(SONAME, RTLD_NOW);
const OPENERS = ['luaopen_base', 'luaopen_string'].map((name) => symbol(handle, name));

/** What a script returns, or why it does not; every call that may lack memory is protected, as Lua wants it. */
function outcome(state, status) {
  const answer = { status, text: text(state, -1, null) };
  setTop(state, 0);
  return answer;
}

/** The functions of the base library, and the methods of strings. */
export function openLibraries(state) {
  for (const opener of OPENERS) {
    pushFunction(state, opener, 0);
    const status = call(state, 0, 0, 0, 0, 0);
    if (status !== LUA_OK) return outcome(state, status);
  }
  return { status: LUA_OK, text: '' };
}

/** Runs a script, which returns a string. */
export function run(state, script) {
  const status = loadString(state, script) || call(state, 0, 1, 0, 0, 0);
  return outcome(state, status);
}
