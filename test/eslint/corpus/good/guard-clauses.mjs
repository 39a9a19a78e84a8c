// good
import { allocate, free } from 'freehold';

function decode(bytes) {
  if (bytes.length < 4) return null;
  const size = bytes.readUInt32BE(0);
  if (size > 1024) throw new RangeError('too large');
  const body = allocate(size);
  let ok = false;
  try {
    bytes.copy(body, 0, 4);
    ok = body.length === size;
    if (!ok) return null;
    return body;
  } finally {
    if (!ok) free(body);
  }
}

const body = decode(Buffer.from([0, 0, 0, 1, 7]));
if (body !== null) free(body);
