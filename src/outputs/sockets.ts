// Sends batches of lines over UDP and TCP, to Telegraf's listeners and whatever else takes lines.

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { messageOf } from '../model/errors.ts';
import { directTo } from '../network/destination.ts';
import { Dialer } from '../network/dialer.ts';
import type { Attempt, Failure } from './delivery.ts';

const defaultPort = 8094;
/** Nothing longer can be a datagram. */
const longestDatagramBytes = 65_507;

/** The host of a URL as sockets take it: IPv6 addresses without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * One datagram per batch. It is sent when the system has taken it: nobody says whether it arrived.
 */
export function createUdpAttempt(url: URL): Attempt {
  const host = hostOf(url);
  return (batch, signal) =>
    new Promise<Failure | undefined>((resolve) => {
      if (batch.body.length > longestDatagramBytes) {
        resolve({ reason: 'a line is too long for a datagram', again: 'never' });
        return;
      }
      const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', signal });
      let ended = false;
      const end = (error: Error | null): void => {
        if (ended) return;
        ended = true;
        // Once aborted it closes itself.
        if (!signal.aborted) socket.close();
        // What the network refuses now is not kept: over UDP the next interval matters more.
        resolve(error === null ? undefined : { reason: messageOf(error), again: 'never' });
      };
      socket.on('error', end);
      socket.send(batch.body, Number(url.port || defaultPort), host, end);
    });
}

/**
 * A connection per batch, closed after its last line. The batch is sent when the receiver has closed its side without
 * an error: it has then read to the end.
 */
export function createTcpAttempt(url: URL): Attempt {
  const dialer = new Dialer();
  const destination = directTo(hostOf(url), Number(url.port || defaultPort));
  return async (batch, signal) => {
    let socket: Socket;
    try {
      socket = await dialer.connect(destination, {}, signal);
    } catch (thrown) {
      return { reason: messageOf(thrown), again: 'later' };
    }
    return delivered(socket, batch.body, signal);
  };
}

function delivered(socket: Socket, body: Uint8Array, signal: AbortSignal): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const giveUp = (): void => void socket.destroy(signal.reason as Error);
    let written = false;
    socket.on('error', (error) => resolve({ reason: messageOf(error) || 'not connected', again: 'later' }));
    socket.on('close', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(written ? undefined : { reason: 'the connection was closed too early', again: 'later' });
    });
    socket.on('end', () => {
      if (!socket.writableFinished) socket.destroy();
    });
    socket.resume();
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    socket.end(body, () => {
      written = true;
    });
  });
}
