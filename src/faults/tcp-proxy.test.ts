import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dialer } from '../network/dialer.ts';
import { findFreePort } from '../system/free-port.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** An upstream that sends back what it is sent, and ends when it is told to. */
let upstream: Server;
let proxy: TcpProxy;
let port: number;
const opened: Socket[] = [];

beforeEach(async () => {
  upstream = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  port = await findFreePort();
  const to = { host: '127.0.0.1', port: (upstream.address() as AddressInfo).port };
  proxy = new TcpProxy({ listen: { host: '127.0.0.1', port }, to }, new Dialer());
  await proxy.listen();
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await proxy.close();
  upstream.close();
});

async function open(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  opened.push(socket);
  socket.on('error', () => {});
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed(socket)]);
  return socket;
}

/** Whether by an error or not. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Sends bytes and resolves with how long it took until they were all back. */
async function echo(socket: Socket, bytes = 5): Promise<number> {
  const began = performance.now();
  socket.write(Buffer.alloc(bytes, 'x'));
  let back = 0;
  while (back < bytes) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    back += piece.length;
  }
  return performance.now() - began;
}

describe('a TCP proxy', () => {
  it('passes bytes on in both directions, also when one side has ended', async () => {
    const socket = await open();
    await echo(socket, 1_000_000);
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    socket.end('last words');
    await once(socket, 'end');
    expect(text).toBe('last words');
  });

  it('delays each direction, and tells by how much', async () => {
    const socket = await open();
    await proxy.begin('slow', { kind: 'latency', delayMs: 150, jitterMs: 20 });
    expect(await echo(socket)).toBeGreaterThan(255);
    const traffic = await proxy.end('slow');
    expect(traffic).toMatchObject({ connections: 1, cut: 0, bytes: 10 });
    expect(traffic!.addedMs!.med).toBeGreaterThan(125);
    expect(await echo(socket)).toBeLessThan(125);
  });

  it('passes on what is delayed when the upstream closes meanwhile', async () => {
    const socket = await open();
    await proxy.begin('slow', { kind: 'latency', delayMs: 100, jitterMs: 0 });
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    socket.end('bye');
    await once(socket, 'end');
    expect(text).toBe('bye');
  });

  it('narrows the way, so that the sender has to wait', async () => {
    const socket = await open();
    await proxy.begin('narrow', { kind: 'bandwidth', bytesPerSec: 100_000 });
    // 40 kB there and back, one behind the other only at the start.
    expect(await echo(socket, 40_000)).toBeGreaterThan(350);
    await proxy.end('narrow');
    expect(await echo(socket, 40_000)).toBeLessThan(350);
  });

  it('holds everything while it is a black hole, and lets it go afterwards', async () => {
    const socket = await open();
    await proxy.begin('hole', { kind: 'black-hole' });
    let isBack = false;
    const answer = echo(socket).then(() => {
      isBack = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isBack).toBe(false);
    await proxy.end('hole');
    await answer;
  });

  it('resets the connections that there are, and new ones at their first byte', async () => {
    const before = await open();
    await echo(before);
    const gone = once(before, 'error');
    await proxy.begin('cut', { kind: 'reset' });
    expect(((await gone) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET');
    const during = await open();
    const goneToo = once(during, 'error');
    during.write('x');
    expect(((await goneToo) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET');
    expect(await proxy.end('cut')).toMatchObject({ connections: 2, cut: 2 });
    await echo(await open());
  });

  it('refuses connections, and listens again afterwards', async () => {
    const before = await open();
    await echo(before);
    const gone = closed(before);
    await proxy.begin('down', { kind: 'refuse' });
    await gone;
    const refused = connect({ host: '127.0.0.1', port });
    expect(((await once(refused, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
    await proxy.end('down');
    await echo(await open());
  });

  it('adds up what several faults do', async () => {
    const socket = await open();
    await proxy.begin('one', { kind: 'latency', delayMs: 60, jitterMs: 0 });
    await proxy.begin('two', { kind: 'latency', delayMs: 60, jitterMs: 0 });
    expect(await echo(socket)).toBeGreaterThan(235);
    await proxy.end('one');
    expect(await echo(socket)).toBeLessThan(235);
  });

  it('resets whoever asks while the upstream is gone', async () => {
    upstream.close();
    await once(upstream, 'close');
    const socket = await open();
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });
});
