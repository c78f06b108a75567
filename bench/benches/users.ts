// Many users who mostly think: memory of all processes together, and CPU per request. k6 beside it where it is
// installed; wrk and the like have no users.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, CannotMeasure, left, right, roundsOf } from '../bench.ts';
import { k6Script, runK6 } from '../clients/peers.ts';
import { runPlimsoll } from '../clients/plimsoll.ts';
import { atMost, type Floor } from '../floors.ts';
import {
  type Memory,
  megabytes,
  memoryByRole,
  peakOf,
  type Role,
  type RoleMemory,
} from '../memory-samples.ts';
import { canReadProcesses } from '../process-tree.ts';
import { clientCore, type Finished, onPath, type Processes, placement } from '../processes.ts';
import { type Contender, inRounds, type Measured, medianOf } from '../rounds.ts';
import { withServer } from '../server.ts';

const thinkTimeSeconds = 10;
const sampleMemoryEveryMs = 250;
/** CPU is told for as many requests as the users make in this many think times. */
const requestsPerUser = 5;
/** The floors are for 10,000 users; other numbers in proportion. */
const floorUsers = 10_000;
const floorBytes = 250e6;
const floorCpuSeconds = 12;

interface UsersRound {
  readonly requests: number;
  readonly failed: number;
  readonly cpuMs: number;
  readonly peak: Memory;
  readonly byRole?: Readonly<Record<Role, RoleMemory>>;
}

interface Crowd {
  readonly url: string;
  readonly users: number;
  readonly seconds: number;
  /** Users arrive evenly over this time, since nobody's users come at once. */
  readonly rampUpSeconds: number;
}

export const users: Bench = {
  name: 'users',
  shows: 'memory and CPU of 10,000 users with own connections and 10 s think time (--users)',
  rounds: 3,
  seconds: 60,
  run(work) {
    if (!canReadProcesses) throw new CannotMeasure('memory is read from /proc/<pid>/smaps_rollup');
    return withServer(work.processes, async (server) => {
      const { rounds, seconds, users: count } = work.settings;
      const crowd = { url: server.url, users: count, seconds, rampUpSeconds: Math.min(10, seconds / 2) };
      const contenders = [plimsollUsers, ...(onPath('k6') === undefined ? [] : [k6Users])];
      const rows = await inRounds(
        contenders.map((contender) => contender(crowd, work.processes)),
        rounds,
        work.say,
      );
      const told = count * requestsPerUser;
      return {
        setup: `${count.toLocaleString('en')} users, a connection each, ${thinkTimeSeconds} s think time, arriving within ${crowd.rampUpSeconds} s; ${server.name}; ${placement}; ${roundsOf(work.settings)}`,
        columns: [
          left('client'),
          right('peak RSS'),
          right('peak PSS'),
          right('coordinator'),
          right('workers'),
          right('requests'),
          right(`CPU for ${told.toLocaleString('en')}`),
          left(''),
        ],
        rows: rows.map((row) => lineOf(row, told)),
        floors: floorsOf(rows[0]!, count, told),
        notes: [
          `Peaks are the highest sums over all processes of the client, read every ${sampleMemoryEveryMs} ms from smaps_rollup. RSS counts pages that processes share once for each of them, PSS once in all; the floor is held to RSS. Coordinator and workers: peak RSS of each kind.`,
          `CPU is that of all processes from start to end, scaled from the requests made to ${told.toLocaleString('en')}.`,
          ...rows.flatMap(failures),
        ],
        data: { server: server.name, ...crowd, thinkTimeSeconds, clients: rows },
      };
    });
  },
};

type Crowded = (crowd: Crowd, processes: Processes) => Contender<UsersRound>;

const plimsollUsers: Crowded = ({ url, users: count, seconds, rampUpSeconds }, processes) => ({
  name: 'plimsoll',
  note: 'one check per request, all built-in metrics, all reports',
  isPeer: false,
  async measure() {
    const pace = ['--think-time', `${thinkTimeSeconds}s`, '--ramp-up', `${rampUpSeconds}s`];
    const load = ['--profile', 'hello', '--users', String(count), '--duration', `${seconds}s`];
    const flags = [...load, ...pace, '--base-url', url, '--workers', '1'];
    const run = await runPlimsoll(flags, { core: clientCore, sampleMemoryEveryMs }, processes);
    return { ...roundOf(run), byRole: memoryByRole(run.memory) };
  },
});

const k6Users: Crowded = ({ url, users: count, seconds, rampUpSeconds }, processes) => ({
  name: 'k6',
  note: 'one check per request',
  isPeer: true,
  async measure() {
    const folder = processes.folder();
    const script = join(folder, 'users.js');
    const stages = `[{ duration: '${rampUpSeconds}s', target: ${count} }, { duration: '${seconds - rampUpSeconds}s', target: ${count} }]`;
    writeFileSync(script, k6Script(url, `{ stages: ${stages} }`, thinkTimeSeconds));
    return roundOf(
      await runK6(script, folder, (command) =>
        processes.finish(command, { core: clientCore, sampleMemoryEveryMs }),
      ),
    );
  },
});

function roundOf(run: Finished & { readonly requests: number; readonly failed: number }): UsersRound {
  const { requests, failed, cpuMs, memory } = run;
  return { requests, failed, cpuMs, peak: peakOf(memory) };
}

const cpuSecondsFor = (told: number) => (round: UsersRound) => (round.cpuMs / 1000 / round.requests) * told;

function lineOf(row: Measured<UsersRound>, told: number): string[] {
  const roleCell = (role: Role): string =>
    row.rounds[0]?.byRole === undefined
      ? ''
      : megabytes(medianOf(row, (round) => round.byRole![role].peakRssBytes));
  return [
    row.name,
    megabytes(medianOf(row, ({ peak }) => peak.rssBytes)),
    megabytes(medianOf(row, ({ peak }) => peak.pssBytes)),
    roleCell('coordinator'),
    roleCell('worker'),
    Math.round(medianOf(row, ({ requests }) => requests)).toLocaleString('en'),
    `${medianOf(row, cpuSecondsFor(told)).toFixed(2)} s`,
    row.note,
  ];
}

function floorsOf(own: Measured<UsersRound>, count: number, told: number): Floor[] {
  const share = count / floorUsers;
  const crowd = `${count.toLocaleString('en')} users`;
  return [
    atMost({
      figure: `resident memory of all processes, ${crowd}`,
      limit: (floorBytes / 1e6) * share,
      unit: 'MB',
      measured: medianOf(own, ({ peak }) => peak.rssBytes) / 1e6,
    }),
    atMost({
      figure: `CPU for ${told.toLocaleString('en')} requests, ${crowd}`,
      limit: floorCpuSeconds * share,
      unit: 's',
      measured: medianOf(own, cpuSecondsFor(told)),
    }),
  ];
}

function failures({ name, rounds }: Measured<UsersRound>): string[] {
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  return failed === 0
    ? []
    : [
        `${failed} requests of ${name} failed; the limit of open files (ulimit -n) may be below its connections.`,
      ];
}
