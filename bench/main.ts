// `npm run bench`: runs the named benches one after the other, prints what each found, and keeps it.

import { CommanderError } from 'commander';
import { printError } from '../src/cli/print-error.ts';
import { exitCodes, messageOf } from '../src/model/errors.ts';
import { wallClock } from '../src/time/clock.ts';
import { type Bench, CannotMeasure } from './bench.ts';
import { connectionsBench } from './benches/connections.ts';
import { http } from './benches/http.ts';
import { http2 } from './benches/http2.ts';
import { lag } from './benches/lag.ts';
import { memory } from './benches/memory.ts';
import { monitors } from './benches/monitors.ts';
import { redis } from './benches/redis.ts';
import { sql } from './benches/sql.ts';
import { startup } from './benches/startup.ts';
import { tls } from './benches/tls.ts';
import { users } from './benches/users.ts';
import { type BenchCommand, readCommand } from './command-line.ts';
import type { Floor } from './floors.ts';
import { describeMachine, keepFindings } from './keep.ts';
import { createProcesses, type Processes } from './processes.ts';
import { renderFindings, renderFloors } from './show.ts';

const benches: readonly Bench[] = [
  http,
  tls,
  http2,
  connectionsBench,
  users,
  lag,
  startup,
  memory,
  sql,
  redis,
  monitors,
];
const quietLoad = 0.5;

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args, benches);
  const processes = await createProcesses();
  try {
    return await measure(command, processes);
  } finally {
    await processes.close();
  }
}

async function measure({ chosen, flags }: BenchCommand, processes: Processes): Promise<number> {
  const at = wallClock();
  const machine = describeMachine();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  if (machine.loadBefore > quietLoad) {
    say(
      `this machine is not quiet: its load is ${machine.loadBefore.toFixed(2)} before anything is measured`,
    );
  }
  if (machine.cores < 2) say('server and client share the only core: expect low figures');
  const floors: Floor[] = [];
  let brokenCount = 0;
  for (const bench of chosen) {
    const settings = {
      rounds: flags.rounds ?? bench.rounds,
      seconds: flags.seconds ?? bench.seconds ?? 0,
      users: flags.users,
      requests: flags.requests,
    };
    try {
      const findings = await bench.run({
        settings,
        processes,
        say: (line) => say(`${bench.name}: ${line}`),
      });
      floors.push(...findings.floors);
      console.log(`\n${renderFindings(bench, findings)}`);
      if (flags.save) console.log(`kept in ${keepFindings(bench, settings, findings, machine, at)}\n`);
    } catch (thrown) {
      if (thrown instanceof CannotMeasure) {
        say(`${bench.name}: not measured here: ${thrown.message}`);
      } else {
        brokenCount++;
        say(`${bench.name}: broke off: ${messageOf(thrown)}`);
      }
    }
  }
  if (chosen.length > 1) console.log(['', ...renderFloors(floors), ''].join('\n'));
  const missedCount = floors.filter(({ holds }) => holds === false).length;
  return brokenCount > 0 || (flags.assert && missedCount > 0) ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  // Commander has printed what it has to say.
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : exitCodes.usage;
  else process.exitCode = printError(thrown, process.stderr);
}
