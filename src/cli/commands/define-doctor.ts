// Names, flags and help of `plimsoll doctor`; what it does is in ../doctor.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { DoctorFlags } from '../flags.ts';
import { collect, positive, workerNumber } from '../values.ts';
import { noColour, withTargetHelp } from './shared-options.ts';

export function defineDoctor(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('doctor')
    .argument('[suite]', 'path or name of the suite to be run; without it the machine alone is looked at')
    .description('look at everything that a run needs, without load on the target; each line has its remedy')
    .option('-p, --profile <name>', 'profile to be run; repeatable; a part of the name is enough', collect)
    .option('--all', 'every profile')
    .option('-m, --marker <expression>', 'the profiles with these markers: "load and not slow"')
    .option('--rate <per second>', 'arrival rate to be used', positive)
    .option('--base-url <url>', 'base URL of the target; overrides the suite')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-w, --workers <count>', 'number of worker processes, as for run', workerNumber)
    .option('--with-target', withTargetHelp)
    .option('--force', 'look at the target even if it looks like production')
    .option('-o, --out <dir>', 'folder where the results would go', 'results')
    .option('--json', 'print the lines as JSON')
    .addOption(noColour())
    .addHelpText(
      'after',
      `
Looks at cores, memory, open files, local ports, disk and clock; at the suite, its variables, whether its target may be loaded
and answers, its database and Redis, and its monitors; and measures for a second how much load this machine can make.

Exit codes:
  0  a run can work                2  the suite, a variable or the folder of results is wrong
  3  something does not answer     4  the target may not be loaded (see --force)

Examples:
  plimsoll doctor
  plimsoll doctor jorge --profile peak --base-url http://127.0.0.1:9000
  plimsoll doctor members --all --with-target`,
    )
    .action(async (suite: string | undefined, flags: DoctorFlags) => {
      const { doctorCommand } = await import('../doctor.ts');
      setExitCode(await doctorCommand(suite, flags));
    });
}
