// A server as a child process that speaks over IPC, and that never outlives us.
import { fork } from 'node:child_process';
import { once } from 'node:events';

const running = new Set();

// Whatever ends this process ends its children: 'exit' covers errors and process.exit, the signals are turned into it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.once(signal, () => process.exit(128 + number));
}

/** Resolves with the child's next message; rejects when it ends instead. */
async function nextMessage(child) {
  const abort = new AbortController();
  const { signal } = abort;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`the server (pid ${child.pid}) ended by itself: ${by ?? `exit code ${code}`}`);
      }),
    ]);
  } finally {
    abort.abort();
  }
}

/**
 * Starts `script` as a child process and waits until it says that it listens.
 *
 * @returns `hello`, its first message; `ask(question)` for what it answers; `stop()`, which resolves when it is gone.
 */
export async function startServer(script, env = {}, execArgv = []) {
  const child = fork(script, [], {
    env: { ...process.env, ...env },
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child);
  const gone = once(child, 'exit').then(() => running.delete(child));
  const hello = await nextMessage(child);
  return {
    hello,
    pid: child.pid,
    gone,
    ask(question = 'figures') {
      child.send(question);
      return nextMessage(child);
    },
    stop() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
