// A run's side of its fault host: a small process of its own session that begins faults and takes them back, also when the
// run is killed, since the kernel closes its standard input then. run/rig.ts starts one.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { helperProgram } from '../system/helper-program.ts';
import type { FromHost, HostRequest, ToHost } from './host-messages.ts';

export type Done = Extract<FromHost, { kind: 'done' }>;

export interface FaultHost {
  readonly pid: number;
  /** Resolves when it is done. Rejects with why it could not be. */
  request(request: HostRequest): Promise<Done>;
  /** Takes everything back and ends what was started. A second call does nothing. */
  release(): Promise<void>;
}

/** `onExited` is told of processes that ended by themselves. */
export async function startFaultHost(
  onExited: (process: string, reason: string) => void,
): Promise<FaultHost> {
  const program = await helperProgram('src/faults/fault-host-process', 'runFaultHost');
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return new Connection(child, onExited);
}

interface Waiting {
  resolve(done: Done): void;
  reject(error: Error): void;
}

class Connection implements FaultHost {
  readonly pid: number;
  readonly #input: Writable;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #isGone = false;
  readonly #gone: Promise<void>;
  #releasing: Promise<void> | undefined;

  constructor(
    child: ChildProcessByStdio<Writable, Readable, null>,
    onExited: (process: string, reason: string) => void,
  ) {
    this.pid = child.pid!;
    this.#input = child.stdin;
    // A host that was killed must not take the run along.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as FromHost;
      if (message.kind === 'exited') {
        onExited(message.process, message.reason);
        return;
      }
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.kind === 'done') waiting?.resolve(message);
      else waiting?.reject(new Error(message.reason));
    });
    this.#gone = new Promise((resolve) => {
      child.once('close', () => {
        this.#isGone = true;
        for (const { reject } of this.#waiting.values()) reject(new Error(hostGone));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  request(request: HostRequest): Promise<Done> {
    if (this.#isGone) return Promise.reject(new Error(hostGone));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#input.write(`${JSON.stringify({ ...request, id } satisfies ToHost)}\n`);
    });
  }

  release(): Promise<void> {
    this.#releasing ??= this.request({ kind: 'release' }).then(
      () => this.#gone,
      () => this.#gone,
    );
    return this.#releasing;
  }
}

const hostGone = 'the process that makes faults has ended';
