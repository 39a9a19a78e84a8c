// good
import { Pool, Scope, type Block } from 'freehold';

const pool = new Pool({ blockBytes: 64 });

class Channel implements Disposable {
  readonly #scope: Scope;
  readonly input: Block;
  readonly output: Block;

  constructor() {
    using scope = new Scope({ failUnless: 'succeeded' });
    this.input = scope.own(pool.alloc());
    this.output = scope.own(pool.alloc());
    this.#scope = scope.transfer();
  }

  [Symbol.dispose](): void {
    this.#scope.dispose();
  }
}

{
  using channel = new Channel();
  channel.input.fill(1);
}
