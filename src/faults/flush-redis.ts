// Empties one database of a Redis server. Called by fault-host-process.ts.

import type { NetConnectOpts } from 'node:net';
import tls from 'node:tls';
import { directTo } from '../network/destination.ts';
import type { Dialer } from '../network/dialer.ts';
import { namesOf } from '../network/tls-names.ts';
import { parseRedisUrl } from '../protocols/redis/redis-url.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';

/** Sends FLUSHDB. Rejects with what the server says against it. */
export async function flushRedis(dialer: Dialer, url: string, timeoutMs: number): Promise<void> {
  const { host, port, username, database, secure } = parseRedisUrl(url);
  const password = decodeURIComponent(new URL(url).password);
  const commands = [
    ...(password === '' ? [] : [['AUTH', ...(username === undefined ? [] : [username]), password]]),
    ['SELECT', String(database)],
    ['FLUSHDB'],
  ];
  const giveUp = new AbortController();
  const limit = startTimer(() => giveUp.abort(), timeoutMs);
  const options = secure
    ? { open: (wanted: NetConnectOpts) => tls.connect({ ...namesOf(host), ...wanted }) }
    : {};
  try {
    const socket = await dialer.connect(directTo(host, port), options, giveUp.signal);
    await new Promise<void>((resolve, reject) => {
      let text = '';
      const end = (error?: Error): void => {
        socket.destroy();
        if (error === undefined) resolve();
        else reject(error);
      };
      giveUp.signal.addEventListener('abort', () => end(new Error(`no answer within ${timeoutMs} ms`)));
      socket.on('error', end);
      socket.once('close', () => end(new Error('the server closed the connection')));
      socket.setEncoding('utf8');
      socket.on('data', (piece: string) => {
        text += piece;
        const refusal = /^-(.*)\r\n/m.exec(text);
        if (refusal !== null) end(new Error(refusal[1]));
        else if (text.split('\r\n').length > commands.length) end();
      });
      for (const words of commands) {
        socket.write(`*${words.length}\r\n`);
        for (const word of words) socket.write(`$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      }
    });
  } finally {
    cancelTimer(limit);
  }
}
