// @ts-check
// Documents for expat: of each namespace, prefix and name that it has not seen yet it makes a record.

/** @param {number} length @param {(index: number) => string} item */
const repeat = (length, item) => Array.from({ length }, (_, index) => item(index)).join('');

/** What a web service would be sent. */
export const envelope = () =>
  Buffer.from(
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:m="http://www.example.org/stock">' +
      '<soap:Header><m:Trace id="abc" level="2"/></soap:Header>' +
      '<soap:Body><m:GetPrice currency="EUR"><m:Item>Apples</m:Item></m:GetPrice></soap:Body></soap:Envelope>',
  );

/** Elements that each declare a namespace and have an attribute of their own. @param {number} length */
export const namespaces = (length) =>
  Buffer.from(
    `<list>${repeat(length, (i) => `<n${i}:item xmlns:n${i}="urn:n${i}" n${i}:id="${i}" kind${i}="k"/>`)}</list>`,
  );

/**
 * Elements in each other that each declare namespaces, with an attribute in each: all of it lives at the deepest.
 * @param {number} depth @param {number} namespaces
 */
export const nested = (depth, namespaces) =>
  Buffer.from(
    repeat(depth, (i) => {
      const declared = repeat(namespaces, (n) => ` xmlns:p${n}-${i}="urn:${n}:${i}"`);
      return `<p0-${i}:e${declared}${repeat(namespaces, (n) => ` p${n}-${i}:a="${i}"`)}>`;
    }) + repeat(depth, (i) => `</p0-${depth - 1 - i}:e>`),
  );

/** Records that all look alike: little to allocate once the first was read. @param {number} length */
export const catalogue = (length) =>
  Buffer.from(
    `<catalogue>${repeat(length, (i) => `<item id="${i}" kind="k${i % 5}"><name>item ${i}</name><price>1.99</price></item>`)}</catalogue>`,
  );
