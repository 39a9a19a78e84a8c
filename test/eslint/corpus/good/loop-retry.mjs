// good
import { allocate, free } from 'freehold';

function retry(work) {
  for (;;) {
    const block = allocate(8);
    try {
      return work(block[0]);
    } catch (error) {
      if (error.fatal) throw error;
    } finally {
      free(block);
    }
  }
}

let tries = 0;
retry(() => {
  if (tries++ < 2) throw new Error('again');
});
