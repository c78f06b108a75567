// Real child processes for the tests of the process monitor.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly pid: number;
  /** The next line that it prints. Rejects when it ends without. */
  line(): Promise<string>;
  /** Makes it go on: it waits for lines. */
  tell(line: string): void;
  /** Kills it, and resolves once it is gone and waited for. */
  stop(): Promise<void>;
}

/** Available to scripts: `line()` resolves with the next line from the test, `burn(ms)` uses so much CPU time. */
const prelude = `
const lines = [], waiting = [];
require('node:readline').createInterface({ input: process.stdin })
  .on('line', (text) => { const next = waiting.shift(); if (next) next(text); else lines.push(text); })
  .on('close', () => process.exit());
const line = () => lines.length > 0 ? Promise.resolve(lines.shift()) : new Promise((resolve) => waiting.push(resolve));
const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const burn = (ms) => { const end = cpuMs() + ms; while (cpuMs() < end); };
`;

/** A Node process that runs `script`, and ends with the test at the latest. */
export async function startChild(script: string, args: readonly string[] = []): Promise<Child> {
  const child = await startLastingChild(script, args);
  onTestFinished(() => child.stop());
  return child;
}

/** The same, to be stopped by the caller, or by the end of this process. */
export async function startLastingChild(script: string, args: readonly string[] = []): Promise<Child> {
  const child = spawn(process.execPath, ['-e', `${prelude}(async () => {${script}})()`, '--', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child, 'spawn');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid!,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error('the child ended without a line');
      return value;
    },
    tell(line) {
      child.stdin.write(`${line}\n`);
    },
    stop: () => kill(child),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What the system calls a process: `node`, and `node-MainThread` since Node 24. */
export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
