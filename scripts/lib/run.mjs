// Runs other programs, either in silence (a step that prints one line) or with their output passed through.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './paths.mjs';

/** Seconds between two signs of life of a silent step. */
const HEARTBEAT_SECONDS = 15;

/**
 * Runs a program and resolves with its exit code (128 + n for signal n is not told apart: any signal is 1).
 * Output goes straight to ours.
 */
export function run(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) console.error(`ended by ${signal}`);
      resolve(code ?? 1);
    });
  });
}

/**
 * Runs a program and resolves with `{ code, output }`, stdout and stderr in the order in which they came. One that
 * takes longer than `seconds` is ended.
 */
export function capture(command, args, { cwd = root, env = process.env, seconds = Infinity } = {}) {
  const timeout = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts = [];
    child.stdout.on('data', (part) => parts.push(part));
    child.stderr.on('data', (part) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const output = Buffer.concat(parts).toString('utf8');
      resolve({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}\n` : output });
    });
  });
}

/**
 * Runs a program as one step of a longer job: a line when it begins, one when it ends with the seconds it took,
 * a sign of life in between, and its output only when it fails.
 *
 * @throws Error, with the end of the output, when the program fails.
 */
export async function step(title, command, args, { quiet = false, hint = '', ...options } = {}) {
  const say = quiet ? () => {} : (text) => console.error(`freehold: ${text}`);
  const begin = performance.now();
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  say(`${title} ...`);
  const heartbeat = setInterval(() => say(`${title}: still at it, ${seconds()}`), HEARTBEAT_SECONDS * 1000);
  try {
    const { code, output } = await capture(command, args, options);
    if (code !== 0) {
      const tail = output.trimEnd().split('\n').slice(-60).join('\n');
      throw new Error(`${title} failed with exit code ${code}\n${tail}${hint && `\n\n${hint}`}`);
    }
  } finally {
    clearInterval(heartbeat);
  }
  say(`${title}: done in ${seconds()}`);
}

/** The command line that starts npm: the one that runs us, else the one beside this node, else the one on the PATH. */
export function npm() {
  const inUse = process.env.npm_execpath;
  const bin = dirname(process.execPath);
  const candidates = [
    inUse && /npm-cli\.[cm]?js$/.test(inUse) ? inUse : '',
    join(bin, 'node_modules/npm/bin/npm-cli.js'),
    join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
  ];
  const script = candidates.find((path) => path && existsSync(path));
  return script ? [process.execPath, script] : ['npm'];
}
