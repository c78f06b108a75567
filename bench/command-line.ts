// The command line of `npm run bench`: which benches, how long, and a help that teaches.

import { Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../src/model/errors.ts';
import { nearestName } from '../src/text/nearest-name.ts';
import type { Bench } from './bench.ts';

export interface BenchFlags {
  readonly rounds?: number;
  readonly seconds?: number;
  readonly users: number;
  readonly requests: number;
  readonly save: boolean;
  readonly assert: boolean;
}

export interface BenchCommand {
  readonly chosen: readonly Bench[];
  readonly flags: BenchFlags;
}

const positiveWhole = (most: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new InvalidArgumentError(`expected a whole number from 1 to ${most}.`);
  }
  return value;
};

/**
 * Reads the arguments. Throws a `CommanderError` after it has printed help or what is wrong with a flag, and a
 * `UsageError` for a bench that is not known.
 */
export function readCommand(args: readonly string[], benches: readonly Bench[]): BenchCommand {
  const command = new Command('npm run bench --')
    .description(
      'Measures what the engine costs, beside its peers, and holds it to its floors. The server (nginx where it ' +
        'is on PATH) runs on one core, the client on another; figures are medians, ratios are of the same round.',
    )
    .argument('[names...]', 'benches to run; all of them when none is named')
    .option('--rounds <n>', 'times that each is measured, in place of its own default', positiveWhole(1000))
    .option('--seconds <n>', 'length of the load in each round, likewise', positiveWhole(3600))
    .option('--users <n>', 'virtual users of the bench users', positiveWhole(20_000), 10_000)
    .option('--requests <n>', 'requests of the longer run of memory', positiveWhole(1e9), 20_000_000)
    .option('--assert', 'exit with 1 when a floor is missed', false)
    .option('--no-save', 'do not keep the results in bench/results/')
    .addHelpText('after', `\n${helpOf(benches)}`)
    .exitOverride();
  command.parse([...args], { from: 'user' });
  return { chosen: choose(command.args, benches), flags: command.opts<BenchFlags>() };
}

function choose(names: readonly string[], benches: readonly Bench[]): readonly Bench[] {
  if (names.length === 0) return benches;
  const known = benches.map(({ name }) => name);
  return [...new Set(names)].map((name) => {
    const found = benches.find((bench) => bench.name === name);
    if (found !== undefined) return found;
    const nearest = nearestName(name, known);
    throw new UsageError(`there is no bench "${name}"`, {
      hint: nearest === undefined ? `benches: ${known.join(', ')}` : `did you mean ${nearest}?`,
    });
  });
}

function helpOf(benches: readonly Bench[]): string {
  const lines = benches.map(({ name, shows, rounds, seconds }) => {
    const length = seconds === undefined ? '' : ` of ${seconds} s`;
    return `  ${name.padEnd(12)} ${shows}; ${rounds} round${rounds === 1 ? '' : 's'}${length}`;
  });
  return `Benches:
${lines.join('\n')}

Examples:
  npm run bench                                  all of them, about 14 minutes
  npm run bench -- http tls                      two of them
  npm run bench -- http --rounds 1 --seconds 2   a quick look; start-up weighs more in so short a run
  npm run bench -- users --users 15000           floors grow in proportion
  npm run bench -- memory --requests 2000000     shorter
  npm run bench -- --assert                      exit with 1 when a floor is missed

Measure on a machine that does nothing else: the load before the start is kept with the results.
Exit codes: 0 measured, 1 a floor is missed (--assert) or a bench broke off, 2 bad usage.`;
}
