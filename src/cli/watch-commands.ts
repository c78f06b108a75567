// Names, flags and help of the commands that drive no load: `monitor` and `analyze`. main.ts adds them to its own.

import { type Command, Option } from 'commander';
import type { AnalyzeFlags, MonitorFlags } from './flags.ts';
import { exitCodeHelp, sendHelp } from './help-texts.ts';
import { append, seconds } from './values.ts';

export function addWatchCommands(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('monitor')
    .argument('[suite]', 'path or name of a suite, whose monitors and alerts are used')
    .description('watch a system without load, until Ctrl-C or for a time; leaves a record as a run does')
    .option('-d, --duration <time>', 'how long, e.g. 300 or 5m (default: until Ctrl-C)', seconds)
    .option(
      '-i, --interval <time>',
      'time between readings, in place of what the suite says (default: 5s)',
      seconds,
    )
    .option('-p, --profile <name>', 'profile of the suite whose monitors, alerts and thresholds join')
    .option('--process <which>', 'a process: port:8000, pid:1234 or a name; repeatable', append)
    .option('--postgres <url>', 'a PostgreSQL database; repeatable', append)
    .option('--redis <url>', 'a Redis server; repeatable', append)
    .option('--http <url>', 'a health page; repeatable', append)
    .option('--node-exporter <url>', 'another machine, by its Prometheus node exporter; repeatable', append)
    .option('--prometheus <url#metric,...>', 'metrics of a Prometheus page; repeatable', append)
    .option('--base-url <url>', 'where the target is, in place of what the suite says')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-o, --out <dir>', 'where results go', 'results')
    .option('--report-file <file>', 'write the summary to this file as well (.txt, .md, .json or .html)')
    .option('--formats <list>', 'artifacts to write: json,txt,md,html,csv,... (default: all)')
    .option('--send <kind=address>', sendHelp, append)
    .option('-q, --quiet', 'print the verdict only')
    .addOption(new Option('--no-color', 'no colours (NO_COLOR in the environment does the same)'))
    .addHelpText(
      'after',
      `${exitCodeHelp}

This machine is always watched. Thresholds of a suite are judged as far as they are on figures of monitors. Ctrl-C
keeps what was collected.

Examples:
  plimsoll monitor --duration 5m
  plimsoll monitor jorge --duration 1h --interval 5s
  plimsoll monitor --process port:8000 --postgres postgresql://127.0.0.1/shop --interval 1s
  plimsoll monitor --prometheus 'http://127.0.0.1:9000/metrics#http_requests_total,queue_length'`,
    )
    .action(async (suite: string | undefined, flags: MonitorFlags) => {
      const { monitorCommand } = await import('./monitor.ts');
      setExitCode(await monitorCommand(suite, flags));
    });

  program
    .command('analyze')
    .argument('<run>', 'a run directory, its run.json, or results/<suite>/latest')
    .description('what a record means: verdict, findings and advice, computed anew from the record alone')
    .option('--json', 'print verdict and findings as JSON')
    .option('--report-file <file>', 'write them to this file as well (.txt or .json)')
    .addOption(new Option('--no-color', 'no colours (NO_COLOR in the environment does the same)'))
    .addHelpText(
      'after',
      `${exitCodeHelp}

The exit code is that of the verdict. The record stays as it is.

Examples:
  plimsoll analyze results/jorge/latest
  plimsoll analyze results/monitor/latest --json`,
    )
    .action(async (run: string, flags: AnalyzeFlags) => {
      const { analyzeCommand } = await import('./analyze.ts');
      setExitCode(await analyzeCommand(run, flags));
    });
}
