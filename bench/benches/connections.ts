// A thousand connections that are all busy: what many sockets cost beyond fifty.

import { type Bench, roundsOf } from '../bench.ts';
import { autocannon, available, wrk } from '../clients/peers.ts';
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

const connections = 1000;

export const connectionsBench: Bench = {
  name: 'connections',
  shows: 'requests per second with 1,000 busy connections',
  rounds: 3,
  seconds: 10,
  run: (work) =>
    withServer(work.processes, async (server) => {
      const load = { url: server.url, connections };
      const entries = [plimsoll, ...available([wrk, autocannon])].map((client) => ({ client, load }));
      const rows = await measureClosedLoop(entries, server, work);
      const wrkRow = rows.find((row) => row.name === wrk.name);
      return {
        setup: `${connections.toLocaleString('en')} connections to ${server.name}; ${placement}; ${roundsOf(work.settings)}`,
        columns: closedLoopColumns,
        rows: closedLoopLines(rows),
        floors: [
          atLeast({
            figure: "requests/s at 1,000 connections, of wrk's",
            limit: 0.45,
            measured: ratioOf(rows[0]!, wrkRow, rate),
          }),
        ],
        notes: closedLoopNotes(rows),
        data: { server: server.name, connections, clients: rows },
      };
    }),
};
