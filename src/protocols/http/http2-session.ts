// Node's HTTP/2 session on a socket, and how much it lets the server send. Called by http2-connection.ts.

import type { ClientHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Origin } from './target.ts';

/** What k6's client grants: 4 MB for each response, and for all together more than they can use. */
const streamWindowBytes = 4 * 1024 * 1024;
const sessionWindowBytes = 2 ** 30;
/** As for HTTP/1.1: a longer head is no answer. */
const maxHeadBytes = 64 * 1024;
/** Lines of a head; the limit on its bytes is the one that counts. */
const maxHeadLines = 4096;
const maxSessionMegabytes = 256;

/** A session on a socket on which HTTP/2 was agreed, or is known to be spoken. */
export function openHttp2Session({ secure, hostHeader }: Origin, socket: Duplex): ClientHttp2Session {
  // Loaded when it is first needed: the module takes longer to load than a worker has to spare.
  return process.getBuiltinModule('node:http2').connect(`${secure ? 'https' : 'http'}://${hostHeader}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes, maxHeaderListSize: maxHeadBytes },
    maxHeaderListPairs: maxHeadLines,
    maxSessionMemory: maxSessionMegabytes,
  });
}

/** Grants the whole window of a session that is connected. */
export function widenWindow(session: ClientHttp2Session): void {
  session.setLocalWindowSize(sessionWindowBytes);
}
