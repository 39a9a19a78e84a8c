// good
import { allocate, free } from 'freehold';

function* pages(count) {
  for (let i = 0; i < count; i++) {
    const page = allocate(16);
    page.fill(i);
    yield page;
  }
}

for (const page of pages(2)) free(page);
