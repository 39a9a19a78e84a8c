// @ts-check
// A factory with ownership: who makes a thing hands it over with its owner, who takes it ends it, and who only reads it borrows.
// Each mistake in the middle is an error at its line, and nothing is left at the end.
import {
  Pool,
  borrow,
  create,
  cString,
  memoryStats,
  owned,
  own,
  scoped,
  struct,
  takesOwnership,
  u32,
} from 'freehold';

/** @typedef {import('freehold').Block} Block */
/**
 * @template T
 * @typedef {import('freehold').Owned<T>} Owned
 */

const Message = struct({ sequence: u32, length: u32, sender: cString(24) }, { name: 'Message' });
const headers = new Pool({ blockBytes: Message.size, name: 'headers' });
const bodies = new Pool({ blockBytes: 256, name: 'bodies' });
let sequence = 0;

/**
 * A message and its body. The caller owns both; when something throws on the way, nobody does, and they are freed.
 *
 * @param {string} sender
 * @param {string} text
 */
function makeMessage(sender, text) {
  return scoped((scope) => {
    const body = scope.own(owned(bodies, 256));
    const header = scope.own(own(create(headers, Message, { sequence: ++sequence, sender })));
    header.value.length = body.value.write(text);
    if (header.value.length < Buffer.byteLength(text))
      throw new RangeError(`too long for one message: ${text.length}`);
    return { header: header.move(), body: body.move() };
  });
}

/**
 * A reader: it may look, and the owner cannot end the body meanwhile.
 *
 * @param {ReturnType<typeof makeMessage>} message
 */
const show = ({ header, body }) =>
  borrow(body, (reader) => {
    const { sequence: number, sender, length } = header.value;
    return `${number} ${sender}: ${reader.value.toString('utf8', 0, length)}`;
  });

/** The wire takes the body for good: the caller's handle is dead after the call, and what it has become ends here. */
const send = takesOwnership((/** @type {Owned<Block>} */ body) => {
  const { length } = body.value;
  body.dispose();
  return length;
}, 0);

const hello = makeMessage('alice', 'hello');
console.log(show(hello));

try {
  // eslint-disable-next-line freehold/require-ownership -- it throws
  makeMessage('bob', 'x'.repeat(1000));
} catch (error) {
  console.log(/** @type {Error} */ (error).message, '- left behind:', headers.blocks - 1, bodies.blocks - 1);
}

try {
  borrow(hello.body, () => hello.body.dispose());
} catch (error) {
  console.log('freed while it was read:', /** @type {{ code: string }} */ (error).code);
}

console.log('sent', send(hello.body));
try {
  // eslint-disable-next-line freehold/no-use-after-free -- what happens then is what is shown
  hello.body.value.fill(0);
} catch (error) {
  console.log('used after it was sent:', /** @type {{ code: string }} */ (error).code);
}

hello.header.dispose();
console.log(headers.blocks, bodies.blocks);
headers.dispose();
bodies.dispose();
console.log(String(memoryStats()));

/* Prints:
1 alice: hello
too long for one message: 1000 - left behind: 0 0
freed while it was read: ERR_FREEHOLD_BORROWED
sent 256
used after it was sent: ERR_FREEHOLD_MOVED
0 0
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
