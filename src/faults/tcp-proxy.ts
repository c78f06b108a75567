// A TCP proxy that can be a bad network: it delays, narrows, holds, cuts or refuses while faults are on, and passes bytes
// on as they come otherwise. It sees bytes, not packets: a loss of packets shows as delay only. fault-host-process.ts runs
// the proxies.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { FaultTraffic, ProxyPlan } from '../model/fault.ts';
import type { NetworkFault } from '../model/fault-action.ts';
import { directTo } from '../network/destination.ts';
import { type Dialer, hearNothing } from '../network/dialer.ts';
import { Histogram } from '../stats/histogram.ts';
import { delay } from '../time/timer.ts';
import { type LinkRules, ProxyLink } from './proxy-link.ts';

interface Through {
  readonly near: Socket;
  far: Socket | undefined;
  links: readonly ProxyLink[];
}

interface ActiveFault {
  readonly fault: NetworkFault;
  /** Connections that were through the proxy when it began, and those since. */
  connections: number;
  cut: number;
  bytes: number;
  readonly waits: Histogram;
}

const listenTries = 20;

export class TcpProxy {
  readonly #plan: Pick<ProxyPlan, 'listen' | 'to'>;
  readonly #dialer: Dialer;
  readonly #through = new Set<Through>();
  readonly #faults = new Map<string, ActiveFault>();
  #server: Server | undefined;
  #port: number;

  constructor(plan: Pick<ProxyPlan, 'listen' | 'to'>, dialer: Dialer) {
    this.#plan = plan;
    this.#port = plan.listen.port;
    this.#dialer = dialer;
  }

  /** Resolves with its port, which it keeps. Rejects with the error of the socket when the address is taken. */
  async listen(): Promise<number> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => this.#carry(near));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#plan.listen.host, resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  async begin(name: string, fault: NetworkFault): Promise<void> {
    this.#faults.set(name, {
      fault,
      connections: this.#through.size,
      cut: 0,
      bytes: 0,
      waits: new Histogram(),
    });
    if (fault.kind === 'refuse') {
      const server = this.#server;
      this.#server = undefined;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
      this.#cutAll(name);
      await closed;
    } else if (fault.kind === 'reset') {
      this.#cutAll(name);
    }
    this.#flushAll();
  }

  /** Takes a fault back. Rejects when the address could not be listened on again. */
  async end(name: string): Promise<FaultTraffic | undefined> {
    const active = this.#faults.get(name);
    if (active === undefined) return undefined;
    this.#faults.delete(name);
    this.#flushAll();
    if (this.#server === undefined && !this.#is('refuse')) await this.#listenAgain();
    const { connections, cut, bytes, waits } = active;
    const { med, 'p(99)': p99, count } = waits.trendValues();
    return { connections, cut, bytes, addedMs: count === 0 ? null : { med, p99 } };
  }

  /** Cuts what there still is. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#faults.clear();
    const closed = new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
    for (const { near, far } of this.#through) {
      near.destroy();
      far?.destroy();
    }
    await closed;
  }

  async #listenAgain(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.listen();
        return;
      } catch (thrown) {
        if (attempt === listenTries) throw thrown;
        await delay(50);
      }
    }
  }

  #is(kind: NetworkFault['kind']): boolean {
    return [...this.#faults.values()].some(({ fault }) => fault.kind === kind);
  }

  #carry(near: Socket): void {
    for (const active of this.#faults.values()) active.connections++;
    const through: Through = { near, far: undefined, links: [] };
    this.#through.add(through);
    near.on('error', hearNothing);
    near.once('close', () => this.#forgetIfOver(through));
    const { host, port } = this.#plan.to;
    this.#dialer.connect(directTo(host, port)).then(
      (far) => {
        through.far = far;
        far.on('error', hearNothing);
        far.once('close', () => this.#forgetIfOver(through));
        if (near.destroyed) {
          far.destroy();
          return;
        }
        far.setNoDelay(true);
        const rules = this.#rulesOf(through);
        through.links = [new ProxyLink(near, far, rules), new ProxyLink(far, near, rules)];
      },
      // As if the upstream had been asked itself.
      () => near.resetAndDestroy(),
    );
  }

  #rulesOf(through: Through): LinkRules {
    const active = (): ActiveFault[] => [...this.#faults.values()];
    return {
      delayMs: () => active().reduce((sum, { fault }) => sum + delayOf(fault), 0),
      bytesPerSec: () =>
        Math.min(
          Number.POSITIVE_INFINITY,
          ...active().map(({ fault }) =>
            fault.kind === 'bandwidth' ? fault.bytesPerSec : Number.POSITIVE_INFINITY,
          ),
        ),
      isHeld: () => this.#is('black-hole'),
      took: (bytes) => {
        for (const one of active()) {
          one.bytes += bytes;
          if (one.fault.kind === 'reset') this.#cut(through, one);
        }
      },
      passed: (waitedMs) => {
        for (const { waits } of active()) waits.add(waitedMs);
      },
    };
  }

  #cutAll(name: string): void {
    const active = this.#faults.get(name)!;
    for (const through of [...this.#through]) this.#cut(through, active);
  }

  #cut(through: Through, active: ActiveFault): void {
    if (through.near.destroyed) return;
    active.cut++;
    through.near.resetAndDestroy();
    through.far?.destroy();
  }

  #flushAll(): void {
    for (const { links } of this.#through) for (const link of links) link.flush();
  }

  #forgetIfOver(through: Through): void {
    if (through.near.closed && through.far?.closed !== false) this.#through.delete(through);
  }
}

/** Uniform around the delay; never less than nothing. */
function delayOf(fault: NetworkFault): number {
  if (fault.kind !== 'latency') return 0;
  const { delayMs, jitterMs } = fault;
  return Math.max(0, delayMs + (Math.random() * 2 - 1) * jitterMs);
}
