import { constants } from 'node:os';

import { expect, test } from 'vitest';

import { library } from './library.ts';

const libc = library('libc', 'libc.so.6', 'libc6');

libc.describe(() => {
  test("qsort sorts a block in place by a function of JavaScript's", async () => {
    await expect(libc.play('qsort over a block')).resolves.toEqual({ ascending: true, called: true });
  });

  test('read with O_DIRECT fills a block that is aligned to a page, and refuses one that is not', async ({
    skip,
  }) => {
    const result = await libc.play<object | null>('a direct read into an aligned block');
    skip(result === null, 'the file system refuses O_DIRECT');
    expect(result).toEqual({
      bytes: 4 * 4096,
      same: true,
      aligned: true,
      wrong: -1,
      error: constants.errno.EINVAL,
      live: 0,
    });
  });
});
