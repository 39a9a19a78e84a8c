// bad: no-leak 7
import { Heap } from 'freehold';

const heap = new Heap();

function mean(values) {
  const samples = heap.array(Float64Array, values.length);
  samples.set(values);
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i];
  return sum / samples.length;
}

mean([1, 2, 3]);
