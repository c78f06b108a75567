// Names, flags and help of `plimsoll report`; what it does is in ../report.ts. Called by ../main.ts.

import type { Command } from 'commander';
import { formatNames } from './shared-options.ts';

export function defineReport(program: Command): void {
  program
    .command('report')
    .argument('<run>', 'a run directory, its run.json, or results/<suite>/latest')
    .description(
      'make the reports of a run again from its record; recover the record of a run that was killed',
    )
    .option('--formats <list>', `which: ${formatNames} (default: all)`)
    .option('-o, --out <dir>', 'folder for the reports (default: the run directory)')
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll report results/jorge/latest\n  plimsoll report results/jorge/latest --formats html,md --out /tmp/reports',
    )
    .action(async (run: string, flags: { formats?: string; out?: string }) => {
      const { runReport } = await import('../report.ts');
      const { written, text, notes } = await runReport(run, flags);
      for (const note of notes) process.stderr.write(`${note}\n`);
      process.stdout.write(`${text}\n${written.map((file) => `wrote ${file}`).join('\n')}\n`);
    });
}
