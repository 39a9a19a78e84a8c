// good
import { Heap, type Block } from 'freehold';

class Line {
  readonly #heap = new Heap();
  #block: Block = this.#heap.alloc(8);

  append(text: string): void {
    const larger = this.#heap.alloc(this.#block.length + text.length);
    this.#block.copy(larger);
    this.#heap.free(this.#block);
    this.#block = larger;
  }

  [Symbol.dispose](): void {
    this.#heap.free(this.#block);
    this.#heap.dispose();
  }
}

{
  using line = new Line();
  line.append('x');
}
