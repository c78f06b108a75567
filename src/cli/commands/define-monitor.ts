// Names, flags and help of `plimsoll monitor`; what it does is in ../monitor.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { MonitorFlags } from '../flags.ts';
import { append, seconds } from '../values.ts';
import { exitCodeHelp, exportNames, formatNames, noColour, sendHelp } from './shared-options.ts';

export function defineMonitor(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('monitor')
    .argument('[suite]', 'path or name of a suite that defines monitors and alerts')
    .description('watch a system without load, until Ctrl-C or for a given time, and write a record')
    .option('-d, --duration <time>', 'how long to watch, e.g. 300 or 5m (default: until Ctrl-C)', seconds)
    .option('-i, --interval <time>', 'time between readings; overrides the suite (default: 5s)', seconds)
    .option('-p, --profile <name>', 'profile of the suite whose monitors, alerts and thresholds are added')
    .option('--process <which>', 'process to watch: port:8000, pid:1234 or a name; repeatable', append)
    .option('--postgres <url>', 'PostgreSQL database to watch; repeatable', append)
    .option('--redis <url>', 'Redis server to watch; repeatable', append)
    .option('--http <url>', 'health page to watch; repeatable', append)
    .option(
      '--node-exporter <url>',
      'other machine to watch, through its Prometheus node exporter; repeatable',
      append,
    )
    .option('--prometheus <url#metric,...>', 'metrics of a Prometheus page to watch; repeatable', append)
    .option('--base-url <url>', 'base URL of the target; overrides the suite')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-o, --out <dir>', 'folder of the results', 'results')
    .option('--report-file <file>', `write the summary to this file as well (${exportNames})`)
    .option('--formats <list>', `result files to write: ${formatNames} (default: all)`)
    .option('--send <kind=address>', sendHelp, append)
    .option('-q, --quiet', 'print the verdict only')
    .addOption(noColour())
    .addHelpText(
      'after',
      `${exitCodeHelp}

This machine is always watched. Of a suite's thresholds, those on figures of monitors are judged. Ctrl-C ends the
watch and keeps the collected figures.

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
