// bad: no-leak 8
import { Pool, returnsOwnership } from 'freehold';

const pool = new Pool({ blockBytes: 64 });
const greeting = returnsOwnership((name) => pool.string(`hello ${name}`));

function run() {
  const text = greeting('you');
  return text.value.toString();
}

run();
