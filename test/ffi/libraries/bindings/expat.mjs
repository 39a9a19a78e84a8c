// expat through koffi: what the tests need of it.
import koffi from 'koffi';

const library = koffi.load('libexpat.so.1');

export const XML_ERROR_NO_MEMORY = 1;

export const createParser = library.func(
  'uint64_t XML_ParserCreate_MM(const char *encoding, uint64_t suite, const char *separator)',
);
export const freeParser = library.func('void XML_ParserFree(uint64_t parser)');
export const errorText = library.func('const char *XML_ErrorString(int code)');
const parseBytes = library.func('int XML_Parse(uint64_t parser, const void *text, int bytes, int last)');
const errorCode = library.func('int XML_GetErrorCode(uint64_t parser)');
const setElementHandler = library.func(
  'void XML_SetElementHandler(uint64_t parser, uint64_t start, uint64_t end)',
);

const Start = koffi.proto('void StartElement(void *data, const char *name, void *attributes)');
const End = koffi.proto('void EndElement(void *data, const char *name)');

/** A document with namespaces and attributes: each item is several allocations of the library's. */
export function documentOf(items) {
  const item = (index) =>
    `<b:item${index % 17} xmlns:n${index}="urn:n${index}" b:id="${index}" n${index}:kind="k"><name>a &amp; b</name></b:item${index % 17}>`;
  return Buffer.from(
    `<?xml version="1.0"?><list xmlns:b="urn:b">${Array.from({ length: items }, (_, index) => item(index)).join('')}</list>`,
  );
}

/** Parses a whole document; 0, or expat's code of the error. */
export function parse(parser, text) {
  return parseBytes(parser, text, text.length, 1) === 1 ? 0 : errorCode(parser);
}

/** The same, and the names of its elements. */
export function namesIn(parser, text) {
  const names = [];
  const start = koffi.register((_data, name) => void names.push(name), koffi.pointer(Start));
  const end = koffi.register(() => {}, koffi.pointer(End));
  setElementHandler(parser, start, end);
  const code = parse(parser, text);
  koffi.unregister(start);
  koffi.unregister(end);
  return { code, names };
}
