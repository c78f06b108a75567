// Names, flags and help of `plimsoll monitor`; what it does is in ../monitor.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { MonitorFlags } from '../flags.ts';
import { append, seconds } from '../values.ts';
import { exitCodeHelp, noColour, sendHelp } from './shared-options.ts';

export function defineMonitor(program: Command, setExitCode: (code: number) => void): void {
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
    .addOption(noColour())
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
      const { monitorCommand } = await import('../monitor.ts');
      setExitCode(await monitorCommand(suite, flags));
    });
}
