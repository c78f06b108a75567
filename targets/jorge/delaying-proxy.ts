// A TCP proxy that passes bytes on as late as a long way would: it stands for the network in front of the Jorge system, or
// for the one between it and its database. Called by target.ts.

import { connect, createServer, type Socket } from 'node:net';
import { startTimer } from '../../src/time/timer.ts';

/** What one connection may have under way in one direction; beyond it, the sender waits. */
const mostUnderWayBytes = 4_000_000;

export interface DelayingProxy {
  readonly address: string;
  readonly port: number;
  /** Cuts the connections that there still are. */
  close(): Promise<void>;
}

export interface DelayingProxyOptions {
  readonly port: number;
  readonly host: string;
  /** Where the proxy connects to. */
  readonly to: { readonly port: number; readonly host: string };
  /** Delay of each direction, ms. */
  readonly delayMs: number;
}

/** Rejects with the error of the socket when the address is taken. */
export async function startDelayingProxy(options: DelayingProxyOptions): Promise<DelayingProxy> {
  const { to, delayMs } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, noDelay: true, allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      // `close` follows, and cuts the other side.
      one.on('error', () => {});
      one.once('close', () => {
        sockets.delete(one);
        startTimer(() => other.destroy(), delayMs);
      });
      passOn(one, other, delayMs);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as { readonly address: string; readonly port: number };
  return {
    address,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Timers of one length fire in the order in which they were started, so that bytes keep their order. */
function passOn(from: Socket, to: Socket, delayMs: number): void {
  let underWayBytes = 0;
  from.on('data', (chunk: Buffer) => {
    underWayBytes += chunk.length;
    if (underWayBytes > mostUnderWayBytes) from.pause();
    startTimer(() => {
      underWayBytes -= chunk.length;
      if (underWayBytes <= mostUnderWayBytes) from.resume();
      if (to.writable) to.write(chunk);
    }, delayMs);
  });
  from.once('end', () => startTimer(() => to.end(), delayMs));
}
