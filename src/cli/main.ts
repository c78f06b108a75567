// The command line: names, flags and help. Each command's work is in a file of its own, loaded when called.

import { Command, CommanderError, Option } from 'commander';
import { knownSecrets } from '../masking/known-secrets.ts';
import { exitCodes } from '../model/errors.ts';
import { packageVersion } from '../model/version.ts';
import { startTimer } from '../time/timer.ts';
import { guardExit } from './exit-guard.ts';
import { type CapacityFlags, type LoadFlags, overridesOf, type RunFlags, workerCount } from './flags.ts';
import { exitCodeHelp, sendHelp } from './help-texts.ts';
import { printError } from './print-error.ts';
import {
  append,
  collect,
  collectTag,
  milliseconds,
  percent,
  positive,
  positiveWhole,
  roundNumber,
  seconds,
  whole,
  workerNumber,
} from './values.ts';
import { addWatchCommands } from './watch-commands.ts';

const lingerMs = 200;

/** Flags that change a profile's load; `run` and `inspect` share them. */
function withOverrides(command: Command): Command {
  return command
    .option('-u, --users <count>', 'virtual users, in place of those of the profile', positiveWhole)
    .option('--ops <count>', 'iterations per user: every user does exactly this many', positiveWhole)
    .option('-d, --duration <time>', 'length of the load, e.g. 90s or 5m; stages are scaled to fit', seconds)
    .option('--ramp-up <time>', 'time over which the users start', seconds)
    .option('--think-time <ms>', 'wait between iterations of one user', milliseconds)
    .option('--rate <per second>', 'arrival rate, for profiles with an arrival-rate executor', positive)
    .option('--pattern <name>', 'who drives the load: a pattern of the suite, or one of its users')
    .option('--base-url <url>', 'where the target is, in place of what the suite says')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-t, --tag <name=value>', 'tag for the whole run; repeatable', collectTag)
    .option(
      '-w, --workers <count>',
      'worker processes (default: one less than there are cores)',
      workerNumber,
    )
    .option('--seed <number>', 'seed of all random choices (default: a new one each run)', whole);
}

function buildProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('plimsoll')
    .description('Load testing that ends in a verdict: how much can this system safely carry?')
    .version(packageVersion, '-v, --version')
    .showHelpAfterError('(add --help for the options and examples)')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `${exitCodeHelp}

Examples:
  plimsoll target jorge                       start a reference system to try things on
  plimsoll run jorge --profile smoke          load it, and print a verdict
  plimsoll run ./shop.suite.ts -p peak -d 2m  your own suite, two minutes of its peak profile
  plimsoll inspect jorge --profile normal     what would happen, without any load
`,
    );

  withOverrides(
    program
      .command('run')
      .argument('<suite>', 'path of a suite file or folder, or the name of a shipped suite')
      .description('run profiles of a suite, write the artifacts, print the summary and the verdict')
      .option('-p, --profile <name>', 'profile to run; repeatable, and a part of the name will do', collect)
      .option('--all', 'run every profile, one after the other'),
  )
    .option('--quick', 'short for --profile quick')
    .option('--stress', 'short for --profile stress')
    .option('--repeat <count>', 'run each profile this often', roundNumber)
    .option('--dry-run', 'print the plan and stop')
    .option('--force', 'load the target even when it looks like production')
    .option('--skip-cleanup', 'keep what the run writes into the target, where the suite would remove it')
    .option('--abort-on-fail', 'end the run as soon as a threshold that fails it is broken')
    .option('-o, --out <dir>', 'where results go', 'results')
    .option('--export <file>', 'write the summary to this file as well (.txt, .md, .json or .html)')
    .option(
      '--formats <list>',
      'artifacts to write: json,txt,md,html,csv,junit,executive,db-test (default: all)',
    )
    .option('--send <kind=address>', sendHelp, append)
    .option('-q, --quiet', 'print the verdict only')
    .option('--verbose', 'without a terminal: what monitors see, each time the progress is told')
    .addOption(new Option('--no-color', 'no colours (NO_COLOR in the environment does the same)'))
    .addHelpText(
      'after',
      `${exitCodeHelp}

Examples:
  plimsoll run jorge --profile smoke --duration 20s
  plimsoll run jorge --profile normal,peak --base-url http://127.0.0.1:9000
  plimsoll run ./suite.ts --users 50 --ops 100 --think-time 100
  plimsoll run ./suite.yaml --profile rush --rate 200 --abort-on-fail
  plimsoll run jorge --profile stress --dry-run
  plimsoll run jorge --profile normal --send prometheus=9464 --send slack=https://hooks.slack.com/services/...

Ctrl-C once lets running iterations finish for up to five seconds; twice cuts them off. Either way the
artifacts are written.`,
    )
    .action(async (suite: string, flags: RunFlags) => {
      const { runCommand } = await import('./run.ts');
      setExitCode(await runCommand(suite, flags));
    });

  program
    .command('capacity')
    .argument('<suite>', 'path of a suite file or folder, or the name of a shipped suite')
    .description('search for the highest load that still meets the objectives of a profile')
    .option(
      '-p, --profile <name>',
      'whose users, mix and thresholds are used (default: capacity, else normal, else the only one)',
    )
    .addOption(
      new Option('--unit <unit>', 'what is raised (default: what the profile uses)').choices([
        'users',
        'rate',
      ]),
    )
    .option('--from <load>', 'first load: users, or iterations per second', positive, 10)
    .option('--to <load>', 'highest load that may be tried', positive, 100_000)
    .addOption(
      new Option('--step-duration <time>', 'length of each step, its first quarter to warm up')
        .argParser(seconds)
        .default(20_000, '20s'),
    )
    .addOption(
      new Option('--precision <percent>', 'how close to the limit, in percent of the load')
        .argParser(percent)
        .default(0.05, '5%'),
    )
    .option('--think-time <ms>', 'wait between iterations of one user', milliseconds)
    .option('--base-url <url>', 'where the target is, in place of what the suite says')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-t, --tag <name=value>', 'tag for the whole search; repeatable', collectTag)
    .option(
      '-w, --workers <count>',
      'worker processes (default: one less than there are cores)',
      workerNumber,
    )
    .option('--seed <number>', 'seed of all random choices (default: a new one each time)', whole)
    .option('--force', 'load the target even when it looks like production')
    .option('-o, --out <dir>', 'where results go', 'results')
    .option('--export <file>', 'write the summary to this file as well (.txt, .md, .json or .html)')
    .option(
      '--formats <list>',
      'artifacts to write: json,txt,md,html,csv,junit,executive,db-test (default: all)',
    )
    .option('-q, --quiet', 'print the verdict only')
    .option('--verbose', 'without a terminal: what monitors see, each time the progress is told')
    .addOption(new Option('--no-color', 'no colours (NO_COLOR in the environment does the same)'))
    .addHelpText(
      'after',
      `${exitCodeHelp}

The load doubles until a critical threshold breaks, then the gap is halved until it is within the precision, and
the load found is confirmed. A step whose two halves disagree is repeated once. "Inconclusive" means that the
load generator, not the target, was at its limit.

Examples:
  plimsoll capacity jorge
  plimsoll capacity ./suite.ts --profile peak --unit users --from 50 --to 2000
  plimsoll capacity ./suite.ts --unit rate --step-duration 10s --precision 2%`,
    )
    .action(async (suite: string, flags: CapacityFlags) => {
      const { capacityCommand } = await import('./capacity.ts');
      setExitCode(await capacityCommand(suite, flags));
    });

  program
    .command('list')
    .argument('[suite]', 'path or name of one suite')
    .description('the shipped suites and their profiles, or the profiles of one suite')
    .addHelpText('after', '\nExamples:\n  plimsoll list\n  plimsoll list ./suite.ts')
    .action(async (suite: string | undefined) => {
      const { listSuites } = await import('./list.ts');
      process.stdout.write(`${await listSuites(suite)}\n`);
    });

  withOverrides(
    program
      .command('inspect')
      .argument('<suite>', 'path or name of the suite')
      .description('the resolved plan of a profile: what would happen, without any load')
      .option(
        '-p, --profile <name>',
        'profile to show; repeatable, and a part of the name will do (default: all)',
        collect,
      )
      .option('--json', 'print the plan as JSON'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll inspect jorge --profile peak\n  plimsoll inspect ./suite.ts -p rush --rate 500 --json',
    )
    .action(async (suite: string, flags: LoadFlags & { profile?: string[]; json?: boolean }) => {
      const { inspectSuite } = await import('./inspect.ts');
      const { profile, env, seed, json } = flags;
      const options = { ...overridesOf(flags), profile, env, seed, json, workers: workerCount(flags) };
      process.stdout.write(`${await inspectSuite(suite, options)}\n`);
    });

  program
    .command('report')
    .argument('<run>', 'a run directory, its run.json, or results/<suite>/latest')
    .description(
      'make the reports of a run again, from its record alone; recover the record of a run that was killed',
    )
    .option('--formats <list>', 'which: json,txt,md,html,csv,junit,executive,db-test (default: all)')
    .option('-o, --out <dir>', 'where to write them (default: the run directory)')
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll report results/jorge/latest\n  plimsoll report results/jorge/latest --formats html,md --out /tmp/reports',
    )
    .action(async (run: string, flags: { formats?: string; out?: string }) => {
      const { runReport } = await import('./report.ts');
      const { written, text, notes } = await runReport(run, flags);
      for (const note of notes) process.stderr.write(`${note}\n`);
      process.stdout.write(`${text}\n${written.map((file) => `wrote ${file}`).join('\n')}\n`);
    });

  addWatchCommands(program, setExitCode);

  program
    .command('target')
    .argument('<system>', 'name of the reference system, e.g. jorge')
    .description('start a reference system to load, with the real parts it needs; Ctrl-C stops all of it')
    .option('--port <port>', 'port to listen on; 0 takes a free one (default: 8000)', whole)
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option(
      '--database-url <url>',
      'PostgreSQL to use (default: DATABASE_URL, or one started for the purpose)',
    )
    .option('--json', 'print one line of JSON with the URL when ready')
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll target jorge\n  plimsoll target jorge --port 0 --json\n  plimsoll target members',
    )
    .action(
      async (
        system: string,
        flags: { port?: number; host?: string; databaseUrl?: string; json?: boolean },
      ) => {
        const { runTarget } = await import('./target.ts');
        await runTarget(system, flags);
      },
    );

  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

