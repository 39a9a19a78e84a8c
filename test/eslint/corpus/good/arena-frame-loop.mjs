// good
import { Arena } from 'freehold';

const frame = new Arena();

function render(frames) {
  let bytes = 0;
  for (let i = 0; i < frames; i++) {
    const vertices = frame.array(Float32Array, 12);
    vertices.fill(i);
    bytes += vertices.byteLength;
    frame.reset();
  }
  return bytes;
}

render(3);
frame.dispose();
