// Names, flags and help of `plimsoll analyze`; what it does is in ../analyze.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { AnalyzeFlags } from '../flags.ts';
import { exitCodeHelp, noColour } from './shared-options.ts';

export function defineAnalyze(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('analyze')
    .argument('<run>', 'a run directory, its run.json, or results/<suite>/latest')
    .description('compute the verdict, findings and advice of a run again from its record')
    .option('--json', 'print verdict and findings as JSON')
    .option('--report-file <file>', 'write the verdict and findings to this file as well (.txt or .json)')
    .addOption(noColour())
    .addHelpText(
      'after',
      `${exitCodeHelp}

The exit code is that of the verdict. The record is not changed.

Examples:
  plimsoll analyze results/jorge/latest
  plimsoll analyze results/monitor/latest --json`,
    )
    .action(async (run: string, flags: AnalyzeFlags) => {
      const { analyzeCommand } = await import('../analyze.ts');
      setExitCode(await analyzeCommand(run, flags));
    });
}