async function main(): Promise<void> {
  let exitCode: number = exitCodes.pass;
  const guard = guardExit();
  learnCommandLine();
  try {
    await buildProgram((code) => {
      exitCode = code;
    }).parseAsync();
  } catch (thrown) {
    if (thrown instanceof CommanderError) exitCode = thrown.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    else exitCode = printError(thrown, process.stderr);
  }
  process.exitCode = exitCode;
  guard.done();
  process.stdout.write('', () => process.stderr.write('', leaveSoon));
}

/** Flags carry URLs and tags, and messages repeat them. */
function learnCommandLine(): void {
  knownSecrets.learnEnvironment(process.env);
  for (const argument of process.argv.slice(2)) {
    knownSecrets.learnUrl(argument.slice(argument.search(/[a-z][a-z\d+.-]*:\/\//i)));
  }
}

/** What a suite left open, a timer or a pool of connections, must not keep the process from ending. */
function leaveSoon(): void {
  startTimer(() => process.exit(), lingerMs).unref();
}

/** A reader that has gone, as with `| head`, or a full disk behind `> file`: no reason to lose the run. */
function ignoreLostOutput(error: NodeJS.ErrnoException): void {
  if (!['EPIPE', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(error.code ?? '')) throw error;
}
process.stdout.on('error', ignoreLostOutput);
process.stderr.on('error', ignoreLostOutput);

await main();
