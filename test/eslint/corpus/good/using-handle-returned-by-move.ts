// good
import { Heap, owned, type Block, type Owned } from 'freehold';

const heap = new Heap();

function make(text: string): Owned<Block> {
  using made = owned(heap, 64);
  made.value.write(text);
  return made.move();
}

{
  using mine = make('x');
  console.log(mine.value[0]);
}
