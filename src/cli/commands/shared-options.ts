// Flags and texts that the help of several commands shares. Called by the files beside it, one for each command.

import { type Command, Option } from 'commander';
import { exportFormats, reportFormats } from '../../report/format-names.ts';
import {
  collect,
  collectTag,
  milliseconds,
  percent,
  positive,
  positiveWhole,
  seconds,
  whole,
  workerNumber,
} from '../values.ts';

export const formatNames = reportFormats.join(',');

/** Of the files that `--export` and `--report-file` write. */
export const exportNames = `.${exportFormats.slice(0, -1).join(', .')} or .${exportFormats.at(-1)}`;

export const sendHelp =
  'send figures and alerts during the run to prometheus=PORT, prometheus-remote-write=URL, otlp=URL, influx=URL, json=FILE, webhook=URL or slack=URL; repeatable';

export const mapHelp =
  'task or endpoint that a name in a baseline file of another tool stands for: "CRM Create=contact_create"; repeatable';

/** Ends the help of each command that ends in a verdict. */
export const exitCodeHelp = `
Exit codes:
  0  verdict pass or warn          4  refused for safety (see --force)
  1  verdict fail                  5  verdict inconclusive
  2  bad usage or invalid suite    70 internal error, or run.json not written
  3  target unreachable, or setup failed
  130 interrupted (the results are still written, marked "interrupted")`;

/** Flags that change a profile's load; `run` and `inspect` share them. */
export function withOverrides(command: Command): Command {
  return command
    .option('-u, --users <count>', 'number of virtual users; overrides the profile', positiveWhole)
    .option('--ops <count>', 'iterations per user: every user runs exactly this many', positiveWhole)
    .option('-d, --duration <time>', 'length of the load, e.g. 90s or 5m; stages are scaled to fit', seconds)
    .option(
      '--compress <factor>',
      'make everything that lasts so many times shorter, e.g. 20; such a run shows no compliance',
      positive,
    )
    .option('--ramp-up <time>', 'time over which the users start', seconds)
    .option('--spawn-rate <per second>', 'users that start in a second; sets the ramp-up', positive)
    .option('--think-time <ms>', 'think time: pause between two iterations of a user', milliseconds)
    .option('--rate <per second>', 'arrival rate, for profiles with an arrival-rate executor', positive)
    .option('--pattern <name>', 'user mix: a pattern of the suite, or one of its user classes')
    .option('--base-url <url>', 'base URL of the target; overrides the suite')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-t, --tag <name=value>', 'tag for the whole run; repeatable', collectTag)
    .option(
      '-w, --workers <count>',
      'number of worker processes (default: one fewer than the number of cores)',
      workerNumber,
    )
    .option('--seed <number>', 'seed of all random choices (default: a new one each run)', whole);
}

export const withTargetHelp =
  'start the shipped target of the suite on free ports, pass on its address and variables, and stop it at the end';

/** Where the results of a load go. */
export function withArtifacts(command: Command): Command {
  return command
    .option('-o, --out <dir>', 'folder of the results', 'results')
    .option('--export <file>', `write the summary to this file as well (${exportNames})`)
    .option('--formats <list>', `result files to write: ${formatNames} (default: all)`);
}

/** How much is printed while a load runs. */
export function withProgress(command: Command): Command {
  return command
    .option('-q, --quiet', 'print the verdict only')
    .option(
      '-v, --verbose',
      "print debug messages and, if the output is not a terminal, the monitors' figures with each progress line",
    )
    .addOption(noColour());
}

/** What matters in a comparison, and what may differ. */
export function withComparison(command: Command): Command {
  return command
    .option('--min-change <percent>', 'smallest relevant change of times and rates (default: 10%)', percent)
    .option(
      '--min-failed <percent>',
      'smallest relevant change of the failure share, in percentage points (default: 0.5)',
      percent,
    )
    .option(
      '--run-noise <percent>',
      'assumed difference between equal runs, if there are too few runs to measure it (default: 5%)',
      percent,
    )
    .option(
      '--allow <difference>',
      'compare even if this differs: suite, profile, load, target, environment, settings, machine; repeatable',
      collect,
    );
}

/** Where a report of several runs goes. */
export function withPaper(command: Command): Command {
  return command
    .option('--format <name>', 'txt, md, html or json (default: the ending of --out, else txt)')
    .option('-o, --out <file>', 'write the report to this file');
}

export function noColour(): Option {
  return new Option('--no-color', 'print without colours (same as NO_COLOR in the environment)');
}
