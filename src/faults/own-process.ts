// A process that the run has started, with all that it starts in turn: they are one process group, and no other process is
// ever sent a signal. fault-host-process.ts owns them.

import { type ChildProcess, spawn } from 'node:child_process';
import { messageOf } from '../model/errors.ts';
import { directTo } from '../network/destination.ts';
import type { Dialer } from '../network/dialer.ts';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import type { ProcessStart } from './host-messages.ts';
import { sendRequest } from './send-request.ts';

const endGraceMs = 5000;
const askEveryMs = 50;
const askTimeoutMs = 1000;
/** The end of what it wrote, for messages. */
const keptOutput = 2000;

export class OwnProcess {
  readonly #start: ProcessStart;
  readonly #dialer: Dialer;
  readonly #onExit: (reason: string) => void;
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #output = '';
  /** A fault, or the end of the run, ends it. */
  #mayEnd = false;

  /** `onExit` is told when the process ends that nobody here has ended. */
  constructor(start: ProcessStart, dialer: Dialer, onExit: (reason: string) => void) {
    this.#start = start;
    this.#dialer = dialer;
    this.#onExit = onExit;
  }

  /** Starts it; resolves when it is there, not when it is ready. Rejects while it is running: nothing would end the first. */
  async start(): Promise<void> {
    if (this.#isThere()) throw new Error('it is running already');
    const { command, cwd, env } = this.#start;
    const [program = '', ...args] = command;
    this.#output = '';
    this.#mayEnd = false;
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
      });
    }
    this.#gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        if (!this.#mayEnd) this.#onExit(signal === null ? `exit code ${code}` : `signal ${signal}`);
        resolve();
      });
      child.once('error', () => resolve());
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`${program} cannot be started: ${messageOf(error)}`)));
    });
    this.#child = child;
  }

  /** Resolves when it answers. Rejects when it ends before, or does not within its time, with the end of what it wrote. */
  async untilReady(): Promise<void> {
    const { ready, readyWithinMs } = this.#start;
    const giveUpAtMs = monotonicMs() + readyWithinMs;
    let last = '';
    while (monotonicMs() < giveUpAtMs) {
      if (!this.#isThere()) throw new Error(`it ended before it was ready${this.#tail()}`);
      try {
        await this.#ask(ready);
        return;
      } catch (thrown) {
        last = messageOf(thrown);
      }
      await delay(askEveryMs);
    }
    throw new Error(`it was not ready within ${readyWithinMs} ms: ${ready}: ${last}${this.#tail()}`);
  }

  async #ask(ready: string): Promise<void> {
    if (/^https?:/.test(ready)) {
      const { status } = await sendRequest(this.#dialer, { url: ready }, askTimeoutMs);
      if (status >= 500) throw new Error(`status ${status}`);
      return;
    }
    const [, host, port] = /^(.*):(\d+)$/.exec(ready)!;
    const socket = await this.#dialer.connect(directTo(host!, Number(port)));
    socket.destroy();
  }

  /** Rejects when it is not running. */
  async kill(): Promise<void> {
    this.#assertThere();
    this.#mayEnd = true;
    this.#signal('SIGKILL');
    await this.#gone;
  }

  pause(): void {
    this.#assertThere();
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  /** Ends it as a restart does. Rejects when it is not running. */
  async stop(): Promise<void> {
    this.#assertThere();
    await this.end();
  }

  /** SIGTERM, and SIGKILL when that is not enough. A paused process hears nothing before it goes on. */
  async end(): Promise<void> {
    this.#mayEnd = true;
    this.#signal('SIGTERM');
    this.#signal('SIGCONT');
    await Promise.race([this.#gone, delay(endGraceMs, { unref: true })]);
    this.#signal('SIGKILL');
    await this.#gone;
  }

  #assertThere(): void {
    if (!this.#isThere()) throw new Error('it is not running');
  }

  #isThere(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** To the group, whose number is that of the process which leads it: it is ours as long as one of them is there. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // All of them have ended.
    }
  }

  #tail(): string {
    const text = this.#output.trim();
    return text === '' ? '' : `; the end of what it wrote:\n${text}`;
  }
}
