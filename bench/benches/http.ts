// Requests per second and CPU per request over plain HTTP/1.1, beside every peer that is installed.

import { type Bench, roundsOf } from '../bench.ts';
import { autocannon, available, everyPeer, wrk } from '../clients/peers.ts';
import { plimsoll } from '../clients/plimsoll.ts';
import {
  closedLoopColumns,
  closedLoopLines,
  closedLoopNotes,
  cpu,
  measureClosedLoop,
  rate,
} from '../closed-loop.ts';
import { atLeast, atMost } from '../floors.ts';
import { placement } from '../processes.ts';
import { medianOf, ratioOf } from '../rounds.ts';
import { withServer } from '../server.ts';

const connections = 50;
/** What wrk took per request on the machine, and at the time, for which the floor of 8 us was set. */
const wrkCpuUsThen = 4.9;

export const http: Bench = {
  name: 'http',
  shows: 'requests per second and CPU per request, 50 connections, beside its peers',
  rounds: 3,
  seconds: 10,
  run: (work) =>
    withServer(work.processes, async (server) => {
      const load = { url: server.url, connections };
      const entries = [plimsoll, ...available(everyPeer)].map((client) => ({ client, load }));
      const rows = await measureClosedLoop(entries, server, work);
      const [own] = rows;
      const peer = (name: string) => rows.find((row) => row.name === name);
      const wrkRow = peer(wrk.name);
      const cpuAgainstWrk = ratioOf(own!, wrkRow, cpu);
      return {
        setup: `${connections} connections to ${server.name}; ${placement}; ${roundsOf(work.settings)}`,
        columns: closedLoopColumns,
        rows: closedLoopLines(rows),
        floors: [
          atLeast({ figure: "requests/s, of wrk's", limit: 0.7, measured: ratioOf(own!, wrkRow, rate) }),
          atLeast({
            figure: "requests/s, of autocannon's",
            limit: 1.7,
            measured: ratioOf(own!, peer(autocannon.name), rate),
          }),
          atMost({
            figure: 'CPU per request, all processes',
            limit: 8,
            unit: 'us',
            measured: medianOf(own!, cpu),
          }),
        ],
        notes: [
          'CPU is that of all processes from start to end; "of workers" that of the processes that drive the load.',
          ...(wrkRow === undefined || cpuAgainstWrk === undefined
            ? []
            : [
                `CPU per request drifts with the machine: wrk took ${medianOf(wrkRow, cpu).toFixed(2)} us in these rounds, and ${wrkCpuUsThen} us where the floor of 8 us was set. At wrk's pace of then, Plimsoll's figure is ${(cpuAgainstWrk * wrkCpuUsThen).toFixed(2)} us.`,
              ]),
          ...closedLoopNotes(rows),
        ],
        data: { server: server.name, connections, clients: rows },
      };
    }),
};
