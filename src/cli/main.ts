// The command line: runs the command that was asked for and ends with its exit code. What each command is called and
// takes is in commands/; its work is in a file of its own, loaded when called.

import { Command, CommanderError } from 'commander';
import { knownSecrets } from '../masking/known-secrets.ts';
import { exitCodes } from '../model/errors.ts';
import { packageVersion } from '../model/version.ts';
import { startTimer } from '../time/timer.ts';
import { defineAnalyze } from './commands/define-analyze.ts';
import { defineBaseline } from './commands/define-baseline.ts';
import { defineCapacity } from './commands/define-capacity.ts';
import { defineCompare } from './commands/define-compare.ts';
import { defineDoctor } from './commands/define-doctor.ts';
import { defineExplain } from './commands/define-explain.ts';
import { defineHistory } from './commands/define-history.ts';
import { defineInspect } from './commands/define-inspect.ts';
import { defineList } from './commands/define-list.ts';
import { defineMonitor } from './commands/define-monitor.ts';
import { defineReport } from './commands/define-report.ts';
import { defineRun } from './commands/define-run.ts';
import { defineSchedule } from './commands/define-schedule.ts';
import { defineTarget } from './commands/define-target.ts';
import { exitCodeHelp } from './commands/shared-options.ts';
import { guardExit } from './exit-guard.ts';
import { printError } from './print-error.ts';

const lingerMs = 200;

/** In the order of the help. A new command is a file beside the others and a line here. */
const commands: readonly ((program: Command, setExitCode: (code: number) => void) => void)[] = [
  defineRun,
  defineCapacity,
  defineExplain,
  defineList,
  defineInspect,
  defineSchedule,
  defineReport,
  defineCompare,
  defineBaseline,
  defineHistory,
  defineMonitor,
  defineAnalyze,
  defineDoctor,
  defineTarget,
];

function buildProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('plimsoll')
    .description('Load testing that ends in a verdict: how much can this system safely carry?')
    .version(packageVersion, '-v, --version')
    // So that -v after a command is the command's.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options and examples)')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `${exitCodeHelp}

Examples:
  plimsoll target jorge                       start a reference system to experiment with
  plimsoll run jorge --profile smoke          load it and print a verdict
  plimsoll run ./shop.suite.ts -p peak -d 2m  run the peak profile of your own suite for two minutes
  plimsoll inspect jorge --profile normal     show the plan without sending anything
`,
    );

  for (const define of commands) define(program, setExitCode);
  for (const command of withCommands(program)) command.exitOverride();
  return program;
}

/** A command with all below it, as deep as they go. */
function withCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withCommands)];
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
