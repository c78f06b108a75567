// HTTP/2 over TLS beside h2load: fifty connections with a request at a time each, one connection with fifty at a time, and
// HTTP/1.1 over TLS. The certificate is made for the occasion (P-256) and not verified.

import { type Bench, CannotMeasure, roundsOf } from '../bench.ts';
import { h2load } from '../clients/peers.ts';
import { plimsoll, plimsollInBatches } from '../clients/plimsoll.ts';
import {
  closedLoopColumns,
  closedLoopLines,
  closedLoopNotes,
  cpu,
  measureClosedLoop,
  rate,
} from '../closed-loop.ts';
import { atLeast, atMost } from '../floors.ts';
import { onPath, placement } from '../processes.ts';
import { medianOf, ratioOf } from '../rounds.ts';
import { withServer } from '../server.ts';

const connections = 50;
const streams = 50;

export const http2: Bench = {
  name: 'http2',
  shows: 'requests per second over HTTP/2, beside h2load',
  rounds: 3,
  seconds: 10,
  run: (work) =>
    withServer(work.processes, async (server) => {
      const { http2Url, tlsUrl } = server;
      if (http2Url === undefined) throw new CannotMeasure('nginx is not installed, and HTTP/2 needs it');
      if (onPath('h2load') === undefined) throw new CannotMeasure('h2load is not installed (nghttp2-client)');
      const many = { url: http2Url, connections };
      const one = { url: http2Url, connections: 1 };
      const overHttp1 = { url: tlsUrl, connections };
      const rows = await measureClosedLoop(
        [
          { name: 'plimsoll, 50 x 1', client: plimsoll, load: many },
          { name: 'h2load, 50 x 1', client: h2load(1), load: many },
          { name: 'plimsoll, 1 x 50', client: plimsollInBatches, load: one },
          { name: 'h2load, 1 x 50', client: h2load(streams), load: one },
          { name: 'plimsoll, HTTP/1.1', client: plimsoll, load: overHttp1 },
          { name: 'h2load, HTTP/1.1', client: h2load('HTTP/1.1'), load: overHttp1 },
        ],
        server,
        work,
      );
      const ofPeer = (index: number): number | undefined => ratioOf(rows[index]!, rows[index + 1], rate);
      return {
        setup: `connections x streams to ${server.name}; ${placement}; ${roundsOf(work.settings)}`,
        columns: closedLoopColumns,
        rows: closedLoopLines(rows),
        floors: [
          atLeast({
            figure: "requests/s over 50 connections, of h2load's",
            limit: 0.85,
            measured: ofPeer(0),
          }),
          atLeast({
            figure: "requests/s over one connection, of h2load's",
            limit: 0.75,
            measured: ofPeer(2),
          }),
          atLeast({
            figure: "requests/s of HTTP/1.1 over TLS, of h2load's",
            limit: 0.9,
            measured: ofPeer(4),
          }),
          atMost({
            figure: 'CPU per request over 50 connections, all processes',
            limit: 13,
            unit: 'us',
            measured: medianOf(rows[0]!, cpu),
          }),
        ],
        notes: [
          'A batch waits for its slowest answer before the next one begins; h2load sends the next request at each answer.',
          ...closedLoopNotes(rows),
        ],
        data: { server: server.name, clients: rows },
      };
    }),
};
