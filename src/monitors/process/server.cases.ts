// A server to watch, and what the tests of the process monitor ask.

import { execFileSync } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import type { SourceOf } from '../../model/monitor-settings.ts';
import { failureOf, read } from '../monitor.cases.ts';
import type { Monitor } from '../monitor.ts';
import { createProcessMonitor, type ProcessMonitorDeps } from '../process.ts';
import { type Child, startLastingChild } from './child.cases.ts';

export const onLinux = process.platform === 'linux';

/** A process that listens on a port. Its page tells a heap, unless it was told to be `silent`. */
const server = (port: number, host: string): string => `
  let silent = false;
  require('node:http').createServer((request, response) => {
    if (!silent) response.end('# TYPE nodejs_heap_size_used_bytes gauge\\nnodejs_heap_size_used_bytes 123456\\n');
  }).listen(${port}, ${JSON.stringify(host)}, () => console.log('ready'));
  for (;;) { silent = (await line()) === 'silent'; console.log('done'); }
`;

/** Ends with the test. */
export async function startServer(port: number, host?: string): Promise<Child> {
  const child = await startLastingServer(port, host);
  onTestFinished(() => child.stop());
  return child;
}

export async function startLastingServer(port: number, host = '127.0.0.1'): Promise<Child> {
  const child = await startLastingChild(server(port, host));
  expect(await child.line()).toBe('ready');
  return child;
}

/** Closed with the test; with children unless told otherwise. */
export function monitorOf(
  source: Omit<SourceOf<'process'>, 'kind' | 'children'> & { readonly children?: boolean },
  deps?: ProcessMonitorDeps,
): Monitor {
  const monitor = createProcessMonitor({ kind: 'process', children: true, ...source }, deps);
  onTestFinished(() => monitor.close());
  return monitor;
}

export async function messageOf(monitor: Monitor): Promise<string> {
  return ((await failureOf(read(monitor))) as Error).message;
}

/** A column of `ps` for one process. */
export function ps(column: string, pid: number): string {
  return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
}
