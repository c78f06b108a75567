// `npm run plant`: does the analysis find a planted problem? Each problem gets a short real run against a shipped target whose
// knobs plant it, and the first-ranked finding must be that problem; runs without a problem must give no alarm.

import { mkdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/model/errors.ts';
import { createGuardian } from '../src/system/guardian.ts';
import { judge, type Outcome, table } from './plant/outcome.ts';
import { type Problem, problems } from './plant/problems.ts';
import { runOne } from './plant/run-one.ts';

const help = `Plants problems in the shipped targets and asks whether the analysis names each of them first.

Usage: npm run plant [-- [names...] [options]]

Problems: ${problems.map(({ name }) => name).join(', ')}; all of them without names.

Options:
  --seconds <n>   length of each load, 10 to 120 (default: 20)
  --clean <n>     runs without a problem, 0 to 24 (default: one for each problem)
  --seed <n>      seed of all runs (default: 1)
  --out <folder>  where the records go (default: results/plant)
  --help          this text

Exit code 1: more than one of 12 problems was not named first, or a run without a problem gave an alarm, which is a bottleneck
of severity warning or critical. All load goes to 127.0.0.1. All problems take about 15 minutes.
`;

interface Options {
  readonly chosen: readonly Problem[];
  readonly seconds: number;
  readonly clean: number;
  readonly seed: number;
  readonly out: string;
}

/** `undefined` for `--help`. Throws for what does not fit. */
function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '20' },
      clean: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string', default: 'results/plant' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = positionals.find((name) => !problems.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`there is no problem ${JSON.stringify(unknown)}; see --help`);
  const chosen =
    positionals.length === 0 ? problems : problems.filter(({ name }) => positionals.includes(name));
  return {
    chosen,
    seconds: whole('--seconds', values.seconds, 10, 120),
    clean: values.clean === undefined ? chosen.length : whole('--clean', values.clean, 0, 24),
    seed: whole('--seed', values.seed, 0, 2_147_483_647),
    out: values.out,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${name} must be a whole number from ${min} to ${max}, found ${JSON.stringify(text)}`);
}

/** Resolves with the exit code. */
async function plant({ chosen, seconds, clean, seed, out }: Options, signal: AbortSignal): Promise<number> {
  const guardian = await createGuardian();
  const folder = join(out, new Date().toISOString().replaceAll(/[:.]/g, '-'));
  const runs = [
    ...chosen.map((problem) => ({ problem, isPlanted: true })),
    ...Array.from({ length: clean }, (_, i) => ({ problem: chosen[i % chosen.length]!, isPlanted: false })),
  ];
  const outcomes: Outcome[] = [];
  try {
    for (const [index, run] of runs.entries()) {
      if (signal.aborted) break;
      const name = `${String(index + 1).padStart(2, '0')}-${run.problem.name}-${run.isPlanted ? 'planted' : 'clean'}`;
      const own = join(folder, name);
      mkdirSync(own, { recursive: true });
      const load = loadavg()[0]!.toFixed(1);
      process.stderr.write(`plant: ${index + 1} of ${runs.length}: ${name} (load average ${load}) ... `);
      const outcome = await runOne({ ...run, seconds, seed, folder: own, signal }, guardian).then(
        (record) => judge(run, record),
        (error: unknown): Outcome => ({ ...run, failure: messageOf(error) }),
      );
      process.stderr.write(`${outcome.failure ?? outcome.first?.title ?? 'no bottleneck'}\n`);
      outcomes.push(outcome);
    }
  } finally {
    await guardian.release();
  }
  process.stdout.write(`\n${table(outcomes)}\n`);
  const named = outcomes.filter(({ isPlanted, isRight }) => isPlanted && isRight === true).length;
  const alarms = outcomes.filter(({ isPlanted, isRight }) => !isPlanted && isRight !== true).length;
  const cores = availableParallelism();
  process.stdout.write(
    `${named} of ${chosen.length} problems named first; ${alarms} of ${clean} runs without a problem gave an alarm or failed.\n` +
      `${new Date().toISOString().slice(0, 10)}, ${seconds} s each, ${cores} cores, Node ${process.version}; records in ${folder}\n`,
  );
  if (signal.aborted) return 130;
  return chosen.length - named > Math.floor(chosen.length / 12) || alarms > 0 ? 1 : 0;
}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
try {
  const options = readOptions();
  if (options === undefined) process.stdout.write(help);
  else process.exitCode = await plant(options, interruption.signal);
} catch (error) {
  process.stderr.write(`plant: ${messageOf(error)}\n`);
  process.exitCode = 2;
}
