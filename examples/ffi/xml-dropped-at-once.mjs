// @ts-check
// An XML parser that is never freed: all that expat has allocated for a document is dropped by one reset of an arena.
// Needs `npm install koffi`, `apt-get install libexpat1`.
import assert from 'node:assert/strict';

import { Arena, memoryStats } from 'freehold';
import koffi from 'koffi';

const expat = koffi.load('libexpat.so.1');
const createParser = expat.func(
  'uint64_t XML_ParserCreate_MM(const char *encoding, uint64_t suite, const char *separator)',
);
const parse = expat.func('int XML_Parse(uint64_t parser, const void *text, int bytes, int last)');
const errorCode = expat.func('int XML_GetErrorCode(uint64_t parser)');
const errorText = expat.func('const char *XML_ErrorString(int code)');
const setElementHandler = expat.func(
  'void XML_SetElementHandler(uint64_t parser, uint64_t start, uint64_t end)',
);
const startType = koffi.proto('void StartElement(void *data, const char *name, void *attributes)');
const endType = koffi.proto('void EndElement(void *data, const char *name)');

/** @type {Map<string, number>} */
const counts = new Map();
const onStart = koffi.register((/** @type {unknown} */ _data, /** @type {string} */ name) => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}, koffi.pointer(startType));
const onEnd = koffi.register(() => undefined, koffi.pointer(endType));

const arena = new Arena({ name: 'document' });
const callbacks = arena.callbacks();

/** @param {string} document */
function count(document) {
  counts.clear();
  const parser = createParser(null, callbacks.expat, '|');
  setElementHandler(parser, onStart, onEnd);
  const text = arena.string(document);
  const said = parse(parser, text, text.length, 1) === 1 ? '' : `: ${errorText(errorCode(parser))}`;
  const { liveBlocks, liveBytes } = callbacks.stats();
  // Instead of XML_ParserFree. Nothing of the parser's may be used from here on.
  arena.reset();
  assert.equal(callbacks.stats().liveBlocks, 0);
  const found = [...counts].map(([name, times]) => `${times} ${name}`).join(', ');
  console.log(`${found}${said}`);
  console.log(`  and expat had ${liveBlocks} blocks of ${liveBytes} bytes`);
}

count(`<list xmlns="urn:a">${'<item><name>a</name></item>'.repeat(1000)}</list>`);
count('<list><item></list>');

// With a limit the library runs out of memory, and says so.
callbacks.limit = 32 * 1024;
count(`<list>${'<list>'.repeat(1000)}`);

arena.dispose();
koffi.unregister(onStart);
koffi.unregister(onEnd);
console.log(String(memoryStats()));

/* Prints:
1 urn:a|list, 1000 urn:a|item, 1000 urn:a|name
  and expat had … blocks of … bytes
1 list, 1 item: mismatched tag
  and expat had … blocks of … bytes
… list: out of memory
  and expat had … blocks of … bytes
memory: 0 B in use of 0 B held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B   0 B
manual              0       0     0 B   0 B
arenas              0             0 B   0 B
pools               0       0     0 B   0 B
…
*/
