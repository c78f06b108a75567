// An address at which nobody answers, for tests of what waits for one.

import { execFile } from 'node:child_process';
import net from 'node:net';
import { delay } from '../time/timer.ts';

/** A port of the address at which connections are neither accepted nor refused, as behind a firewall. */
export async function blackHole(host: string, atEnd: (close: () => void) => void): Promise<number> {
  // Listens, and stands still: it accepts nothing.
  const script = `
    const server = require('node:net').createServer().listen({ port: 0, host: '${host}', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = execFile(process.execPath, ['-e', script]);
  atEnd(() => child.kill('SIGKILL'));
  const port = Number(await new Promise<string>((resolve) => child.stdout!.once('data', resolve)));
  // These fill its line of waiting connections.
  for (let i = 0; i < 5; i++) {
    const filling = net.connect(port, host).on('error', () => {});
    atEnd(() => filling.destroy());
  }
  await delay(100);
  return port;
}
