// The same over TLS, against Plimsoll's own plain rate and against peers over TLS. HTTP/1.1 on both sides; the
// certificate is made for the occasion (P-256) and not verified.

import { type Bench, roundsOf } from '../bench.ts';
import { available, wrk } from '../clients/peers.ts';
import { plimsoll } from '../clients/plimsoll.ts';
import {
  closedLoopColumns,
  closedLoopLines,
  closedLoopNotes,
  measureClosedLoop,
  rate,
} from '../closed-loop.ts';
import { atLeast } from '../floors.ts';
import { placement } from '../processes.ts';
import { ratioOf } from '../rounds.ts';
import { withServer } from '../server.ts';

const connections = 50;

export const tls: Bench = {
  name: 'tls',
  shows: 'requests per second over TLS, of the plain rate and beside peers over TLS',
  rounds: 3,
  seconds: 10,
  run: (work) =>
    withServer(work.processes, async (server) => {
      const overTls = { url: server.tlsUrl, connections };
      const entries = [
        { name: 'plimsoll, TLS', client: plimsoll, load: overTls },
        { name: 'plimsoll, plain', client: plimsoll, load: { url: server.url, connections } },
        ...available([wrk]).map((client) => ({
          name: `${client.name}, TLS`,
          client,
          load: overTls,
        })),
      ];
      const rows = await measureClosedLoop(entries, server, work);
      return {
        setup: `${connections} connections to ${server.name}; ${placement}; ${roundsOf(work.settings)}`,
        columns: closedLoopColumns,
        rows: closedLoopLines(rows),
        floors: [
          atLeast({
            figure: 'requests/s over TLS, of the plain rate',
            limit: 0.6,
            measured: ratioOf(rows[0]!, rows[1], rate),
          }),
        ],
        notes: [
          'A server that is 100 % busy bounds the rate, and then the ratio says more about it than about the client.',
          ...closedLoopNotes(rows),
        ],
        data: { server: server.name, connections, clients: rows },
      };
    }),
};
