// The fault host's own process: it holds the proxies and the processes of a run, begins faults and takes them back. When
// the run is gone, however it ended, its standard input ends, and everything is taken back. See fault-host.ts.

import { createInterface } from 'node:readline';
import { messageOf } from '../model/errors.ts';
import type { FaultTraffic } from '../model/fault.ts';
import type { FaultAction } from '../model/fault-action.ts';
import { Dialer } from '../network/dialer.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import { machineMs } from '../time/clock.ts';
import { flushRedis } from './flush-redis.ts';
import type { FromHost, HostRequest, ToHost } from './host-messages.ts';
import { OwnProcess } from './own-process.ts';
import { sendRequest } from './send-request.ts';
import { TcpProxy } from './tcp-proxy.ts';

const requestTimeoutMs = 10_000;

type Outcome = { readonly atMachineMs: number; readonly traffic?: FaultTraffic; readonly port?: number };

/** What a run has at its host. */
class Host {
  #dialer = new Dialer();
  readonly #proxies = new Map<string, TcpProxy>();
  readonly #processes = new Map<string, OwnProcess>();
  /** Faults that are on, with how each was begun. */
  readonly #active = new Map<string, FaultAction>();
  readonly #tell: (message: FromHost) => void;

  constructor(tell: (message: FromHost) => void) {
    this.#tell = tell;
  }

  async carryOut(request: HostRequest): Promise<Outcome> {
    switch (request.kind) {
      case 'guard':
        if (request.guard !== null) this.#dialer = new Dialer({ guard: new TrafficGuard(request.guard) });
        break;
      case 'proxy': {
        const proxy = new TcpProxy(request.proxy, this.#dialer);
        const port = await proxy.listen();
        this.#proxies.set(request.proxy.name, proxy);
        return { atMachineMs: machineMs(), port };
      }
      case 'process': {
        const { name } = request.process;
        const own = new OwnProcess(request.process, this.#dialer, (reason) =>
          this.#tell({ kind: 'exited', process: name, reason }),
        );
        this.#processes.set(name, own);
        await own.start();
        await own.untilReady();
        break;
      }
      case 'begin':
        // It may have begun although it failed: it is taken back in any case.
        this.#active.set(request.fault, request.action);
        return this.#begin(request.fault, request.action);
      case 'end':
        return this.#end(request.fault);
      case 'release':
        await this.release();
    }
    return { atMachineMs: machineMs() };
  }

  async #begin(fault: string, action: FaultAction): Promise<Outcome> {
    // What takes effect at once is timed before it, so that no effect shows earlier than the fault.
    const beforeMs = machineMs();
    switch (action.on) {
      case 'proxy':
        await this.#proxies.get(action.proxy)!.begin(fault, action.fault);
        return { atMachineMs: beforeMs };
      case 'process': {
        const own = this.#processes.get(action.process)!;
        if (action.does === 'pause') own.pause();
        else if (action.does === 'kill') await own.kill();
        else await own.stop();
        return { atMachineMs: beforeMs };
      }
      case 'http':
        await this.#ask(action.start);
        return { atMachineMs: beforeMs };
      case 'redis':
        await flushRedis(this.#dialer, action.url, requestTimeoutMs);
        return { atMachineMs: beforeMs };
    }
  }

  async #end(fault: string): Promise<Outcome> {
    const action = this.#active.get(fault);
    if (action === undefined) return { atMachineMs: machineMs() };
    switch (action.on) {
      case 'proxy': {
        const traffic = await this.#proxies.get(action.proxy)!.end(fault);
        this.#active.delete(fault);
        return { atMachineMs: machineMs(), ...(traffic !== undefined && { traffic }) };
      }
      case 'process': {
        const own = this.#processes.get(action.process)!;
        if (action.does === 'pause') own.resume();
        else await own.start();
        const atMachineMs = machineMs();
        this.#active.delete(fault);
        if (action.does !== 'pause') await own.untilReady();
        return { atMachineMs };
      }
      case 'http':
        if (action.end !== undefined) await this.#ask(action.end);
        this.#active.delete(fault);
        return { atMachineMs: machineMs() };
      case 'redis':
        this.#active.delete(fault);
        return { atMachineMs: machineMs() };
    }
  }

  async #ask(request: Parameters<typeof sendRequest>[1]): Promise<void> {
    const { status } = await sendRequest(this.#dialer, request, requestTimeoutMs);
    if (status >= 400)
      throw new Error(`${request.method ?? 'GET'} ${request.url} was answered with ${status}`);
  }

  /** Takes back what is on, then ends the processes and the proxies. One failure does not keep the rest from being done. */
  async release(): Promise<void> {
    for (const [fault, action] of this.#active) {
      // Processes end anyway.
      if (action.on === 'process' && action.does !== 'pause') continue;
      await this.#end(fault).catch(() => {});
    }
    await Promise.all([...this.#processes.values()].map((own) => own.end().catch(() => {})));
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close().catch(() => {})));
  }
}

/** Carries out requests until standard input ends, or one releases it. */
export async function runFaultHost(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  // The run may be gone: what it is told then is lost.
  process.stdout.on('error', () => {});
  const tell = (message: FromHost): void => {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  };
  const host = new Host(tell);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as ToHost;
    const { id } = request;
    const carriedOut = host.carryOut(request).then(
      (outcome) => tell({ kind: 'done', id, ...outcome }),
      (thrown: unknown) => tell({ kind: 'failed', id, reason: messageOf(thrown) }),
    );
    if (request.kind === 'release') {
      await carriedOut;
      process.exit(0);
    }
  }
  await host.release();
  process.exit(0);
}
