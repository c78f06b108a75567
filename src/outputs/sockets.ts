// Sends batches of lines over UDP and TCP, to Telegraf's listeners and whatever else takes lines.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { messageOf } from '../model/errors.ts';
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
  return (batch, signal) =>
    new Promise<Failure | undefined>((resolve) => {
      const socket = connect({ host: hostOf(url), port: Number(url.port || defaultPort), signal });
      let written = false;
      socket.on('error', (error) => resolve({ reason: messageOf(error) || 'not connected', again: 'later' }));
      socket.on('close', () =>
        resolve(written ? undefined : { reason: 'the connection was closed too early', again: 'later' }),
      );
      socket.on('end', () => {
        if (!socket.writableFinished) socket.destroy();
      });
      socket.resume();
      socket.end(batch.body, () => {
        written = true;
      });
    });
}
