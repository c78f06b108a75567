// A client as the benches see it: load in, figures out.

import type { FinishOptions, Processes } from '../processes.ts';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly core: number;
}

export interface Figures {
  readonly requests: number;
  /** Answered otherwise than with a 200, or not at all. */
  readonly failed: number;
  readonly requestsPerSec: number;
  /** Whole-process CPU, start-up included, per request made. */
  readonly cpuUsPerRequest: number;
  /** Of the processes that drive the load alone, where a client has such and says so. */
  readonly workerCpuUsPerRequest?: number;
}

export interface Client {
  readonly name: string;
  /** What it does per request beyond sending it. */
  readonly note: string;
  run(load: Load, processes: Processes): Promise<Figures>;
}

/** Puts together what every client tells in its own way. */
export function figures(requests: number, seconds: number, cpuMs: number, failed: number): Figures {
  if (requests === 0) throw new Error('no request was made');
  return { requests, failed, requestsPerSec: requests / seconds, cpuUsPerRequest: (cpuMs * 1000) / requests };
}

export const on = (core: number): FinishOptions => ({ core });
