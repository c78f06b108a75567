// The guardian's own process: waits until its owner is gone, then ends what the owner left. See guardian.ts.

import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { EndSteps, ProcessIdentity } from './end-process.ts';
import { endProcess } from './end-process.ts';

/** One line of JSON on the guardian's standard input. */
export type GuardianMessage =
  | { readonly kind: 'watch'; readonly process: ProcessIdentity; readonly steps: EndSteps }
  | { readonly kind: 'forget'; readonly pid: number }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'release' };

/**
 * Reads messages until standard input ends. The kernel closes that pipe when the owner dies, however it
 * dies; without a `release` before, every watched process is ended and every folder removed.
 */
export async function runGuardian(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const watched = new Map<number, Extract<GuardianMessage, { kind: 'watch' }>>();
  const folders = new Set<string>();
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as GuardianMessage;
    if (message.kind === 'watch') watched.set(message.process.pid, message);
    else if (message.kind === 'forget') watched.delete(message.pid);
    else if (message.kind === 'folder') folders.add(message.folder);
    else return;
  }
  await Promise.all([...watched.values()].map((entry) => endProcess(entry.process, entry.steps)));
  for (const folder of folders) {
    // Whatever was sent: nothing but a folder of ours is ever removed.
    if (!basename(folder).startsWith('plimsoll-')) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
